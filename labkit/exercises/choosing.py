"""A choice of one's own, defended by numbers: its form is checked, the choice is read by a person."""

import re
from collections.abc import Sequence
from typing import Any

from labkit.exercises.answers import Misfit, Plain, entries, number
from labkit.exercises.comparing import Slip
from labkit.exercises.core import Case, Exercise, Verdict
from labkit.exercises.in_words import left_to_a_reader, text, too_short

_NO_NUMBER = Slip(
    "no_number",
    "your reasons name no number: what did this choice score, and what did the next best?",
    lambda answers, cases: not re.search(r"\d", answers[0]["why"]),
)


def choice(
    exercise_id: str,
    title: str,
    points: int,
    hints: tuple[str, ...],
    numbers: Sequence[str],
    texts: Sequence[str],
    slips: Sequence[Slip],
) -> Exercise:
    """An exercise that asks for a dictionary: what was chosen, how it scored, and, in "why", the reasons.

    Args:
        exercise_id: such as "2.12".
        title: a few words.
        points: at most.
        hints: as of any exercise; the last is shown beside an answer too, to compare with.
        numbers: the names of the entries that are numbers.
        texts: of those that are texts, without "why".
        slips: what cannot be chosen.
    """
    names = (*numbers, *texts, "why")
    every = (*slips, _NO_NUMBER)

    def probe(answer: Any, case: Case) -> Plain:
        found = entries(answer, "a dictionary with the entries that the exercise names")
        missing = [name for name in names if name not in found]
        if missing:
            raise Misfit(f"your dictionary has no entry {missing[0]!r}")
        return {name: (number if name in numbers else text)(found[name]) for name in names}

    def well_formed(answer: Plain) -> bool:
        """Whether it is what the probe makes; it may be anything."""
        return (
            isinstance(answer, dict)
            and answer.keys() == set(names)
            and all(isinstance(answer[name], (int, float) if name in numbers else str) for name in names)
        )

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        """Refuse what cannot be a choice; all else is for a reader."""
        if not all(well_formed(answer) for answer in answers):
            return Verdict("wrong", f"wanted the entries {', '.join(map(repr, names))}.", "other")
        reasons = str(answers[0]["why"])
        short = too_short(reasons)
        if short:
            return short
        for slip in every:
            if slip.explains(answers, cases):
                return Verdict("wrong", slip.message, slip.name)
        return left_to_a_reader(reasons, hints[-1])

    return Exercise(exercise_id, title, points, hints, lambda rng: [{}], probe, judge, for_a_reader=True)
