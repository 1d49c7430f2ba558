"""Activation maximization's cost in PyTorch: ten digits at once, against the bare passes, and one by one."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from labkit.methods.activation_maximization import Maximized, Reach, maximize

VARIANTS = ("forward and backward passes", "maximize", "maximize, one by one")


def prepare(small: bool = False) -> dict[str, Callable[[], object]]:
    """LeNet-5 with random weights, ten outputs and 500 steps; small: 2 steps."""
    steps = 2 if small else 500
    torch.manual_seed(0)
    model = _lenet().eval().requires_grad_(False)
    visited = maximize(model, range(10), objective=Reach(0.9), steps=steps, start=(1, 28, 28), images_every=1)
    batches = torch.tensor(visited.history.images)[:-1]
    return {
        "forward and backward passes": lambda: _passes(model, batches),
        "maximize": lambda: _maximize(model, range(10), steps),
        "maximize, one by one": lambda: [_maximize(model, [digit], steps) for digit in range(10)],
    }


def _passes(model: nn.Module, batches: Tensor) -> None:
    """Forward to the ten outputs and backward to the images.

    They pass over the images that the search visits: with the same ones again and again, a processor learns by
    heart which way the branches in max pooling and ReLU go, and is faster than any search could be.
    """
    for images in batches:
        images = images.requires_grad_()
        torch.autograd.grad(model(images).diagonal().sum(), images)


def _maximize(model: nn.Module, targets: Sequence[int], steps: int) -> Maximized:
    return maximize(model, targets, objective=Reach(0.9), steps=steps, start=(1, 28, 28))


def _lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10), nn.LogSoftmax(dim=1),
    )  # fmt: skip
