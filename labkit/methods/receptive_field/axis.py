"""What all units of a map see, along one dimension."""

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from labkit.methods.receptive_field.arithmetic import Number, Window, offset_after, size_after, stride_after


@dataclass(frozen=True)
class Axis:
    """The receptive fields of a map's units along one dimension, told in two ways.

    The three numbers hold for maps without an end. The two arrays know where the maps end: what a unit near the
    border sees is more than a matter of cutting off, for a pixel may lie within its rectangle that no unit on the
    way has looked at, such as one that was cropped, or the last one of a row that a stride did not reach.

    Attributes:
        size: how many pixels a unit sees.
        stride: how many pixels lie between neighbours.
        offset: the first pixel that unit 0 sees.
        starts: the first pixel of the image that each of the U units sees, (U,).
        stops: the pixel behind the last one, (U,); not above the start for a unit that sees nothing.
        pixels: how many the image has.
    """

    size: Number
    stride: Number
    offset: Number
    starts: np.ndarray
    stops: np.ndarray
    pixels: int

    @classmethod
    def of_image(cls, pixels: int) -> "Axis":
        """The image itself, whose units are its pixels."""
        return cls(1, 1, 0, np.arange(pixels), np.arange(pixels) + 1, pixels)

    @property
    def units(self) -> int:
        """How many units there are, U."""
        return len(self.starts)

    @property
    def centre(self) -> Fraction:
        """The middle of what unit 0 sees; that of pixel 3 is 3."""
        return self.offset + Fraction(self.size - 1) / 2

    def behind(self, window: Window) -> "Axis":
        """The axis of a layer that looks at this one."""
        stride = self.stride if window.zoom == 1 else Fraction(self.stride) / window.zoom
        units, real = window.looks_at(self.units)
        return replace(
            self,
            size=size_after(self.size, stride, window.kernel, window.dilation),
            stride=stride_after(stride, window.stride),
            offset=offset_after(self.offset, stride, window.before),
            starts=np.where(real, self.starts[units], self.pixels).min(axis=1),
            stops=np.where(real, self.stops[units], 0).max(axis=1),
        )

    def fits(self, other: "Axis") -> bool:
        """Whether equal units of both are centred on the same pixel."""
        mine, others = ((axis.stride, axis.centre, axis.units) for axis in (self, other))
        return mine == others

    def united(self, other: "Axis") -> "Axis":
        """The axis of a layer that puts two together that fit: what either of them sees."""
        offset = min(self.offset, other.offset)
        return replace(
            self,
            size=max(self.offset + self.size, other.offset + other.size) - offset,
            offset=offset,
            starts=np.minimum(self.starts, other.starts),
            stops=np.maximum(self.stops, other.stops),
        )
