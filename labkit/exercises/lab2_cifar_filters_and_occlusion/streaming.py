"""Exercise 2.7: the same list, when the activations pass by in batches and never are at hand together."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import accumulate
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call, remark
from labkit.exercises.comparing import Explains, Slip, compare, gives, same, whole
from labkit.exercises.core import Case, Exercise
from labkit.exercises.lab2_cifar_filters_and_occlusion.top_images import mostly_negative

_OVERWRITTEN = 1e9
_SIZES = (5, 4, 6, 5, 4, 6, 5, 4, 6, 1)  # the last batch is shorter than k
# Whoever keeps half of each of so many batches holds far more than a list and what Python needs by the way.
_LONG = (100,) * 201


def _cases(rng: np.random.Generator) -> list[Case]:
    """In one the largest activation of each unit comes three times, twice in one batch; in one all are below 0.

    In a long one memory is watched.
    """
    mixed, tied, low = (mostly_negative(rng, sum(_SIZES), units) for units in (3, 4, 5))
    tied[[*(5 + np.sort(rng.choice(4, 2, replace=False))), rng.integers(20, 41)]] = tied.max(axis=0) + 0.5
    low -= low.max() + 0.5
    long = mostly_negative(rng, sum(_LONG), 10)
    return [
        {"batches": np.split(rows, list(accumulate(sizes))[:-1]), "k": k, "watched": sizes is _LONG}
        for rows, sizes, k in ((mixed, _SIZES, 3), (tied, _SIZES, 3), (low, _SIZES, 2), (long, _LONG, 50))
    ]


def _probe(answer: Any, case: Case) -> Plain:
    from labkit.exercises.lab2_cifar_filters_and_occlusion.passing_by import Stream, measured

    with measured() if case["watched"] else nullcontext() as memory:
        stream = Stream(case["batches"], _OVERWRITTEN, memory)
        found = call(answer, stream, case["k"])
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Misfit("got one thing where two were wanted: the values and the indices, in this order")
    if _grows(stream.held, case["batches"]):
        remark("gathered")
    return {"values": array(found[0]), "indices": array(found[1])}


def _grows(held: Sequence[int], batches: Sequence[np.ndarray]) -> bool:
    """Whether what is held grows by an eighth of what passes by; the first batches are left for settling."""
    return len(held) > 2 and held[-1] - held[1] > sum(batch.nbytes for batch in batches) / 8


def _best(rows: np.ndarray, numbers: np.ndarray, k: int) -> Plain:
    """The k largest of each unit, ties by the lower row."""
    order = np.argsort(-rows, axis=0, kind="stable")[:k].T
    return {"values": np.take_along_axis(rows.T, order, 1), "indices": numbers[order], "whole": True}


def _top(numbers: Callable[[list[int]], list[int]] | None = None, part: slice = np.s_[:]) -> Callable[[Case], Plain]:
    """The right list, or one with wrong numbers for the batches' first rows, or of some batches alone."""

    def run(case: Case) -> Plain:
        sizes = [len(batch) for batch in case["batches"]]
        starts = numbers(sizes) if numbers else [0, *accumulate(sizes)][:-1]
        counted = [start + np.arange(size) for start, size in zip(starts, sizes, strict=True)]
        return _best(np.concatenate(case["batches"][part]), np.concatenate(counted[part]), case["k"])

    return run


def _each_from_zero(sizes: list[int]) -> list[int]:
    return [0] * len(sizes)


def _as_if_equal(sizes: list[int]) -> list[int]:
    return [i * size for i, size in enumerate(sizes)]


def _as_if_like_first(sizes: list[int]) -> list[int]:
    return [i * sizes[0] for i in range(len(sizes))]


def _number_of_batch(sizes: list[int]) -> list[int]:
    return list(range(len(sizes)))


def _changed(change: Callable[[Any], Any]) -> Callable[[Case], Plain]:
    """The right values and indices, both changed alike."""
    return lambda case: {
        name: change(value) if isinstance(value, np.ndarray) else value for name, value in _top()(case).items()
    }


def _swapped(case: Case) -> Plain:
    right = _top()(case)
    return right | {"values": right["indices"], "indices": right["values"], "whole": False}


def _any_value(holds: Callable[[np.ndarray], np.ndarray]) -> Explains:
    return lambda answers, cases: any(bool(np.any(holds(answer["values"]))) for answer in answers)


def _values_right(in_order: bool = True, in_place: bool = False) -> Explains:
    """Whether the values are right, in their order or in any, and stand where the indices say."""

    def fits(answer: Plain, case: Case) -> bool:
        values, indices, wanted = answer["values"], answer["indices"], _top()(case)["values"]
        if values.shape != wanted.shape or indices.shape != wanted.shape:
            return False
        if not same(values if in_order else np.sort(values)[:, ::-1], wanted):
            return False
        if not in_place:
            return True
        rows = np.concatenate(case["batches"])
        whole = answer["whole"] is True and indices.dtype.kind in "iu"
        inside = whole and indices.min() >= 0 and indices.max() < len(rows)
        return inside and same(np.take_along_axis(rows.T, indices, 1), values)

    return lambda answers, cases: all(fits(answer, case) for answer, case in zip(answers, cases, strict=True))


TOP_K_STREAMING = Exercise(
    "2.7",
    "the same, batch by batch",
    3,
    (
        "What must you remember of all the batches that have passed? For each unit k values and k indices, no more.",
        "Put your list and the new batch together (torch.cat), sort, keep the first k. The indices of the new batch "
        "begin at the number of rows that came before.",
        "Keep (rows, U): values = torch.cat([values, batch]); order = values.sort(dim=0, descending=True, "
        "stable=True).indices[:k]; values = values.gather(0, order), the indices likewise. Your list stands first, so "
        "that equal values stay in order. Turn both round at the end.",
    ),
    _cases,
    _probe,
    compare(
        _top(),
        [
            Slip(
                "swapped",
                "values and indices stand in each other's place.",
                gives(_swapped),
            ),
            Slip(
                "kept_batches",
                "you kept batches that have been overwritten since: the memory of a batch is used again for the next. "
                "Keep copies of the k best alone.",
                _any_value(lambda values: values >= _OVERWRITTEN / 2),
            ),
            Slip(
                "no_offset",
                "the values are right, but the indices count within each batch; wanted the place in the whole stream.",
                gives(_top(_each_from_zero)),
            ),
            Slip(
                "equal_batches",
                "the values are right, but your indices hold only if all batches are of one size: count the rows that "
                "have passed.",
                gives(_top(_as_if_equal), _top(_as_if_like_first)),
            ),
            Slip(
                "counts_batches",
                "the values are right, but your indices move on by one for each batch; wanted by the rows it has.",
                gives(_top(_number_of_batch)),
            ),
            Slip(
                "last_batch",
                "this is the list of the last batch alone.",
                gives(_top(part=np.s_[-1:]), _top(_each_from_zero, part=np.s_[-1:])),
            ),
            Slip("first_batch", "this is the list of the first batch alone.", gives(_top(part=np.s_[:1]))),
            Slip(
                "starts_with_zeros",
                "your list holds a 0 that no image gave: zeros to begin with beat all negative activations.",
                _any_value(lambda values: values == 0),
            ),
            Slip(
                "transposed",
                "units and ranks stand in each other's place; wanted (U, k).",
                gives(_changed(np.transpose)),
            ),
            Slip("rising_order", "the right k are there, but the largest must come first.", gives(_changed(np.fliplr))),
            Slip(
                "broken_indices",
                "the indices are floats; indexing takes whole numbers.",
                gives(lambda case: _top()(case) | {"whole": False}),
            ),
            Slip(
                "ties",
                "the values are right, but not all indices: where two images excite a unit equally, the earlier one "
                "must come first.",
                _values_right(in_place=True),
            ),
            Slip(
                "wrong_indices",
                "the values are right, but they do not stand in the stream where your indices say.",
                _values_right(),
            ),
            Slip(
                "unsorted",
                "the right values, but not from the largest to the smallest.",
                _values_right(in_order=False),
            ),
        ],
        "values or indices are not the top k of the stream.",
        reading=whole("indices"),
    ),
    remarks={
        "gathered": "what you hold grows with each batch: of a large data set it does not fit into memory. Keep k "
        "values for each unit and let the rest go, batch by batch.",
    },
)
