"""Exercise 1.12: a criterion of one's own for the filters that are missed least."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, call_unchanged, no_text
from labkit.exercises.core import Case, Exercise, Verdict
from labkit.exercises.lab1_txray_text_cnn.filter_table import OWN_TABLE, frame, labels


def _criterion_cases(rng: np.random.Generator) -> list[Case]:
    """The same filters in the same order each time; only the numbers differ."""
    names = labels(rng, 9)
    return [
        {"filters": names, "columns": _criterion_columns(rng), "n": n, "order": rng.permutation(9)}
        for n in (1, 3, 3, 3, 3, 5)
    ]


def _criterion_columns(rng: np.random.Generator) -> dict[str, np.ndarray]:
    columns = {name: rng.uniform(1, 9, 9) for name in ("sum", "min", "max", "mean", "std", "count", "unique")}
    return columns | {"std / mean": columns["std"] / columns["mean"]}


def _criterion_probe(answer: Any, case: Case) -> Plain:
    def ask(table: Any) -> list[Plain]:
        return [str(label) for label in no_text(call_unchanged(answer, table, case["n"]), "a list of filter labels")]

    return [ask(frame(case)), ask(frame(case)), ask(frame(case).iloc[case["order"]])]


def _judge_criterion(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    def wrong(message: str, mistake: str) -> Verdict:
        return Verdict("wrong", message, mistake)

    for asked, case in zip(answers, cases, strict=True):
        if not (isinstance(asked, list) and len(asked) == 3 and all(map(_is_list_of_texts, asked))):
            return wrong("wanted a list of filter labels.", "other")
        chosen, again, _ = asked
        unknown = [label for several in asked for label in several if label not in case["filters"]]
        if unknown and all(label.isdigit() for label in unknown):
            return wrong("you return row numbers; wanted the labels in the table's index.", "positions")
        if unknown and all(_is_number(label) for label in unknown):
            return wrong("you return a column's values; wanted the labels in its index.", "values")
        if unknown and unknown[0] in case["columns"]:
            return wrong("you return a table, which is a list of its columns; wanted the labels in its index.", "table")
        if unknown:
            return wrong(f"{unknown[0][:40]!r} is no filter of the table that was handed over: {OWN_TABLE}", "unknown")
        numbers = [len(several) for several in asked if len(several) != case["n"]]
        if numbers:
            return wrong(f"got {numbers[0]} labels, wanted n = {case['n']}.", "wrong_number")
        if any(len(set(several)) != len(several) for several in asked):
            return wrong("a filter is named twice; it can be pruned but once.", "twice")
        if sorted(chosen) != sorted(again):
            return wrong(
                "asked twice about the same table you choose differently: chance is what your criterion will "
                "be compared with.",
                "random",
            )
    choices = {tuple(sorted(asked[0])) for asked, case in zip(answers, cases, strict=True) if case["n"] == 3}
    if len(choices) == 1:
        return wrong("you choose the same filters whatever the numbers are: let the table decide.", "constant")
    # Ties may fall to the first row, so a criterion with ties is allowed to change its mind now and then.
    moved = [sorted(shuffled) != sorted(chosen) for chosen, _, shuffled in answers]
    if sum(moved) > len(moved) / 2:
        return wrong(
            "with the rows in another order you choose other filters: let the numbers decide, not the "
            "place in the table.",
            "row_order",
        )
    if all(sorted(asked[0]) == sorted(_least_mass(case)) for asked, case in zip(answers, cases, strict=True)):
        return wrong("that is the line already drawn in the figure: find one of your own.", "least_mass")
    return Verdict("right", "A criterion; the notebook's figure shows whether a good one.")


def _is_list_of_texts(chosen: Plain) -> bool:
    return isinstance(chosen, list) and all(isinstance(label, str) for label in chosen)


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True


def _least_mass(case: Case) -> list[str]:
    """What the notebook's figure shows beside the student's own criterion."""
    return list(frame(case)["sum"].nsmallest(case["n"]).index)


CRITERION = Exercise(
    "1.12",
    "a criterion of your own",
    4,
    (
        "Which filters would not be missed? Those that fire rarely, weakly, on everything, or on one word?",
        'table["max"].nlargest(n).index holds the labels of the n filters with the highest peaks. Which column do you '
        "suspect, and at which end of it?",
        'A new column need not be stored: (table["max"] - table["min"]).nsmallest(n) ranks by a range.',
    ),
    _criterion_cases,
    _criterion_probe,
    _judge_criterion,
)
