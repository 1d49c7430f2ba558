"""Networks as files: weights in safetensors, hyper-parameters as JSON in the same file.

No pickle is involved, so opening a stranger's file runs no code. The architecture stands in the code and is
found by its name.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from labkit.files import replacing
from labkit.models.cifar_cnn import CifarCNN
from labkit.models.digits import MLP, LeNet5
from labkit.models.shipped import shipped
from labkit.models.text_cnn import TextCNN

#: Architectures, by the name that stands in a file.
ARCHITECTURES: dict[str, Callable[..., nn.Module]] = {
    "cifar_cnn": CifarCNN,
    "digits_lenet5": LeNet5,
    "digits_mlp": MLP,
    "text_cnn": TextCNN,
}


def create(architecture: str, **hyper: Any) -> nn.Module:
    """A network with fresh weights, by name.

    Example:
        >>> create("text_cnn", vocabulary_size=8000, filters={1: 10, 2: 7, 3: 3}).hyper["k_max"]
        1

    Raises:
        ValueError: no architecture of this name.
    """
    if architecture not in ARCHITECTURES:
        raise ValueError(f"got architecture {architecture!r}; wanted one of {', '.join(sorted(ARCHITECTURES))}.")
    return ARCHITECTURES[architecture](**hyper)


def save(
    model: nn.Module,
    path: str | Path,
    *,
    overwrite: bool = False,
    dtype: torch.dtype = torch.float32,
    **notes: Any,
) -> Path:
    """Write a network: weights, architecture, hyper-parameters, notes.

    Args:
        model: one of ``ARCHITECTURES``, with its ``hyper``.
        path: where to; by custom it ends in ``.safetensors``.
        overwrite: without it a file that stands there is left alone.
        dtype: of the stored weights; float16 halves the file and rounds to about three digits.
        **notes: anything JSON can hold, such as ``test_accuracy=0.77``.

    Raises:
        FileExistsError: the file is there and ``overwrite`` is False.
        TypeError: not one of the architectures.
    """
    path = Path(path)
    names = [name for name, kind in ARCHITECTURES.items() if type(model) is kind]
    if not names:
        raise TypeError(f"got a {type(model).__name__}; wanted one of {', '.join(sorted(ARCHITECTURES))}.")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists and was left as it is: pick another name, or say overwrite=True.")
    description = {"architecture": names[0], "hyper": model.hyper, "notes": notes}
    tensors = {name: t.detach().to("cpu", dtype).contiguous() for name, t in model.state_dict().items()}
    with replacing(path) as unfinished:
        # Keys stay unsorted: the head knows the filters by their place, which is the order of the widths.
        save_file(tensors, unfinished, metadata={"labkit": json.dumps(description)})
    return path


def load(path: str | Path, device: str | torch.device = "cpu") -> nn.Module:
    """Read a network that ``save`` wrote, in eval mode, float32.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no safetensors file, or one without a network's description.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"no checkpoint at {path}; wanted a file written by labkit.models.save.")
    description = describe(path)
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    model = create(description["architecture"], **description["hyper"])
    model.load_state_dict(tensors)
    return model.to(device).eval()


def describe(path: str | Path) -> dict[str, Any]:
    """Architecture, hyper-parameters and notes of a checkpoint, without its weights."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(
            f"{path} is no safetensors file ({error}). A checkpoint of the original course (.pt) is read by "
            "labkit.models.original_course.load, a PyTorch state_dict by torch.load(..., weights_only=True)."
        ) from error
    if "labkit" not in metadata:
        raise ValueError(f"{path} holds tensors but no description of a network; wanted one by labkit.models.save.")
    return json.loads(metadata["labkit"])


def ready(name: str, device: str | torch.device = "cpu") -> nn.Module:
    """A shipped network, trained by a script in ``data/``.

    Example:
        >>> ready("text_cnn_20_filters").filters
        {1: 10, 2: 7, 3: 3}

    Raises:
        ValueError: no shipped network of this name, or its file is not as published.
    """
    return load(shipped(name, ".safetensors"), device)


def untrained_twin(name: str, device: str | torch.device = "cpu") -> nn.Module:
    """The network that the training of a shipped one set out from, in eval mode.

    It is drawn anew with the seed that the checkpoint notes; the caller's random numbers go on as if nothing
    had been drawn. What it shows too is no finding about learning.

    Raises:
        ValueError: as for ``ready``.
    """
    description = describe(shipped(name, ".safetensors"))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(description["notes"]["seed"])
        model = create(description["architecture"], **description["hyper"])
    return model.to(device).eval()
