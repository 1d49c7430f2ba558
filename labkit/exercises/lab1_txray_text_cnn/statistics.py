"""Exercise 1.7: which filter is over-used and which is indifferent, by its statistics."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, call_unchanged, no_text
from labkit.exercises.comparing import Slip, compare, gives, same
from labkit.exercises.core import Case, Exercise
from labkit.exercises.lab1_txray_text_cnn.filter_table import OWN_TABLE, frame, labels

# One row for each role, so that each known mistake picks a filter of its own: the most activation in all, the
# highest peak, the highest mean (and std / mean), the smallest std / mean, the smallest std, the smallest mean
# (and most credits).
_ROLES: dict[str, list[float]] = {
    "count": [100, 60, 30, 50, 70, 120],
    "mean": [2.0, 1.5, 4.0, 2.5, 0.6, 0.4],
    "std": [1.0, 0.9, 3.6, 0.5, 0.25, 0.28],
    "max": [5.0, 9.0, 6.0, 4.0, 2.0, 3.0],
}


def _statistics_cases(rng: np.random.Generator) -> list[Case]:
    return [_statistics_case(rng) for _ in range(3)]


def _statistics_case(rng: np.random.Generator) -> Case:
    """Statistics as ``TXRay.mass()`` gives them: the roles in random order, all numbers blurred a little."""
    number = len(_ROLES["mean"])
    order = rng.permutation(number)
    columns = {name: np.array(v, dtype=float)[order] * rng.uniform(0.98, 1.02, number) for name, v in _ROLES.items()}
    columns |= {"sum": columns["count"] * columns["mean"], "min": columns["mean"] - 2 * columns["std"]}
    return {"filters": labels(rng, number), "columns": columns}


def _statistics(used: str = "sum", indifferent: str = "relative", swap: bool = False) -> Callable[[Case], Plain]:
    def read(case: Case) -> Plain:
        table = frame(case)
        table["relative"] = table["std"] / table["mean"]
        table["varied"] = -table["relative"]
        pair = [str(table[used].idxmax()), str(table[indifferent].idxmin())]
        return pair[::-1] if swap else pair

    return read


def _probe(answer: Any, case: Case) -> Plain:
    return [str(label) for label in no_text(call_unchanged(answer, frame(case)), "a pair of labels")]


def _row_numbers(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(a and all(isinstance(label, str) and label.isdigit() for label in a) for a in answers)


def _foreign(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether one of the labels, at least, is never in the table."""
    return all(
        any(isinstance(label, str) and label not in case["filters"] for label in a)
        for a, case in zip(answers, cases, strict=True)
    )


READ_STATISTICS = Exercise(
    "1.7",
    "read the statistics",
    3,
    (
        "Over-used: the most activation in all texts together. Which column is that?",
        "A spread of 0.5 is much for a mean of 1 and little for a mean of 10: divide.",
        'table["sum"].idxmax() gives the label of the row with the largest sum.',
    ),
    _statistics_cases,
    _probe,
    compare(
        _statistics(),
        [
            Slip(
                "largest_peak",
                "for the over-used filter you took the one with the highest single peak (max); "
                "wanted the most activation in all (sum).",
                lambda answers, cases: _first_as(_statistics(used="max"), answers, cases),
            ),
            Slip(
                "largest_mean",
                "for the over-used filter you took the highest mean; a filter may be high on "
                "few texts. Wanted the most activation in all (sum).",
                lambda answers, cases: _first_as(_statistics(used="mean"), answers, cases),
            ),
            Slip(
                "most_credits",
                "for the over-used filter you took the most credits (count); wanted the most activation in all (sum).",
                lambda answers, cases: _first_as(_statistics(used="count"), answers, cases),
            ),
            Slip(
                "most_varied",
                "for the indifferent filter you took the one that varies most for its mean; wanted the least.",
                gives(_statistics(indifferent="varied")),
            ),
            Slip(
                "absolute_spread",
                "for the indifferent filter you took the smallest spread; wanted the smallest "
                "spread for its mean (std / mean).",
                gives(_statistics(indifferent="std")),
            ),
            Slip(
                "weakest",
                "for the indifferent filter you took the lowest mean; a weak filter can still tell "
                "texts apart. Wanted the smallest std / mean.",
                gives(_statistics(indifferent="mean")),
            ),
            Slip("swapped", "the two stand in each other's place: over-used first.", gives(_statistics(swap=True))),
            Slip("positions", "you return row numbers; wanted the labels (idxmax, not argmax).", _row_numbers),
            Slip(
                "not_in_table",
                f"a label that you return is not in the table that was handed over: {OWN_TABLE}",
                _foreign,
            ),
        ],
        "at least one of the two filters is not what was expected.",
    ),
)


def _first_as(wrong: Callable[[Case], Plain], answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(same(a[:1], wrong(case)[:1]) for a, case in zip(answers, cases, strict=True))
