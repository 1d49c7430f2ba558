"""The best so far: of a stream of batches the k inputs that excite each unit most.

What a framework finds in a batch, the largest activation of each unit's map, is a few numbers. From there on it
is NumPy, and the same for ``top_activations`` in PyTorch and ``top_patches`` in Keras: for each unit only the k
best so far are kept; each batch is put behind them, all are sorted, and the first k stay. Where the activation is
in the map is asked only of those that stay.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np


class Largest(NamedTuple):
    """Of each input of a batch the largest activation of each unit's map.

    Attributes:
        values: the activations, (N, U).
        extent: the shape of a map; () for units without one.
        places: from M numbers of inputs of this batch and M of units to where those activations are in the
            flattened maps, (M,); of equal activations in a map the first.
    """

    values: np.ndarray
    extent: Sequence[int]
    places: Callable[[np.ndarray, np.ndarray], np.ndarray]


class Best(NamedTuple):
    """For each unit the inputs with the largest activations, in falling order.

    Attributes:
        values: the activations, (U, k).
        indices: the number of the input, counted over all batches from 0, int64 (U, k).
        positions: where in the unit's map, int64 (U, k, dimensions of the map); None for units without one.
    """

    values: np.ndarray
    indices: np.ndarray
    positions: np.ndarray | None


def best_of(batches: Iterable[Largest], k: int) -> Best:
    """The k best inputs of each unit, from all batches.

    Equal to sorting all activations. Of equal ones that of the earlier input comes first, so the size of the
    batches does not change the result.

    Args:
        batches: read once, one after the other.
        k: at least 1.

    Raises:
        ValueError: k below 1 or above the number of inputs, or activations that are NaN, which cannot be sorted.
    """
    if k < 1:
        raise ValueError(f"got k={k}; wanted at least 1 input per unit.")
    best: Best | None = None
    inputs_read = 0
    for batch in batches:
        best = _merged(_nobody(batch) if best is None else best, batch, inputs_read, k)
        inputs_read += len(batch.values)
    if best is None or inputs_read < k:
        raise ValueError(
            f"got k={k} with {inputs_read} inputs in all; wanted k of them at most. Was an iterator used up before?"
        )
    return best


def _nobody(batch: Largest) -> Best:
    """The best before the first batch."""
    units = batch.values.shape[1]
    positions = np.empty((units, 0, len(batch.extent)), np.int64) if batch.extent else None
    return Best(np.empty((units, 0), batch.values.dtype), np.empty((units, 0), np.int64), positions)


def _merged(best: Best, batch: Largest, inputs_read: int, k: int) -> Best:
    """The k best of those so far and a batch. They come in rising order of the input; a stable sort keeps it."""
    if np.isnan(batch.values).any():
        raise ValueError("got activations that are NaN; wanted numbers. Check the weights and the inputs.")
    n, units = batch.values.shape
    numbers = np.broadcast_to(np.arange(inputs_read, inputs_read + n), (units, n))
    values = np.concatenate([best.values, batch.values.T], axis=1)
    indices = np.concatenate([best.indices, numbers], axis=1)
    order = np.argsort(-values, axis=1, kind="stable")[:, :k]
    return Best(
        np.take_along_axis(values, order, axis=1),
        np.take_along_axis(indices, order, axis=1),
        None if best.positions is None else _positions(best.positions, batch, order),
    )


def _positions(best: np.ndarray, batch: Largest, order: np.ndarray) -> np.ndarray:
    """The positions of those that stay, (U, k, D). Order has their numbers, first the best so far, then the batch."""
    positions = np.empty((*order.shape, len(batch.extent)), np.int64)
    so_far = best.shape[1]
    unit, rank = np.nonzero(order < so_far)
    positions[unit, rank] = best[unit, order[unit, rank]]
    unit, rank = np.nonzero(order >= so_far)
    places = batch.places(order[unit, rank] - so_far, unit)
    positions[unit, rank] = np.stack(np.unravel_index(places, batch.extent), axis=1)
    return positions
