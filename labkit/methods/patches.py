"""Patches: the part of an image that a unit has seen, cut out at the border too.

A unit near the border of its map may see beyond the image; there its layers have put padding. A patch that stops
at the border has another size than the others, and one that is left out hides that such a unit was the winner.
So the patch has the size of the rectangle, and says which of its pixels are the image's:

    >>> image = np.arange(12.0).reshape(3, 4, 1)
    >>> patch, inside = cut(image, (-1, 2, 2, 5), fill=-1.0)  # a row above the image, a column to its right
    >>> patch[:, :, 0]
    array([[-1., -1., -1.],
           [ 2.,  3., -1.],
           [ 6.,  7., -1.]])
    >>> int(inside.sum())
    4
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def cut(image: ArrayLike, rectangle: Sequence[int], fill: ArrayLike = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """The part of an image under a rectangle, which may lie partly or wholly outside.

    Args:
        image: (H, W, C), or several of one size, (N, H, W, C), that are cut alike.
        rectangle: (top, left, bottom, right) in pixels, bottom and right not included, as
            ``ReceptiveField.rectangle`` gives it.
        fill: what stands where there is no image, in its units: a number, or C numbers for a colour.

    Returns:
        the patch, a copy of the image's type, (h, w, C) or (N, h, w, C); and which of its pixels lie inside the
        image, bool (h, w).

    Raises:
        ValueError: an image of another shape, or a rectangle that ends before it starts.
    """
    image = np.asarray(image)
    if image.ndim not in (3, 4):
        raise ValueError(
            f"got an image of shape {image.shape}; wanted (H, W, C). A grey one goes in as image[..., None]."
        )
    if len(rectangle) != 4 or rectangle[0] > rectangle[2] or rectangle[1] > rectangle[3]:
        raise ValueError(
            f"got the rectangle {tuple(rectangle)}; wanted (top, left, bottom, right), top to bottom and left to right."
        )
    top, left, bottom, right = rectangle
    *images, height, width, channels = image.shape
    patch = np.empty((*images, bottom - top, right - left, channels), image.dtype)
    patch[:] = fill
    inside = np.zeros(patch.shape[-3:-1], bool)
    rows, rows_of_patch = _shared(top, bottom, height)
    columns, columns_of_patch = _shared(left, right, width)
    patch[..., rows_of_patch, columns_of_patch, :] = image[..., rows, columns, :]
    inside[rows_of_patch, columns_of_patch] = True
    return patch, inside


def _shared(start: int, stop: int, length: int) -> tuple[slice, slice]:
    """What a span of pixels shares with the image's, counted in the image and in the span."""
    # A negative index would count from the end.
    first, last = (min(max(pixel, 0), length) for pixel in (start, stop))
    return slice(first, last), slice(first - start, last - start)
