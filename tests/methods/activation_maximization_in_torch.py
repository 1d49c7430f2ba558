"""What PyTorch makes of the same images, for the tests in Keras: the two are never loaded in one process.

Those tests import what is wanted of both from here, and run this file for the answers:

    python activation_maximization_in_torch.py GIVEN.npz MADE.npz
"""

import sys

import numpy as np

from labkit.methods.activation_maximization import (
    Blur,
    Jitter,
    LpNorm,
    Reach,
    Rotation,
    TotalVariation,
    maximize,
)

REGULARIZERS = [TotalVariation(0.7), LpNorm(0.7, p=3)]
MODIFIERS = [Jitter(2), Rotation(40), Blur(1.0)]
SEARCH = {"objective": Reach(0.9), "steps": 50, "regularizers": [TotalVariation(0.1)]}


class Always:
    """A source of random numbers that knows but one of each kind."""

    def uniform(self, low, high):
        return 0.3

    def integer(self, low, high):
        return 2


def main(given, made):
    import torch

    arrays = {name: torch.tensor(array) for name, array in np.load(given).items()}
    images = arrays["images"].movedim(-1, 1)
    results = {repr(regularizer): regularizer(images) for regularizer in REGULARIZERS}
    results |= {repr(modifier): modifier(images, Always()).movedim(1, -1) for modifier in MODIFIERS}
    linear = torch.nn.Linear(*arrays["kernel"].shape)
    linear.weight.data, linear.bias.data = arrays["kernel"].T, arrays["bias"]
    model = torch.nn.Sequential(torch.nn.Flatten(), linear, torch.nn.LogSoftmax(dim=1))
    found = maximize(model, range(3), start=(1, 4, 4), **SEARCH)
    np.savez(made, found=found.images.movedim(1, -1), confidence=found.history.confidence, **results)


if __name__ == "__main__":
    main(*sys.argv[1:])
