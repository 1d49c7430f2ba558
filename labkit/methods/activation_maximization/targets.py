"""Targets: which units an image is to excite, and how they are told to the frameworks.

What a target asks of a layer is written as an array of weights of the shape of the layer's output. The target's
activation is then one sum of products, whether it is an output, a place in a map, the mean of a map, or
several of these together.
"""

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import SupportsIndex

import numpy as np


@dataclass(frozen=True)
class Unit:
    """A unit of a layer, which may have a whole map of activations.

    Args:
        layer: its name: in PyTorch as in ``model.named_modules()``; in Keras the layer's ``name``, within a
            model that is a layer of the model "model/layer". "" is the model's output. Of a layer that runs
            several times the last one counts.
        index: of the unit among the layer's units, from 0: of a convolution the number of the filter. The units
            are axis 1 of the layer's output in PyTorch, even if that is (N, T, F), and the last axis in Keras.
        at: (row, column) of one place in the unit's map; unset: the mean of the map, the whole channel.

    Raises:
        TypeError: an index or a place that is no whole number.
    """

    layer: str
    index: int
    at: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        places = () if self.at is None else self.at
        if not isinstance(places, tuple) or not all(isinstance(number, Integral) for number in (self.index, *places)):
            raise TypeError(
                f"got index={self.index!r} and at={self.at!r}; wanted a whole number, and a tuple of whole numbers, "
                f"such as (3, 5), or None."
            )

    def __str__(self) -> str:
        place = "" if self.at is None else f" at {self.at}"
        return f"unit {self.index}{place} of {f'layer {self.layer!r}' if self.layer else 'the output'}"


#: A unit of the model's output by its number, any unit, or several units with weights.
Target = SupportsIndex | Unit | Mapping[SupportsIndex | Unit, float]

#: What each image is to excite: unit -> weight, one mapping per image.
Wanted = Sequence[Mapping[Unit, float]]


def read_targets(targets: Iterable[Target]) -> Wanted:
    """The targets in one form: units with weights, one mapping per image.

    Raises:
        TypeError: not a list of targets.
        ValueError: no targets, a target without units, or a weight that is not a number other than 0.
    """
    if isinstance(targets, (str, Unit, Mapping)) or not isinstance(targets, Iterable):
        raise TypeError(f"got targets={targets!r}; wanted a list with one target per image: [{targets!r}] for one.")
    wanted = [
        {_unit(unit): float(weight) for unit, weight in target.items()}
        if isinstance(target, Mapping)
        else {_unit(target): 1.0}
        for target in targets
    ]
    if not wanted:
        raise ValueError("got no targets; wanted at least one.")
    for units in wanted:
        if not units:
            raise ValueError("got a target without units; wanted at least one unit with its weight, {3: 1.0} say.")
        for unit, weight in units.items():
            if not math.isfinite(weight) or weight == 0:
                raise ValueError(f"got the weight {weight} for {unit}; wanted a number other than 0.")
    return wanted


def layers_of(wanted: Wanted) -> list[str]:
    """The layers whose units are wanted, each once."""
    return list(dict.fromkeys(unit.layer for units in wanted for unit in units))


def weights_for(wanted: Wanted, layer: str, shape: Sequence[int], channels_first: bool) -> np.ndarray:
    """The weight of each activation of a layer in the activation of each target.

    Args:
        wanted: of N targets.
        layer: some of them may want none of its units, and have weights of zero.
        shape: of the layer's output for these, (N, units), (N, units, H, W) or (N, H, W, units).
        channels_first: the units are the second axis, and not the last.

    Returns:
        float32, of that shape.

    Raises:
        ValueError: a unit or a place that the layer does not have.
    """
    if len(shape) < 2 or shape[0] != len(wanted):
        raise ValueError(
            f"got outputs of shape {tuple(shape)} from layer {layer!r} for {len(wanted)} images; wanted a layer with "
            f"units, (N, units, ...)."
        )
    weights = np.zeros(shape, np.float32)
    units_first = weights if channels_first else np.moveaxis(weights, -1, 1)  # a view: what is written is in both
    count, map_shape = units_first.shape[1], units_first.shape[2:]
    for row, units in enumerate(wanted):
        for unit, weight in units.items():
            if unit.layer != layer:
                continue
            if not 0 <= unit.index < count:
                raise ValueError(f"got {unit}; wanted one from 0 to {count - 1}.")
            if unit.at is None:
                units_first[row, unit.index] += weight / math.prod(map_shape)
                continue
            if len(unit.at) != len(map_shape) or not all(
                0 <= place < side for place, side in zip(unit.at, map_shape, strict=True)
            ):
                raise ValueError(f"got {unit}; wanted a place in a map of shape {map_shape}.")
            units_first[(row, unit.index, *unit.at)] += weight
    return weights


def _unit(target: object) -> Unit:
    if isinstance(target, Unit):
        return target
    try:
        return Unit("", operator.index(target))  # type: ignore[arg-type]
    except TypeError as error:
        raise TypeError(
            f"got {target!r} as a target; wanted the number of an output, a Unit(layer, index), or a dictionary of "
            f"these with their weights."
        ) from error
