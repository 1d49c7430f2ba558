"""A small network with the lab's layers in the lab's order, so that an answer is checked in a moment."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from labkit.exercises.core import Case

if TYPE_CHECKING:
    from torch import nn

#: Rows and columns of the images that the small network reads.
SIDE = 8
#: The number of the first linear layer.
FIRST_LINEAR = 14


def small_network(seed: int, widths: Sequence[int]) -> "nn.Sequential":
    """The network in evaluation mode; the same seed gives the same weights.

    Args:
        seed: of the weights.
        widths: channels of the four convolutions, units of the two linear layers.
    """
    import torch
    from torch import nn

    from labkit.models.cifar_cnn import Rescale

    first, second, third, fourth, hidden, classes = widths
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            Rescale(),
            *(nn.Conv2d(3, first, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5)),
            *(nn.Conv2d(second, third, 3, padding=1), nn.ReLU()),
            *(nn.Conv2d(third, fourth, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.5)),
            *(nn.Flatten(), nn.Linear(fourth * (SIDE // 4) ** 2, hidden), nn.ReLU(), nn.Dropout(0.5)),
            nn.Linear(hidden, classes),
        ).eval()


def network_cases(rng: np.random.Generator) -> list[Case]:
    """Two networks whose layers all have different widths."""
    widths = [[5, 4, 3, 6, 7, 2], [2, 6, 4, 3, 5, 4]]
    seeds = rng.integers(2**31, size=len(widths)).tolist()
    return [{"seed": seed, "widths": several} for seed, several in zip(seeds, widths, strict=True)]
