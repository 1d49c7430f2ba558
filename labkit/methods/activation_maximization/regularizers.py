"""Regularisers: what an image should have little of.

Each is called with images as the model takes them and gives a penalty for each, (N,), which is added to the
loss. Any function that does the same is one too: ``lambda images: ...``.

They are means, over the pixels or over the pairs of neighbours, so that a weight means the same for images of any
size.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from labkit.methods.activation_maximization.arrays import Array, layout, sums

#: From images, as the model takes them, to a penalty for each, (N,).
Regularizer = Callable[[Array], Array]


@dataclass(frozen=True)
class TotalVariation:
    """weight x (mean absolute difference of pixels one above the other + the same of pixels side by side).

    Noise changes from pixel to pixel; an edge changes once. So a larger weight leaves calm areas with edges
    between them. (Rudin, Osher, Fatemi, "Nonlinear total variation based noise removal algorithms", 1992; in
    the form that takes rows and columns apart.)

    Args:
        weight: at least 0; the differences are in the images' own units.

    Raises:
        ValueError: a negative weight; inputs that are no images.
    """

    weight: float

    def __post_init__(self) -> None:
        _check_weight(self.weight)

    def __call__(self, images: Array) -> Array:
        """The penalty of each image, (N,)."""
        order = layout(images)
        variation = 0.0
        for axis in "hw":
            ahead, behind = [slice(None)] * 4, [slice(None)] * 4
            ahead[order.index(axis)], behind[order.index(axis)] = slice(1, None), slice(None, -1)
            differences = images[tuple(ahead)] - images[tuple(behind)]
            # A single row or column has no neighbours: no difference, and nothing to divide by.
            count = max(1, math.prod(differences.shape[1:]))
            variation = variation + sums(abs(differences)) * (self.weight / count)
        return variation


@dataclass(frozen=True)
class LpNorm:
    """weight x the mean of |x| to the power p: the p-norm, its root not taken, for each pixel.

    It pulls each pixel towards zero, so the objective must earn what departs from it. p = 2 pulls large values
    more than small ones; p = 1 pulls all alike, and many become zero; a large p works almost like a bound.

    Args:
        weight: at least 0.
        p: at least 1.

    Raises:
        ValueError: a negative weight, or p below 1.
    """

    weight: float
    p: float = 2.0

    def __post_init__(self) -> None:
        _check_weight(self.weight)
        if not 1 <= self.p < math.inf:
            raise ValueError(f"got p={self.p}; wanted a number from 1 on, such as 2.")

    def __call__(self, images: Array) -> Array:
        """The penalty of each image, (N,)."""
        return sums(abs(images) ** self.p) * (self.weight / math.prod(images.shape[1:]))


def _check_weight(weight: float) -> None:
    if not 0 <= weight < math.inf:
        raise ValueError(f"got weight={weight}; wanted a number from 0 on.")
