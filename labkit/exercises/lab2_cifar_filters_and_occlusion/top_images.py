"""Exercise 2.6: the images that excite each unit most, when all activations are at hand."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call_unchanged
from labkit.exercises.comparing import Explains, Slip, compare, gives, whole
from labkit.exercises.core import Case, Exercise

_SHAPES = ((7, 4, 2), (9, 5, 3), (6, 5, 1), (8, 3, 4))


def _cases(rng: np.random.Generator) -> list[Case]:
    """In two, two rows share the largest activation of each unit; another has five values in all.

    Few ties may come out in order by accident, many do not: a sort that is not stable mixes them.
    """
    found: list[Case] = [{"activations": mostly_negative(rng, n, units), "k": k} for n, units, k in _SHAPES]
    for case in found[2:]:
        activations = case["activations"]
        activations[rng.choice(len(activations), 2, replace=False)] = activations.max(axis=0) + 0.5
    return [*found, {"activations": rng.integers(-4, 1, size=(200, 3)) - 0.25, "k": 12}]


def mostly_negative(rng: np.random.Generator, n: int, units: int) -> np.ndarray:
    """Activations (N, U), no two of one size and none 0, the strongest of them below 0."""
    size = n * units
    return (rng.permutation(size) - int(0.6 * size) - 0.3).reshape(n, units) / 7.0


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    found = call_unchanged(answer, torch.from_numpy(case["activations"].copy()), case["k"])
    if isinstance(found, tuple) and len(found) == 2:
        raise Misfit("got two things where the rows alone were wanted: leave the values out")
    return {"rows": array(found)}


def _ranked(case: Case) -> np.ndarray:
    """(U, N) the rows of each unit, the largest activation first, ties by the lower row."""
    return np.argsort(-case["activations"], axis=0, kind="stable").T


def _values(case: Case, rows: np.ndarray) -> np.ndarray:
    return np.take_along_axis(case["activations"].T, rows, axis=1)


def _says(rows: Callable[[Case], np.ndarray], whole: bool = True) -> Callable[[Case], Plain]:
    return lambda case: {"rows": rows(case), "whole": whole}


def _right(case: Case) -> np.ndarray:
    return _ranked(case)[:, : case["k"]]


def _rising(case: Case) -> np.ndarray:
    return np.argsort(case["activations"], axis=0, kind="stable").T


def _over_units(case: Case) -> np.ndarray:
    """(N, k): for each image the units it excites most."""
    return np.argsort(-case["activations"], axis=1, kind="stable")[:, : case["k"]]


def _by_size(case: Case) -> np.ndarray:
    return np.argsort(-np.abs(case["activations"]), axis=0, kind="stable").T[:, : case["k"]]


def _same_values(in_order: bool) -> Explains:
    """Whether the rows hold the right values, in their order or in any."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        for answer, case in zip(answers, cases, strict=True):
            rows, right = answer["rows"], _right(case)
            if not (answer["whole"] is True and rows.shape == right.shape and rows.dtype.kind in "iu"):
                return False
            if rows.min() < 0 or rows.max() >= len(case["activations"]) or any(len(set(r)) < len(r) for r in rows):
                return False
            got, wanted = _values(case, rows), _values(case, right)
            if not np.array_equal(got if in_order else np.sort(got)[:, ::-1], wanted):
                return False
        return True

    return explains


TOP_K = Exercise(
    "2.6",
    "the images a unit likes best",
    3,
    (
        "Each unit has a column of its own, with one row for each image: the images are what is ranked, dimension 0.",
        "torch.sort with descending=True and stable=True keeps equal activations in the order of their rows. Sorting "
        "upwards and turning the result round does not.",
        "activations.sort(dim=0, descending=True, stable=True).indices[:k] has the shape (k, U); wanted is (U, k).",
    ),
    _cases,
    _probe,
    compare(
        _says(_right),
        [
            Slip(
                "rising_order",
                "the right rows are there, but the largest must come first.",
                gives(_says(lambda c: _right(c)[:, ::-1]), _says(lambda c: _rising(c)[:, -c["k"] :])),
            ),
            Slip(
                "smallest",
                "these are the images with the smallest activations, not the largest.",
                gives(_says(lambda c: _rising(c)[:, : c["k"]]), _says(lambda c: _ranked(c)[:, : -c["k"] - 1 : -1])),
            ),
            Slip(
                "by_size",
                "you rank by size without the sign, so a strongly negative activation wins; wanted the largest.",
                gives(_says(_by_size)),
            ),
            Slip(
                "transposed",
                "units and ranks stand in each other's place; wanted one row for each unit: (U, k).",
                gives(_says(lambda c: _right(c).T), _says(lambda c: _rising(c)[:, ::-1][:, : c["k"]].T)),
            ),
            Slip(
                "over_units",
                "you rank the units of each image; wanted the images of each unit: sort along the other dimension.",
                gives(_says(_over_units), _says(lambda c: _over_units(c).T)),
            ),
            Slip(
                "values",
                "these are the activations themselves; wanted the rows in which they stand.",
                gives(
                    *(
                        _says(form, whole=False)
                        for form in (lambda c: _values(c, _right(c)), lambda c: _values(c, _right(c)).T)
                    )
                ),
            ),
            Slip(
                "one_rank_off",
                "you are off by one: the best image is missing, or the number of ranks is not k.",
                gives(
                    _says(lambda c: _ranked(c)[:, 1 : c["k"] + 1]),
                    _says(lambda c: _ranked(c)[:, : c["k"] + 1]),
                    _says(lambda c: _ranked(c)[:, : c["k"] - 1]),
                ),
            ),
            Slip(
                "broken_rows",
                "the rows are floats; indexing takes whole numbers.",
                gives(_says(_right, whole=False)),
            ),
            Slip(
                "ties",
                "where images excite a unit equally, the lower row must come first, so that the list is the same on "
                "every machine. topk does not keep the order of equal values, nor does a sort without stable=True, nor "
                "one upwards that is turned round.",
                _same_values(in_order=True),
            ),
            Slip(
                "unsorted",
                "the right images, but not from the largest activation to the smallest. (argpartition and "
                "topk(sorted=False) do not sort.)",
                _same_values(in_order=False),
            ),
        ],
        "these are not the rows of the k largest activations.",
        reading=whole("rows"),
    ),
)
