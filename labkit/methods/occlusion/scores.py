"""What a score is, and whether it was made as it should."""

from collections.abc import Callable
from typing import Any

import numpy as np

#: From what a layer gives out, (B, ...), to a score of each image, (B,).
Score = Callable[[Any], Any]

#: From images (B, ...) and the unit of each, (B,), to their scores (B,). With a ``Score`` the units do not count.
Scorer = Callable[[Any, np.ndarray], Any]


def check_units(units: np.ndarray, count: int) -> None:
    """See that a layer of so many units has these.

    Raises:
        ValueError: it has not.
    """
    if not 0 <= units.min() <= units.max() < count:
        raise ValueError(
            f"got units from {units.min()} to {units.max()}; wanted units of the layer, from 0 to {count - 1}."
        )


def check_scores(shape: tuple[int, ...], images: int) -> None:
    """See that a function made one score per image.

    Raises:
        ValueError: it made others.
    """
    if tuple(shape) != (images,):
        raise ValueError(
            f"got scores of shape {tuple(shape)} from the target for {images} images; wanted one per image, "
            f"({images},)."
        )
