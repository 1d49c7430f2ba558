"""One layer after another, along one dimension: three lines of arithmetic, and what a layer must say of itself.

Unit i of a map sees the ``size`` pixels from ``offset + stride * i`` on. A layer that looks at this map through a
kernel sees more of the image, steps further, and begins earlier if it pads:

    size' = size + (kernel - 1) * dilation * stride
    stride' = stride * step
    offset' = offset - padding * stride

These are the sums of Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks", Distill
2019, one term at a time from the image on, and with dilation. Their effective padding is -offset.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

#: Pixels. Behind a layer that enlarges the map a stride may be half a pixel.
Number = int | Fraction


def size_after(size: Number, stride: Number, kernel: int, dilation: int = 1) -> Number:
    """How many pixels a unit sees behind a layer.

    Args:
        size: how many a unit of the map below sees.
        stride: how many pixels lie between neighbours in the map below.
        kernel: at how many units of that map the layer looks.
        dilation: how many units lie from one of them to the next.
    """
    return size + (kernel - 1) * dilation * stride


def stride_after(stride: Number, step: int) -> Number:
    """How many pixels lie between neighbours behind a layer.

    Args:
        stride: between neighbours in the map below.
        step: the layer's own stride, in units of that map.
    """
    return stride * step


def offset_after(offset: Number, stride: Number, padding: int) -> Number:
    """The first pixel that unit 0 sees behind a layer; a negative one lies outside the image.

    Args:
        offset: of the map below.
        stride: between neighbours in the map below.
        padding: how many places the layer puts before that map; negative where it cuts some off.
    """
    return offset - padding * stride


@dataclass(frozen=True)
class Window:
    """What a layer looks at along one dimension: all that its receptive field depends on.

    Attributes:
        kernel: at how many units it looks.
        stride: how far it steps, in units.
        dilation: how far apart are the units that it looks at.
        before: how many empty places are put before the map; negative: units are cut off.
        after: likewise after the map.
        zoom: a map is stretched so many times first, with empty places between its units. So a transposed
            convolution becomes a convolution.
    """

    kernel: int = 1
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0
    zoom: int = 1

    def units(self, below: int) -> int:
        """How many units the layer has on a map of so many."""
        places = (below - 1) * self.zoom + 1 + self.before + self.after
        return (places - (self.kernel - 1) * self.dilation - 1) // self.stride + 1

    def looks_at(self, below: int) -> tuple[np.ndarray, np.ndarray]:
        """At which units of the map below each unit looks, U units of the layer, K of the kernel.

        Returns:
            numbers of units below, (U, K), and which of them are units and no empty places, (U, K).
        """
        kernel = self.dilation * np.arange(self.kernel)
        places = self.stride * np.arange(self.units(below))[:, None] + kernel - self.before
        numbers, between = np.divmod(places, self.zoom)
        real = (between == 0) & (numbers >= 0) & (numbers < below)
        return numbers.clip(0, below - 1), real


def strided(kernel: int, stride: int, dilation: int, before: int, units: int, below: int) -> Window:
    """The window of a convolution or pooling that is known by how many units it has."""
    after = (units - 1) * stride + (kernel - 1) * dilation + 1 - below - before
    return Window(kernel, stride, dilation, before, after)


def transposed(kernel: int, stride: int, dilation: int, cut: int, units: int, below: int) -> Window:
    """The window of a transposed convolution, which lays its kernel down at every ``stride`` places.

    Args:
        kernel: its kernel.
        stride: how many times it enlarges the map.
        dilation: of the kernel.
        cut: how many places it cuts off at the beginning; frameworks call it padding.
        units: how many units it has.
        below: how many units it is given.
    """
    reach = (kernel - 1) * dilation
    return Window(kernel, 1, dilation, reach - cut, units - 1 - (below - 1) * stride + cut, stride)


def enlarging(factor: int, linear: bool, below: int) -> Window:
    """The window of an upsampling by a whole factor, in which each unit of the map becomes so many.

    Args:
        factor: how many times.
        linear: each unit is interpolated between two, pixel centres being half a pixel from the border; else it
            repeats the nearest one.
        below: how many units the layer is given.
    """
    kernel, cut = (2 * factor - factor % 2, factor // 2) if linear else (factor, 0)
    return transposed(kernel, factor, 1, cut, below * factor, below)


def whole(below: int) -> Window:
    """The window of a layer whose one unit sees the whole map: a kernel as large as the map."""
    return Window(kernel=below)
