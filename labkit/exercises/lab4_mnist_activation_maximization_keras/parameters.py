"""Exercise 4.1: the parameters of each layer, counted by hand."""

from typing import Any

from labkit.exercises.answers import Misfit, Plain, entries
from labkit.exercises.comparing import Explains, Slip, compare
from labkit.exercises.core import Case, Exercise
from labkit.exercises.counting import numbers_of, says

_NAMES = ("l1", "l2", "l3", "l4", "l5")
_CHANNELS, _DENSE, _CLASSES = (1, 9, 9, 16), 25, 10


def _counted(last_side: int = 3, kernels: tuple[int, ...] = (5, 5, 3), channels: bool = True) -> dict[str, float]:
    """Weights and biases of each layer, the last maps having that side."""
    weights = [
        kernel**2 * (before if channels else 1) * after
        for kernel, before, after in zip(kernels, _CHANNELS, _CHANNELS[1:], strict=False)
    ]
    weights += [last_side**2 * (_CHANNELS[-1] if channels else 1) * _DENSE, _DENSE * _CLASSES]
    units = (*_CHANNELS[1:], _DENSE, _CLASSES)
    return {name: several + more for name, several, more in zip(_NAMES, weights, units, strict=True)}


_RIGHT = _counted()
_BIASES = dict(zip(_NAMES, (*_CHANNELS[1:], _DENSE, _CLASSES), strict=True))


def _probe(answer: Any, case: Case) -> Plain:
    wanted = "a dictionary with five numbers, by the layers' names"
    names = entries(answer, wanted).keys()
    missing, more = [n for n in _NAMES if n not in names], [n for n in names if n not in _NAMES]
    if missing:
        raise Misfit(f"there is no entry {missing[0]!r}; wanted l1, l2, l3, l4 and l5")
    if more:
        raise Misfit(f"the entry {more[0]!r} is too many; wanted l1, l2, l3, l4 and l5")
    return numbers_of(wanted)(answer, case)


def _any_entry(wrong: dict[str, float]) -> Explains:
    """At least one entry is wrong in this way."""
    return lambda answers, cases: any(answers[0][name] == wrong[name] != _RIGHT[name] for name in _NAMES)


PARAMETERS = Exercise(
    "4.1",
    "count the parameters",
    2,
    (
        "How many numbers does one filter look at, how many filters are there, and what does each add to its sum?",
        "A filter of l2 looks at 5 x 5 places in each of the 9 maps that come in. Each unit of l4 looks at all numbers "
        "of the last maps: a pooling halves their side, and leaves a last odd row out. What is left of it after three?",
        "28, 14, 7, 3: so l4 reads 3 x 3 x 16 numbers. (What one unit looks at + 1) x the number of units, for every "
        "layer.",
    ),
    lambda rng: [{}],
    _probe,
    compare(
        lambda case: dict(_RIGHT),
        [
            Slip(
                "no_bias",
                "at least one layer is without its biases: each filter, and each unit, has one.",
                _any_entry({name: _RIGHT[name] - _BIASES[name] for name in _NAMES}),
            ),
            Slip(
                "one_bias",
                "at least one layer has a single bias; each filter, and each unit, has one of its own.",
                _any_entry({name: _RIGHT[name] - _BIASES[name] + 1 for name in _NAMES}),
            ),
            Slip(
                "one_unit",
                "these are the parameters of a single filter or unit; wanted those of the whole layer.",
                _any_entry({name: _RIGHT[name] / _BIASES[name] for name in _NAMES}),
            ),
            Slip(
                "other_kernel",
                "the filters of l3 are smaller than those of l1 and l2.",
                says("l3", _counted(kernels=(5, 5, 5))["l3"]),
            ),
            Slip(
                "maps_shrink",
                "in 'l4' your maps shrink in the convolutions, as without padding; padding='same' keeps their size.",
                says("l4", _counted(last_side=1)["l4"]),
            ),
            Slip(
                "pooling_forgotten",
                "in 'l4' your maps have not been through all three poolings.",
                says("l4", *(_counted(last_side=side)["l4"] for side in (7, 14, 28))),
            ),
            Slip(
                "rounded_up",
                "in 'l4' a pooling of a side that is odd has rounded up; it leaves the last row and column out.",
                says("l4", _counted(last_side=4)["l4"]),
            ),
            Slip(
                "one_side",
                "in 'l4' you count one side of each map; a map has rows times columns.",
                says("l4", 3 * _CHANNELS[-1] * _DENSE + _DENSE),
            ),
            Slip(
                "channels_forgotten",
                "at least one layer reads a single map in your count; it reads all that come in, with weights of its "
                "own for each.",
                _any_entry(_counted(channels=False)),
            ),
        ],
        "at least one of the five is not what was expected.",
        right="model.summary() says the same.",
    ),
)
