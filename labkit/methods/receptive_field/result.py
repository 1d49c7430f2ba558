"""What comes back: three numbers for each dimension, and the answers to the two questions people have."""

import math
from dataclasses import dataclass, field
from fractions import Fraction

from labkit.methods.receptive_field.arithmetic import Number
from labkit.methods.receptive_field.axis import Axis


@dataclass(frozen=True)
class ReceptiveField:
    """What the units of a layer see of the image.

    All are tuples with one entry for each dimension: (rows, columns) for images, one alone for signals. Pixels
    are counted from 0, and the middle of pixel 3 is 3.

    Attributes:
        size: how many pixels a unit sees.
        stride: how many pixels lie between what neighbours see.
        offset: the first pixel that unit 0 sees. It is negative where the layers pad: then it lies outside the
            image, by what Araujo and others call the effective padding.
        units: how many units the layer has; 1 for one whose output has no places, such as a dense layer. That
            one is told as a convolution with a kernel as large as the map, so its size may be above the image's.
        image: the size of the image.

    Behind a layer that enlarges its map, such as a transposed convolution, neighbours do not see the same number
    of pixels, and a stride may be a fraction. There the three numbers tell of the least that holds for all units
    alike, and a unit may see less; ``rectangle`` with ``clipped`` says what it sees.
    """

    size: tuple[Number, ...]
    stride: tuple[Number, ...]
    offset: tuple[Number, ...]
    units: tuple[int, ...]
    image: tuple[int, ...]
    _axes: tuple[Axis, ...] = field(repr=False, compare=False)

    @classmethod
    def along(cls, axes: tuple[Axis, ...]) -> "ReceptiveField":
        """The result of a walk."""
        return cls(
            size=tuple(_plain(axis.size) for axis in axes),
            stride=tuple(_plain(axis.stride) for axis in axes),
            offset=tuple(_plain(axis.offset) for axis in axes),
            units=tuple(axis.units for axis in axes),
            image=tuple(axis.pixels for axis in axes),
            _axes=axes,
        )

    def rectangle(self, *unit: int, clipped: bool = False) -> tuple[int, ...]:
        """Which part of the image feeds a unit.

        Args:
            unit: (i, j), its row and column in the map; for signals (i,).
            clipped: the smallest rectangle with all pixels that can change the unit. Otherwise the rectangle of
                ``size`` at its place, which may lie partly outside the image: all these are equal in size, and
                what lies outside, the unit sees as padding.

        Returns:
            (top, left, bottom, right), bottom and right not included: ``image[top:bottom, left:right]``. For signals
            (start, stop). All zeros, if clipped, for a unit that no pixel can change.

        Raises:
            ValueError: a unit that the layer does not have.
        """
        self._check(unit, self.units, "a unit of the layer")
        spans = [
            (int(axis.starts[i]), int(axis.stops[i])) if clipped else _span(axis, i)
            for axis, i in zip(self._axes, unit, strict=True)
        ]
        if any(start >= stop for start, stop in spans):
            return (0,) * 2 * len(spans)
        return (*(start for start, _ in spans), *(stop for _, stop in spans))

    def centre(self, *unit: int) -> tuple[float, ...]:
        """The middle of a unit's rectangle, unclipped, in pixels: (row, column).

        It lies between two pixels where the size is even.

        Raises:
            ValueError: a unit that the layer does not have.
        """
        self._check(unit, self.units, "a unit of the layer")
        return tuple(float(axis.centre + axis.stride * i) for axis, i in zip(self._axes, unit, strict=True))

    def unit_at(self, *pixel: int) -> tuple[int, ...]:
        """Which unit is centred on a pixel.

        With a stride above 1 or an even size there is none for most pixels; then it is the one whose centre is
        nearest, and of two equally near the upper or left one. At the image's border that may be some way off:
        ``centre`` tells where it is.

        Args:
            pixel: (y, x), its row and column; for signals (x,).

        Returns:
            (i, j), its row and column in the map.

        Raises:
            ValueError: a pixel outside the image.
        """
        self._check(pixel, self.image, "a pixel of the image")
        return tuple(
            min(max(math.ceil((place - axis.centre) / axis.stride - Fraction(1, 2)), 0), axis.units - 1)
            for axis, place in zip(self._axes, pixel, strict=True)
        )

    @staticmethod
    def _check(place: tuple[int, ...], sides: tuple[int, ...], what: str) -> None:
        if len(place) != len(sides) or not all(0 <= at < side for at, side in zip(place, sides, strict=True)):
            last = tuple(side - 1 for side in sides)
            raise ValueError(f"got {place}; wanted {what}, from {(0,) * len(sides)} to {last}.")


def _span(axis: Axis, unit: int) -> tuple[int, int]:
    """From the first to behind the last whole pixel of a unit's size at its place."""
    start = axis.offset + axis.stride * unit
    return math.ceil(start), math.floor(start + axis.size)


def _plain(number: Number) -> Number:
    """A whole number as such."""
    return int(number) if number == int(number) else number
