"""Exercise 2.12: a window and a baseline of one's own. The form is checked; the choice is read by a person."""

import re
from collections.abc import Sequence
from typing import Any

from labkit.exercises.answers import Misfit, Plain, entries, number
from labkit.exercises.comparing import Slip
from labkit.exercises.core import Case, Exercise, Verdict
from labkit.exercises.in_words import left_to_a_reader, text, too_short

_NUMBERS = ("window", "stride", "score")
_BASELINES = ("zero", "mean", "blur")
_SMALLEST, _LARGEST = 2, 16


def _probe(answer: Any, case: Case) -> Plain:
    found = entries(answer, "a dictionary with 'window', 'stride', 'baseline', 'score' and 'why'")
    missing = [name for name in (*_NUMBERS, "baseline", "why") if name not in found]
    if missing:
        raise Misfit(f"your dictionary has no entry {missing[0]!r}")
    why = text(found["why"])
    if not isinstance(found["baseline"], str):
        raise Misfit("in 'baseline': the name of one was wanted, in quotes")
    return {name: number(found[name]) for name in _NUMBERS} | {"baseline": str(found["baseline"]), "why": why}


_SLIPS = (
    Slip(
        "no_window",
        "a window has a whole number of pixels along its side.",
        lambda answers, cases: any(answers[0][name] % 1 != 0 for name in ("window", "stride")),
    ),
    Slip(
        "window_size",
        f"choose a window of {_SMALLEST} to {_LARGEST} pixels: one pixel hides nothing that the network would miss, "
        "and half of the image's side hides nearly all objects whole.",
        lambda answers, cases: not _SMALLEST <= answers[0]["window"] <= _LARGEST,
    ),
    Slip(
        "no_stride",
        "a stride has at least 1 pixel, or the window never moves.",
        lambda answers, cases: answers[0]["stride"] < 1,
    ),
    Slip(
        "gaps",
        "a stride wider than the window leaves gaps that no window covers.",
        lambda answers, cases: answers[0]["stride"] > answers[0]["window"],
    ),
    Slip(
        "unknown_baseline",
        f"choose one of the baselines {', '.join(map(repr, _BASELINES))}.",
        lambda answers, cases: answers[0]["baseline"] not in _BASELINES,
    ),
    Slip(
        "no_share",
        "a score is a share, from 0 to 1: enter the number that your table shows for this choice.",
        lambda answers, cases: not 0 <= answers[0]["score"] <= 1,
    ),
    Slip(
        "no_number",
        "your reasons name no number: what did this choice score, and what did the next best?",
        lambda answers, cases: not re.search(r"\d", answers[0]["why"]),
    ),
)


def _well_formed(answer: Plain) -> bool:
    """Whether it is what the probe makes; it may be anything."""
    return (
        isinstance(answer, dict)
        and answer.keys() == {*_NUMBERS, "baseline", "why"}
        and all(isinstance(answer[name], (int, float)) for name in _NUMBERS)
        and all(isinstance(answer[name], str) for name in ("baseline", "why"))
    )


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """Refuse what cannot be a choice; all else is for a reader."""
    if not all(_well_formed(answer) for answer in answers):
        return Verdict("wrong", "wanted the entries 'window', 'stride', 'baseline', 'score' and 'why'.", "other")
    short = too_short(answers[0]["why"])
    if short:
        return short
    for slip in _SLIPS:
        if slip.explains(answers, cases):
            return Verdict("wrong", slip.message, slip.name)
    return left_to_a_reader(answers[0]["why"], CHOICE.hints[-1])


CHOICE = Exercise(
    "2.12",
    "choose window and baseline",
    3,
    (
        "Compute one score for several windows and all three baselines, on the validation images: choosing on the test "
        "images would make the test too kind.",
        "A large window gives coarse maps, a small one hides too little to matter. And a black occluder is an edge "
        "that no photo has: the network may drop for that alone.",
        "Points to compare with: the score of the choice beside the next best and the worst, and whether they differ "
        "by more than chance; what random maps score; what the choice costs, in images per map.",
    ),
    lambda rng: [{}],
    _probe,
    _judge,
)
