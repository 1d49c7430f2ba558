"""What figures of patches stand on: patches with their padding marked, laid out as the tiles of one picture."""

import math
from typing import Any

import numpy as np

from labkit.figures.canvas import array, pixels

#: The two greys of a chequered place, which stands for "outside the image" as it does for "nothing" elsewhere.
CHEQUERS = (255, 165)
#: Squares along the shorter side of a chequered picture, at most; of small pictures each pixel is one.
SQUARES = 48


def checked(
    patches: Any, inside: Any, values: Any, *shape: str | int, of: str = ""
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Patches, where they lie inside their image, and their values, as arrays that go together.

    Args:
        patches: (..., h, w, 3), uint8 or floats in [0, 1].
        inside: bool (..., h, w).
        values: (...).
        shape: the axes in front, as for ``array``.
        of: whose they are, for the message, with a blank in front.

    Returns:
        the patches as uint8, with what lies outside the image chequered; inside; and values.

    Raises:
        ValueError: shapes that do not go together, or pixels with other values.
    """
    colours = pixels(f"patches{of}", array(f"patches{of}", patches, *shape, "h", "w", 3))
    inside = array(f"inside{of}", inside, *colours.shape[:-1]).astype(bool)
    values = array(f"values{of}", values, *colours.shape[:-3])
    return np.where(inside[..., None], colours, chequered(*colours.shape[-3:-1])), inside, values


def chequered(height: int, width: int) -> np.ndarray:
    """The pattern of what is no image, uint8 (height, width, 3)."""
    rows, columns = np.indices((height, width)) // math.ceil(min(height, width) / SQUARES)
    shades = np.array(CHEQUERS, dtype=np.uint8)[(rows + columns) % 2]
    return shades[..., None].repeat(3, axis=-1)


def tiled(tiles: np.ndarray, gap: tuple[int, int], times: int = 1, fill: int = 255) -> tuple[np.ndarray, np.ndarray]:
    """Lay out tiles as near to a square as they go, row by row.

    Args:
        tiles: uint8 (k, h, w, 3).
        gap: pixels beneath each row of tiles and between its columns.
        times: how many times each pixel is enlarged, gaps left out.
        fill: the grey of the gaps.

    Returns:
        the picture, uint8 (H, W, 3), and the place beneath the middle of each tile, (k, 2) as row and column.
    """
    large = tiles.repeat(times, 1).repeat(times, 2)
    count, height, width, _ = large.shape
    columns = columns_of(count)
    corners = np.stack(np.divmod(np.arange(count), columns), axis=1) * (height + gap[0], width + gap[1])
    rows = -(-count // columns)
    shape = (rows * (height + gap[0]), columns * (width + gap[1]) - gap[1], 3)
    picture = np.full(shape, fill, dtype=np.uint8)
    for tile, (top, left) in zip(large, corners, strict=True):
        picture[top : top + height, left : left + width] = tile
    return picture, corners + (height, width / 2)


def columns_of(count: int) -> int:
    """How many columns so many tiles take."""
    return math.ceil(math.sqrt(count))


def mean_colour(pixels: np.ndarray) -> str:
    """The mean of some pixels, uint8 (..., 3), in words; of none it is black."""
    red, green, blue = pixels.reshape(-1, 3).sum(axis=0) / 255 / max(1, pixels[..., 0].size)
    return f"mean colour red {red:.2f}, green {green:.2f}, blue {blue:.2f}"
