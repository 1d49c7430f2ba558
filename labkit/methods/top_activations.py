"""Top activations: the inputs that excite each unit of a layer most.

The simplest question to a unit: which of all these images do you like best? The answer is found while the
images stream by; see ``best_so_far``. In Keras see ``top_patches``.

A unit of a convolution gives one activation per place of its map. What counts is the largest, and its place
is kept: it says what in the image the unit likes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

import torch
from torch import Tensor, nn

from labkit.methods.best_so_far import Largest, best_of
from labkit.methods.features import Batch, inputs_of, observe


@dataclass(frozen=True, eq=False)
class TopActivations:
    """The inputs that each unit likes best, in falling order of its activation.

    Attributes:
        values: the activations, (U, k), at least float32.
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
    best = best_of((observe(model, layer, inputs, _largest) for inputs in inputs_of(batches)), k)
    values, indices = (torch.from_numpy(part) for part in best[:2])
    return TopActivations(values, indices, None if best.positions is None else torch.from_numpy(best.positions))


def _largest(output: Tensor) -> Largest:
    """The largest activation of each unit's map, from outputs (N, U, ...)."""
    if output.dim() < 2:
        raise ValueError(f"got outputs of shape {tuple(output.shape)}; wanted a layer with units, (N, U, ...).")
    n, units, *extent = output.shape
    # Of equal values torch.max takes the first, on every device; torch.topk promises no order.
    values, places = output.reshape(n, units, prod(extent)).max(dim=2)
    values = values.to(torch.promote_types(values.dtype, torch.float32))  # NumPy knows no bfloat16
    values_found, places_found = values.cpu().numpy(), places.cpu().numpy()
    return Largest(values_found, extent, lambda inputs, units: places_found[inputs, units])
