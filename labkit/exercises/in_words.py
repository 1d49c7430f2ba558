"""Open questions: answered in words, read by a person. Checked is only whether there is something to read."""

import string
from collections.abc import Sequence
from typing import Any

from labkit.exercises.answers import Misfit, Plain, Unanswered, kind_of
from labkit.exercises.core import Case, Exercise, Verdict

STUB = "YOUR ANSWER HERE"
_LEAST_DIFFERENT = 8


def in_words(exercise_id: str, title: str, points: int, hints: tuple[str, ...], least: int = 15) -> Exercise:
    """An open question.

    Args:
        exercise_id: such as "1.6".
        title: a few words.
        points: at most.
        hints: what to look at; the last is shown beside an answer too, to compare with.
        least: fewer words than this are hardly an answer.
    """

    def probe(answer: Any, case: Case) -> Plain:
        if not isinstance(answer, str):
            raise Misfit(f"got {kind_of(answer)} where a text in quotes was wanted")
        text = " ".join(answer.split())
        if text in ("", STUB):
            raise Unanswered
        if STUB in text:
            raise Unanswered(f'not answered yet, it seems: "{STUB}" still stands in your text. Remove it.')
        return text

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        words = str(answers[0]).split()
        different = {word.strip(string.punctuation).casefold() for word in words} - {""}
        if len(words) < least:
            return _too_short(f"{_counted(words)}; wanted at least {least} words.")
        if len(different) < _LEAST_DIFFERENT:
            return _too_short(f"{_counted(words)}, but hardly any two are different.")
        return Verdict("for a reader", f"{_counted(words)}, kept for your instructor. {hints[-1]}")

    return Exercise(exercise_id, title, points, hints, lambda rng: [{}], probe, judge)


def _too_short(told: str) -> Verdict:
    return Verdict("wrong", f"too short to judge by: {told} Say why, with numbers.", "too_short")


def _counted(words: Sequence[str]) -> str:
    return "one word" if len(words) == 1 else f"{len(words)} words"
