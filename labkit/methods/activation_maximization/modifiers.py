"""Input modifiers: what is done to the images at each step, before the model sees them.

A pattern that must excite the unit from slightly different places, blurred or turned, cannot rest on the values
of single pixels. The images themselves stay as they are; only the model's view of them changes.

Each is called with images as the model takes them and with a source of random numbers, and gives images of the
same shape. Any function that does the same is one too: ``lambda images, random: ...``. All images of a batch
are treated alike, so that an image does not depend on which others are made along with it.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Protocol

import numpy as np

from labkit.methods.activation_maximization.arrays import Array, layout, multiply, roll, rotate


class Random(Protocol):
    """A source of random numbers, begun from ``maximize``'s seed."""

    def uniform(self, low: float, high: float) -> Any:
        """A number from low up to high."""

    def integer(self, low: int, high: int) -> Any:
        """A whole number from low to high, both included."""


#: From images and a source of random numbers to images of the same shape.
Modifier = Callable[[Array, Random], Array]


@dataclass(frozen=True)
class Jitter:
    """Shift by a few pixels, at random; what leaves at one edge comes in at the other.

    Args:
        pixels: the largest shift, down or up and right or left, a whole number from 0 on.

    Raises:
        ValueError: another number of pixels.
    """

    pixels: int = 2

    def __post_init__(self) -> None:
        if not (isinstance(self.pixels, Integral) and self.pixels >= 0):
            raise ValueError(f"got pixels={self.pixels}; wanted a whole number from 0 on.")

    def __call__(self, images: Array, random: Random) -> Array:
        """The shifted images."""
        return roll(images, random.integer(-self.pixels, self.pixels), random.integer(-self.pixels, self.pixels))


@dataclass(frozen=True)
class Rotation:
    """Turn about the middle by a random angle; zeros come in at the corners.

    Args:
        degrees: the largest angle, either way, from 0 to 180.

    Raises:
        ValueError: another angle.
    """

    degrees: float = 10.0

    def __post_init__(self) -> None:
        if not 0 <= self.degrees <= 180:
            raise ValueError(f"got degrees={self.degrees}; wanted from 0 to 180.")

    def __call__(self, images: Array, random: Random) -> Array:
        """The turned images."""
        largest = math.radians(self.degrees)
        return rotate(images, random.uniform(-largest, largest))


@dataclass(frozen=True)
class Blur:
    """Blur by a Gaussian, the same at each step.

    Near the border the weights that would fall outside are shared out among the pixels inside.

    Args:
        sigma: its standard deviation in pixels, above 0.

    Raises:
        ValueError: another sigma.
    """

    sigma: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.sigma < math.inf:
            raise ValueError(f"got sigma={self.sigma}; wanted a number of pixels above 0.")

    def __call__(self, images: Array, random: Random) -> Array:
        """The blurred images."""
        order = layout(images)
        for axis in "hw":
            images = multiply(self._weights(images.shape[order.index(axis)]), images, axis)
        return images

    def _weights(self, pixels: int) -> np.ndarray:
        """Of each pixel of a row in each blurred one, (pixels, pixels)."""
        places = np.arange(pixels)
        weights = np.exp(-0.5 * ((places[:, None] - places) / self.sigma) ** 2)
        return weights / weights.sum(axis=1, keepdims=True)
