"""Top activations: the inputs that excite each unit of a layer most.

The simplest question to a unit: which of all these images do you like best? The answer is found while the
images stream by. For each unit only the k best so far are kept; each batch is put behind them, all are
sorted, and the first k stay.

A unit of a convolution gives one activation per place of its map. What counts is the largest, and its place
is kept: it says what in the image the unit likes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from labkit.methods.features import Batch, inputs_of, observe


@dataclass(frozen=True, eq=False)
class TopActivations:
    """The inputs that each unit likes best, in falling order of its activation.

    Attributes:
        values: the activations, (U, k).
        indices: the number of the input, counted over all batches from 0, int64 (U, k).
        positions: where in the unit's map the activation is, int64 (U, k, 2) as row and column; (U, k, 1) for
            maps of one dimension; None for units without a map.
    """

    values: Tensor
    indices: Tensor
    positions: Tensor | None


def top_activations(model: nn.Module, layer: str, batches: Iterable[Batch], k: int) -> TopActivations:
    """The k largest activations of each unit of a layer, and where they are.

    Equal to sorting all activations, but memory does not grow with the number of inputs: it is that of one
    batch and of k x U results. Of equal activations that of the earlier input comes first, and within an
    input the first in reading order is taken; so the size of the batches does not change the result.

    Args:
        model: any PyTorch model. It runs in eval mode and gets its modes back.
        layer: its name in ``model.named_modules()``; "" is the model itself. Its outputs are (N, U), or
            (N, U, ...) with a map per unit, of one, two or more dimensions.
        batches: inputs (N, ...), or tuples that start with them; any iterable, read once.
        k: at least 1.

    Returns:
        on the CPU.

    Raises:
        ValueError: k below 1 or above the number of inputs, activations that are NaN (they cannot be
            sorted), outputs without units, an unknown layer.
        TypeError: a layer that gives out something else than one tensor.

    Example:
        >>> top = top_activations(model, "14", test_batches, k=5)  # doctest: +SKIP
        >>> images[top.indices[7]]  # the five favourites of unit 7  # doctest: +SKIP
    """
    if k < 1:
        raise ValueError(f"got k={k}; wanted at least 1 input per unit.")
    best: list[_Candidates] = []
    inputs_read = 0
    for inputs in inputs_of(batches):
        new = observe(model, layer, inputs, _candidates)
        best = [_best([*best, new._replace(indices=new.indices + inputs_read)], k)]
        inputs_read += len(inputs)
    if inputs_read < k:
        raise ValueError(
            f"got k={k} with {inputs_read} inputs in all; wanted k of them at most. Was an iterator used up before?"
        )
    values, indices, positions = (part.cpu() for part in best[0])
    return TopActivations(values, indices, positions if positions.shape[2] else None)


class _Candidates(NamedTuple):
    """Of each unit M inputs: values (U, M), indices (U, M) and positions (U, M, dimensions of the map)."""

    values: Tensor
    indices: Tensor
    positions: Tensor


def _candidates(output: Tensor) -> _Candidates:
    """Every input of a batch, with the largest activation of each unit's map. From outputs (N, U, ...)."""
    if output.dim() < 2:
        raise ValueError(f"got outputs of shape {tuple(output.shape)}; wanted a layer with units, (N, U, ...).")
    n, units, *extent = output.shape
    # Of equal values torch.max takes the first, on every device; torch.topk promises no order.
    values, places = output.reshape(n, units, prod(extent)).max(dim=2)
    if values.isnan().any():
        raise ValueError("got activations that are NaN; wanted numbers. Check the weights and the inputs.")
    axes = torch.unravel_index(places, extent) if extent else ()
    positions = torch.stack(axes, dim=2) if axes else places.new_empty(n, units, 0)
    indices = torch.arange(n, device=output.device).expand(units, n)
    return _Candidates(values.T, indices, positions.transpose(0, 1))


def _best(candidates: Sequence[_Candidates], k: int) -> _Candidates:
    """The k largest of each unit. They come in rising order of the input, which a stable sort keeps for equals."""
    values, indices, positions = (torch.cat(parts, dim=1) for parts in zip(*candidates, strict=True))
    order = values.argsort(dim=1, descending=True, stable=True)[:, :k]
    order_of_positions = order.unsqueeze(2).expand(-1, -1, positions.shape[2])
    return _Candidates(values.gather(1, order), indices.gather(1, order), positions.gather(1, order_of_positions))
