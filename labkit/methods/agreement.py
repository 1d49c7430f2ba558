"""Agreement: do the favourites of a unit belong together?

The share of the class that is most frequent among them. By chance it is above one over the number of classes, since
among few draws some class is always ahead; so compare it with random draws of as many:

    >>> share_of_most_frequent([[0, 0, 0, 2], [0, 1, 2, 3]])
    array([0.75, 0.25])
"""

import numpy as np
from numpy.typing import ArrayLike


def share_of_most_frequent(classes: ArrayLike) -> np.ndarray:
    """The share of the most frequent class in each row.

    Args:
        classes: whole numbers (U, k), the classes of the k favourites of each unit.

    Returns:
        (U,), from 1 / k to 1.

    Raises:
        ValueError: another shape, or rows without entries.
    """
    classes = np.asarray(classes)
    if classes.ndim != 2 or not classes.shape[1]:
        raise ValueError(f"got classes of shape {classes.shape}; wanted (units, favourites), at least one of these.")
    # Equal classes stand side by side when sorted, so the longest run is what is asked for.
    ordered = np.sort(classes, axis=1)
    longest = run = np.ones(len(classes), dtype=int)
    for place in range(1, classes.shape[1]):
        run = np.where(ordered[:, place] == ordered[:, place - 1], run + 1, 1)
        longest = np.maximum(longest, run)
    return longest / classes.shape[1]
