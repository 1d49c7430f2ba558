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

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        if not isinstance(answers[0], str):
            return Verdict("wrong", "wanted a text in quotes.", "other")
        return too_short(answers[0], least) or left_to_a_reader(answers[0], hints[-1])

    return Exercise(
        exercise_id,
        title,
        points,
        hints,
        lambda rng: [{}],
        lambda answer, case: text(answer),
        judge,
        for_a_reader=True,
    )


def text(answer: Any) -> str:
    """The answer in words, on one line.

    Raises:
        Unanswered: it is empty, or the stub still stands in it.
        Misfit: it is no text.
    """
    if not isinstance(answer, str):
        raise Misfit(f"got {kind_of(answer)} where a text in quotes was wanted")
    words = " ".join(answer.split())
    if words in ("", STUB):
        raise Unanswered
    if STUB in words:
        raise Unanswered(f'not answered yet, it seems: "{STUB}" still stands in your text. Remove it.')
    return words


def too_short(answer: str, least: int = 15) -> Verdict | None:
    """The verdict on a text with nothing to read; None for any other."""
    words = answer.split()
    different = {word.strip(string.punctuation).casefold() for word in words} - {""}
    if len(words) < least:
        return _too_short(f"{_counted(words)}; wanted at least {least} words.")
    if len(different) < _LEAST_DIFFERENT:
        return _too_short(f"{_counted(words)}, but hardly any two are different.")
    return None


def left_to_a_reader(answer: str, compare_with: str) -> Verdict:
    """The verdict on a text that a person reads; it shows what to compare the answer with."""
    return Verdict("for a reader", f"{_counted(answer.split())}, kept for your instructor. {compare_with}")


def _too_short(told: str) -> Verdict:
    return Verdict("wrong", f"too short to judge by: {told} Say why, with numbers.", "too_short")


def _counted(words: Sequence[str]) -> str:
    return "one word" if len(words) == 1 else f"{len(words)} words"
