"""The one training loop of the PyTorch labs: seeded, stopping early, and resumable after a kill.

Every epoch starts from a seed of its own, made of the run's seed and the epoch's number. So an epoch never
depends on how many random numbers earlier ones drew, and a run that was killed and taken up again at its
last finished epoch ends with the same weights as one that was left in peace.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm  # not tqdm.auto, which warns where widgets are missing

from labkit import settings
from labkit.files import replacing
from labkit.methods.activations import evaluating

# More epochs than any run here has, so that no two (seed, epoch) pairs share a seed.
EPOCH_STRIDE = 100_003


@dataclass
class History:
    """What a training run went through.

    Attributes:
        loss: mean training loss of each epoch.
        validation: validation score of each epoch, higher is better.
    """

    loss: list[float] = field(default_factory=list)
    validation: list[float] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """Index of the epoch whose weights the model ends with: the first of those with the best score."""
        return self.validation.index(max(self.validation))


def seed_everything(seed: int) -> None:
    """Seed PyTorch on every device. Data orders have seeds of their own."""
    torch.manual_seed(seed)


def accuracy(model: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> float:
    """The share of texts or images whose class the model tells right, in [0, 1].

    Args:
        model: one logit (N,) for two classes, told apart at 0, or one per class (N, C); measured in eval mode
            and left in the mode it came in.
        batches: (inputs, targets); targets (N,).

    Raises:
        ValueError: logits of another shape, or no batch at all.
    """
    right = seen = 0
    with evaluating(model), torch.no_grad():
        for inputs, targets in batches:
            logits = model(inputs)
            if logits.ndim > 2 or logits.shape[1:] == (1,):  # one column is its own maximum: always class 0
                raise ValueError(f"got logits of shape {tuple(logits.shape)}; wanted (N,), or (N, C) with C > 1.")
            told = logits > 0 if logits.ndim == 1 else logits.argmax(dim=1)
            right += int((told == targets).sum())
            seen += len(targets)
    if not seen:
        raise ValueError("got no batch to measure on; wanted at least one.")
    return right / seen


def fit(
    model: nn.Module,
    batches: Callable[[int], Iterable[tuple[Tensor, Tensor]]],
    loss: Callable[[Tensor, Tensor], Tensor],
    validate: Callable[[nn.Module], float],
    *,
    epochs: int,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    seed: int = 0,
    patience: int = 2,
    path: str | Path | None = None,
    **hyper: Any,
) -> History:
    """Train a model in place; it ends with the weights of its best epoch, in training mode.

    Args:
        model: trained where it stands; only parameters that require gradients are given to the optimizer.
        batches: epoch -> (inputs, targets) pairs on the model's device, in an order of that epoch's own.
        loss: (outputs, targets) -> scalar.
        validate: model -> score on data that is neither trained nor tested on; higher is better.
        epochs: at most so many, counted from the run's first; a run that has had more is given back as it is.
        optimizer: called with the parameters and ``hyper``.
        seed: of the run; equal seeds give equal weights on the same device.
        patience: stop after so many epochs without a better score.
        path: a file (.safetensors) kept up to date after each epoch; if it stands there already, the run
            is taken up where it ended. Data and loss are not in it: give a run on other data another name.
        **hyper: the optimizer's settings, such as ``lr=1e-3``.

    Returns:
        The history, of the epochs before a resume too.

    Raises:
        ValueError: the file at ``path`` belongs to a run with other settings, or holds no run; it is left
            alone. Or the model has nothing to train.
    """
    trainable = [p for p in model.parameters() if p.requires_grad]
    if not trainable:
        raise ValueError("got a model none of whose parameters requires a gradient; wanted one to train.")
    steps = optimizer(trainable, **hyper)
    shapes = {name: list(tensor.shape) for name, tensor in model.state_dict().items()}
    settings_of_run = {"seed": seed, "optimizer": optimizer.__name__, "hyper": hyper, "model": shapes}
    path = Path(path) if path is not None else None
    history, best = History(), _copy(model.state_dict())
    if path is not None and path.exists():
        history, best = _resume(path, model, steps, settings_of_run)
    finished = len(history.loss) >= epochs or _out_of_patience(history, patience)
    if finished and history.loss and not settings.quiet():
        print(f"already trained, epochs: {len(history.loss)} ({path}; delete this file to start again)")  # noqa: T201
    left = range(len(history.loss), epochs)
    bar = tqdm(left, desc="training", unit="epoch", disable=settings.quiet() or finished)
    for epoch in bar:
        if _out_of_patience(history, patience):
            break
        seed_everything(seed * EPOCH_STRIDE + epoch)
        history.loss.append(_one_epoch(model, batches(epoch), loss, steps))
        with evaluating(model):
            history.validation.append(validate(model))
        if history.best_epoch == epoch:
            best = _copy(model.state_dict())
        bar.set_postfix(loss=f"{history.loss[-1]:.3f}", validation=f"{history.validation[-1]:.3f}")
        if path is not None:
            _save(path, model, best, steps, history, settings_of_run)
    model.load_state_dict(best)
    model.train()
    return history


def _one_epoch(
    model: nn.Module,
    batches: Iterable[tuple[Tensor, Tensor]],
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: torch.optim.Optimizer,
) -> float:
    model.train()
    total, seen = 0.0, 0
    for inputs, targets in batches:
        optimizer.zero_grad()  # every batch: else gradients of all batches so far pile up
        value = loss(model(inputs), targets)
        value.backward()
        optimizer.step()
        total += value.item() * len(targets)  # .item(): a kept tensor would keep its whole graph
        seen += len(targets)
    if not seen:
        raise ValueError("got no batch to train on; wanted at least one in every epoch.")
    return total / seen


def _out_of_patience(history: History, patience: int) -> bool:
    return bool(history.validation) and len(history.validation) - 1 - history.best_epoch >= patience


def _copy(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in state.items()}


def _save(
    path: Path,
    model: nn.Module,
    best: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
    history: History,
    settings_of_run: dict[str, Any],
) -> None:
    """Write the run as tensors and JSON: no pickle, and never a half file under the final name."""
    tensors = {f"now.{name}": t for name, t in _copy(model.state_dict()).items()}
    tensors |= {f"best.{name}": t for name, t in best.items()}
    for parameter, slots in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{parameter}.{slot}": torch.as_tensor(t).clone() for slot, t in slots.items()}
    record = {"settings": settings_of_run, "loss": history.loss, "validation": history.validation}
    with replacing(path) as unfinished:
        save_file({name: t.contiguous() for name, t in tensors.items()}, unfinished, {"run": json.dumps(record)})


def _resume(
    path: Path, model: nn.Module, optimizer: torch.optim.Optimizer, settings_of_run: dict[str, Any]
) -> tuple[History, dict[str, Tensor]]:
    record, tensors = _read(path)
    wanted = json.loads(json.dumps(settings_of_run))
    if record["settings"] != wanted:
        other = [key for key in wanted if record["settings"].get(key) != wanted[key]]
        raise ValueError(
            f"{path} holds a training run with another {' and '.join(other)}; wanted a new name, or the same "
            "settings to go on with it. The file was left as it is."
        )
    model.load_state_dict(_under("now.", tensors))
    state = optimizer.state_dict()
    state["state"] = {}
    for name, tensor in _under("optimizer.", tensors).items():
        parameter, slot = name.split(".")
        state["state"].setdefault(int(parameter), {})[slot] = tensor
    optimizer.load_state_dict(state)
    return History(record["loss"], record["validation"]), _under("best.", tensors)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """The record and the tensors of a run; on the CPU, from where PyTorch takes each to where it belongs."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged or no file of a training run ({error}); wanted a new name, or that you move "
            "the file away. It was left as it is."
        ) from error
    if "run" not in metadata:
        raise ValueError(f"{path} holds tensors but no training run; wanted a new name. The file was left as it is.")
    return json.loads(metadata["run"]), tensors


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
