"""Where the window stands, and from a drop for each of its places to a map."""

from collections.abc import Sequence
from itertools import product

import numpy as np

#: Where a window is: the rows and the columns that it covers.
Place = tuple[slice, slice]


def pair(sides: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width, from both or from one number for the two."""
    return sides if isinstance(sides, tuple) else (sides, sides)


def windows(size: tuple[int, int], window: int | tuple[int, int] = 8, stride: int | tuple[int, int] = 2) -> list[Place]:
    """The places of the window, row after row.

    The first stands in the upper left corner, and the last ones reach the lower and right edge or over it:
    a slice ends at the edge. There are ceil((H - window) / stride) + 1 of them downwards, and likewise across.

    Args:
        size: of the image, (H, W).
        window: side of the window, or height and width, at most the image's.
        stride: from one window to the next, or down and across.

    Returns:
        for each place the rows and the columns under the window: ``image[..., rows, columns]`` in PyTorch,
        ``image[..., rows, columns, :]`` in Keras.

    Raises:
        ValueError: a window larger than the image, or a stride that leaves gaps.
    """
    spans = []
    for name, pixels, side, step in zip(("height", "width"), size, pair(window), pair(stride), strict=True):
        if not 1 <= side <= pixels:
            raise ValueError(f"got a window of {name} {side}; wanted from 1 to the image's {name}, {pixels}.")
        if step < 1 or (step > side and side < pixels):
            raise ValueError(
                f"got stride {step} for a window of {name} {side}; wanted from 1 to {side}: a larger one leaves "
                f"gaps that no window covers."
            )
        starts = range(0, pixels - side + step, step)
        spans.append([slice(start, min(start + side, pixels)) for start in starts])
    return list(product(*spans))


def mean_over_windows(drops: np.ndarray, places: Sequence[Place], size: tuple[int, int]) -> np.ndarray:
    """For each pixel the mean drop of all windows over it.

    Args:
        drops: of each place and image, (P, N).
        places: of the window, P of them.
        size: of the image, (H, W).

    Returns:
        (N, H, W), at least float32.

    Raises:
        ValueError: drops that are NaN or infinite.
    """
    if not np.isfinite(drops).all():
        raise ValueError("got scores that are NaN or infinite; wanted numbers. Check the weights and the images.")
    total = np.zeros((drops.shape[1], *size), np.promote_types(drops.dtype, np.float32))
    windows_over = np.zeros(size, total.dtype)
    for drop, (rows, columns) in zip(drops, places, strict=True):
        total[:, rows, columns] += drop[:, None, None]
        windows_over[rows, columns] += 1
    return total / windows_over
