"""Grey images of either framework in colours: ink on paper, or white for zero where values have a sign.

In both, nothing is white. Images that were optimised without bounds hold values below 0 and above 1, which a
grey scale would cut off or shift.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from labkit.figures.canvas import DIVERGING, array, coloured

#: By how much rounding may lead out of [0, 1].
ROUNDING = 1e-6
#: Where the colours end, as a percentile of the sizes: a few extreme pixels would make all others pale.
MOST = 99


@dataclass(frozen=True)
class Inked:
    """Grey images in colours.

    Attributes:
        pixels: uint8 (..., H, W, 3).
        limits: the value that the end of the colours stands for, for each group of images with a scale of its
            own; None where all have the same. What lies beyond looks like the end.
        bar: the colours and what they mean, for a colour bar.
        reading: how to read the colours: the beginning of a sentence.
    """

    pixels: np.ndarray
    limits: np.ndarray | None
    bar: tuple[ScalarMappable, str]
    reading: str


def grey(name: str, images: Any, *shape: str | int) -> np.ndarray:
    """Take grey images without their axis of channels, wherever that is.

    Args:
        name: of the argument, for the message.
        images: (..., H, W), (..., 1, H, W) as in PyTorch, or (..., H, W, 1) as in Keras.
        shape: the axes in front, as for ``array``.

    Returns:
        (..., H, W).

    Raises:
        ValueError: another shape.
    """
    found = np.asarray(images.detach().cpu() if hasattr(images, "detach") else images)
    if found.ndim == len(shape) + 3:
        for channels in (len(shape), -1):
            if found.shape[channels] == 1:
                return array(name, found.squeeze(channels), *shape, "H", "W")
    return array(name, found, *shape, "H", "W")


def inked(values: np.ndarray, together: Sequence[int]) -> Inked:
    """Put grey images in colours.

    Args:
        values: (..., H, W). If all lie in [0, 1] they are drawn as ink on paper, else with colours for their sign.
        together: the axes, besides height and width, along which images share one scale.
    """
    if values.min() >= -ROUNDING and values.max() <= 1 + ROUNDING:
        paper = ScalarMappable(Normalize(0, 1), colormaps["gray_r"])
        return Inked(coloured(values, paper), None, (paper, "ink"), "the darker, the more ink")
    sizes, axes = np.abs(values), (*together, -2, -1)
    limits = np.percentile(sizes, MOST, axis=axes, keepdims=True)
    limits = np.where(limits > 0, limits, sizes.max(axis=axes, keepdims=True))
    limits[limits == 0] = 1
    reading = "orange is ink, blue is less than none (values below 0), white is 0"
    if limits.size == 1:
        end = limits.item()
        signed = ScalarMappable(Normalize(-end, end), DIVERGING)
        told = f"{reading}, and all images have one range of colours, ±{end:.2g}"
        return Inked(coloured(values, signed), None, (signed, f"value, to ±{end:.2g}"), told)
    signed = ScalarMappable(Normalize(-1, 1), DIVERGING)
    own = limits.squeeze(axis=(*together, -2, -1))
    return Inked(coloured(values / limits, signed), own, (signed, "share of the limit"), reading)


def calm(images: np.ndarray) -> float:
    """How much neighbouring pixels are alike: their correlation, near 0 in noise and near 1 in a calm drawing.

    Args:
        images: (..., H, W).

    Returns:
        The mean over the images; an image of one value has 1.
    """
    centred = images - images.mean(axis=(-2, -1), keepdims=True)
    total = (centred**2).mean(axis=(-2, -1))
    pairs = [(centred[..., 1:, :], centred[..., :-1, :]), (centred[..., :, 1:], centred[..., :, :-1])]
    shared = np.mean([(one * other).mean(axis=(-2, -1)) for one, other in pairs], axis=0)
    return float(np.divide(shared, total, out=np.ones_like(total), where=total > 0).mean())
