"""Features: what a layer of a model gives out, for one batch or for a whole data set.

A layer is called by its name, as in ``activations``; ``layer_shapes`` lists the names in the order in which
the layers run, and ``extract`` gathers the outputs of one of them:

    >>> model = nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 28 * 28, 10))
    >>> images = torch.rand(4, 3, 32, 32)
    >>> layer_shapes(model, images)["0"]
    (4, 8, 28, 28)
    >>> extract(model, "2", images.split(2)).shape
    torch.Size([4, 6272])

Both are built on ``observe``, one forward pass with a look at one layer, as are ``top_activations`` and
``occlusion``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from labkit.methods.activations import evaluating, watch

#: Inputs (N, ...), alone or first in a tuple or list with the labels and whatever else.
Batch = Tensor | Sequence[Any]

Seen = TypeVar("Seen")


def device_of(model: nn.Module) -> torch.device:
    """Where the model's first parameter is; the CPU for a model that has none."""
    return next((parameter.device for parameter in model.parameters()), torch.device("cpu"))


@torch.no_grad()
def observe(model: nn.Module, layer: str, inputs: Tensor, look: Callable[[Tensor], Seen]) -> Seen:
    """Run the model once, in eval mode and without gradients, and look at what a layer gives out.

    Args:
        model: any PyTorch model. It gets its train and eval modes back.
        layer: its name in ``model.named_modules()``; "" is the model itself.
        inputs: (N, ...); they are taken to the model's device.
        look: function of the layer's output, (N, ...), called as soon as it is there. What it returns must
            not share the output's memory, which the layers that follow may write into.

    Returns:
        what ``look`` returned, the last time if the layer runs several times in a pass.

    Raises:
        ValueError: an unknown layer, one that does not run, or one whose output is not one row per input.
        TypeError: a layer that gives out something else than one tensor.
    """
    seen: list[Seen] = []

    def checked(output: Tensor) -> None:
        if output.shape[:1] != inputs.shape[:1]:
            raise ValueError(
                f"got outputs of shape {tuple(output.shape)} from layer {layer!r} for {len(inputs)} inputs; "
                f"wanted a layer whose output has one row per input, (N, ...)."
            )
        seen.append(look(output))

    with evaluating(model), watch(model, {layer: checked}):
        model(inputs.to(device_of(model)))
    if not seen:
        raise ValueError(f"got layer {layer!r}, which did not run; wanted a layer that model(inputs) calls.")
    return seen[-1]


def inputs_of(batches: Iterable[Batch]) -> Iterator[Tensor]:
    """The inputs (N, ...) of each batch.

    Raises:
        ValueError: one tensor in place of the batches: its rows would be taken for batches.
        TypeError: a batch that is neither a tensor nor a tuple or list that starts with one.
    """
    if isinstance(batches, Tensor):
        raise ValueError(
            f"got one tensor of shape {tuple(batches.shape)}; wanted batches. Split it, inputs.split(100), or "
            f"put a single batch into a list, [inputs]."
        )
    for batch in batches:
        inputs = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
        if not isinstance(inputs, Tensor):
            raise TypeError(f"got a batch with {type(inputs).__name__} as its inputs; wanted a tensor, (N, ...).")
        yield inputs


@torch.no_grad()
def layer_shapes(model: nn.Module, example: Tensor) -> dict[str, tuple[int, ...]]:
    """The shape of each layer's output, in the order in which the layers run.

    Args:
        model: any PyTorch model. It runs in eval mode and gets its modes back.
        example: a batch of inputs, (N, ...); one is enough.

    Returns:
        layer name -> shape of its output, with N in front. A block of layers stands behind the layers inside
        it, and the model itself, "", comes last. Layers that give out something else than one tensor are
        left out; of a layer that runs several times the last run counts.
    """
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        shapes.pop(name, None)  # so that the keys stand in the order of running
        if isinstance(output, Tensor):
            shapes[name] = tuple(output.shape)

    with ExitStack() as hooks, evaluating(model):
        for name, module in model.named_modules():
            hooks.enter_context(module.register_forward_hook(partial(note, name)))
        model(example.to(device_of(model)))
    return shapes


def extract(model: nn.Module, layer: str, batches: Iterable[Batch]) -> Tensor:
    """The outputs of one layer for all inputs.

    They are all kept, 4 bytes a number: of 10,000 images a layer of 128 units takes 5 MB and a first
    convolution of 32 maps of 32 x 32 takes 1.3 GB. Where the largest are enough, see ``top_activations``.

    Args:
        model: any PyTorch model. It runs in eval mode and gets its modes back.
        layer: its name, as ``layer_shapes`` lists them; "" is the model itself.
        batches: inputs (N, ...), or tuples that start with them; any iterable, read once.

    Returns:
        (N of all batches, ...), without gradient, on the CPU.

    Raises:
        ValueError: as ``observe``; or no batches.
        TypeError: as ``observe``.
    """
    outputs = [
        observe(model, layer, inputs, lambda output: output.to("cpu", copy=True)) for inputs in inputs_of(batches)
    ]
    if not outputs:
        raise ValueError("got no batches; wanted at least one. Was an iterator used up before?")
    return torch.cat(outputs)
