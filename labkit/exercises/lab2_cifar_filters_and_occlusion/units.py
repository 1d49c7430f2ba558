"""Exercise 2.5: a list of units, one of which does not exist."""

from collections.abc import Sequence
from typing import Any

from labkit.exercises.answers import Misfit, Plain, array, entries, no_text, number
from labkit.exercises.comparing import Slip
from labkit.exercises.core import Case, Exercise, Verdict

#: What the notebook shows: units of a layer with this many.
LAYER, UNITS = 128, (1, 2, 4, 14, 23, 29, 128)
_GOOD = [unit for unit in UNITS if unit < LAYER]


def _probe(answer: Any, case: Case) -> Plain:
    found = entries(answer, "a dictionary with 'wrong', 'smallest', 'largest' and 'units'")
    units = array(no_text(found.pop("units", []), "a list of units"))
    if units.size and (units.ndim != 1 or units.dtype.kind not in "iu"):
        raise Misfit("in 'units': a list of whole numbers was wanted")
    return {name: number(value) for name, value in found.items()} | {"units": units.tolist()}


def _added(answer: dict[str, Any]) -> list[int]:
    return [unit for unit in answer["units"] if unit not in _GOOD]


_SLIPS = (
    Slip(
        "place_in_list",
        "in 'wrong' stands the unit's place in the list; wanted the unit itself.",
        lambda answers, cases: answers[0]["wrong"] in (len(UNITS) - 1, len(UNITS)),
    ),
    Slip(
        "exists",
        "the unit that you call wrong exists: compare each number with how many units the layer has, and mind where "
        "counting begins.",
        lambda answers, cases: answers[0]["wrong"] in _GOOD,
    ),
    Slip(
        "counts_from_one",
        "in 'smallest': units are counted from 0 on, as everything in Python.",
        lambda answers, cases: answers[0]["smallest"] == 1,
    ),
    Slip(
        "ends_one_late",
        "in 'largest' stands how many units there are; the first is number 0, so the last has another number.",
        lambda answers, cases: answers[0]["largest"] == LAYER,
    ),
    Slip(
        "of_the_list",
        "in 'largest' stands the largest number of the list; wanted the largest that the layer allows.",
        lambda answers, cases: answers[0]["largest"] == max(_GOOD),
    ),
    Slip(
        "kept",
        "the wrong unit still stands in 'units'.",
        lambda answers, cases: max(UNITS) in answers[0]["units"],
    ),
    Slip(
        "dropped_good",
        "in 'units' a unit is missing that exists: only the wrong one should go.",
        lambda answers, cases: not set(_GOOD) <= set(answers[0]["units"]),
    ),
    Slip(
        "negative",
        "in 'units' stands a negative number. Python takes it from the end, so nothing crashes, but the mistake is "
        "only hidden: which unit it is, the figure's title does not say.",
        lambda answers, cases: any(unit < 0 for unit in answers[0]["units"]),
    ),
    Slip(
        "no_unit",
        "in 'units' stands another number that the layer has no unit for.",
        lambda answers, cases: any(unit >= LAYER for unit in answers[0]["units"]),
    ),
    Slip(
        "twice",
        "in 'units' a unit stands twice, and would be shown twice.",
        lambda answers, cases: len(set(answers[0]["units"])) < len(answers[0]["units"]),
    ),
    Slip(
        "reordered",
        "the units that exist are there, but no longer in their order.",
        lambda answers, cases: [unit for unit in answers[0]["units"] if unit in _GOOD] != _GOOD,
    ),
    Slip(
        "several_added",
        "in 'units' several units are new; wanted one at most, in the wrong one's place.",
        lambda answers, cases: len(_added(answers[0])) > 1,
    ),
)


def _well_formed(answer: Plain) -> bool:
    """Whether it is what the probe makes; it may be anything."""
    numbers = ("wrong", "smallest", "largest")
    return (
        isinstance(answer, dict)
        and answer.keys() == {*numbers, "units"}
        and all(type(answer[name]) in (int, float) for name in numbers)
        and isinstance(answer["units"], list)
        and all(type(unit) is int for unit in answer["units"])
    )


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """The three numbers are compared; of the lists more than one is right."""
    if not all(_well_formed(answer) for answer in answers):
        return Verdict("wrong", "wanted the entries 'wrong', 'smallest', 'largest' and 'units'.", "other")
    for slip in _SLIPS:
        if slip.explains(answers, cases):
            return Verdict("wrong", slip.message, slip.name)
    numbers = {"wrong": max(UNITS), "smallest": 0, "largest": LAYER - 1}
    for name, wanted in numbers.items():
        if answers[0][name] != wanted:
            return Verdict("wrong", f"in {name!r}: not what was expected.", "other")
    return Verdict("right", "")


UNIT_LIST = Exercise(
    "2.5",
    "the unit that crashes",
    2,
    (
        "How many units has the layer, and which number has the first of them?",
        'Run the cell that crashes: "index ... is out of bounds for axis ... with size ..." names both.',
        "The first unit is number 0, so the last is number (how many there are) - 1. Leave the unit beyond it out, or "
        "put any other in its place.",
    ),
    lambda rng: [{}],
    _probe,
    _judge,
)
