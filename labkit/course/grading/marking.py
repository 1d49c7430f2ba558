"""From what came back of a sealed run to marks: the judge's half, where no student's code runs."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from labkit.course.grading import code, telling
from labkit.course.grading.code import Written
from labkit.course.grading.records import Mark
from labkit.course.grading.sealed import Probed
from labkit.exercises.answers import Plain
from labkit.exercises.core import Case, Exercise, Verdict, judge

#: What the judge says where it would have looked at nothing.
NOT_ANSWERED = "not answered."
_LONGEST_MESSAGE, _LONGEST_ANSWER = 600, 20_000


def not_answered(exercise: Exercise) -> Mark:
    """The mark of an exercise whose cell is as it was given."""
    return Mark(exercise.id, exercise.title, exercise.points, "not answered", 0, NOT_ANSWERED)


def not_graded(exercise: Exercise, answer: str, why: str) -> Mark:
    """The mark of an exercise of which nothing came back that can be judged: no points, which is not 0 points."""
    return Mark(exercise.id, exercise.title, exercise.points, "could not be graded", None, answer=_cut(answer), why=why)


def mark(exercise: Exercise, answer: str, probed: Probed, cases: list[Case], written: Written) -> Mark:
    """The mark that an answer has earned.

    Args:
        exercise: which one.
        answer: the student's code.
        probed: what came back.
        cases: what was put in.
        written: all code of the notebook, which the student can see.
    """
    if probed.answers is None:
        return not_graded(exercise, answer, probed.problem)
    try:
        verdict = _verdict(exercise, probed.answers, cases)
    except Exception as error:  # noqa: BLE001 - of a judge that expects no such answer; all other marks stand
        why = f"its judge failed with {type(error).__name__}, which is a mistake in the course and not in the answer"
        return not_graded(exercise, answer, why)
    made = Mark(
        exercise.id,
        exercise.title,
        exercise.points,
        "graded",
        exercise.points if verdict.state == "right" else 0,
        _cut(_told(verdict, cases, written), _LONGEST_MESSAGE),
        verdict.mistake if verdict.state == "wrong" else "",
        _cut(answer),
    )
    if verdict.state == "unanswered" and not (exercise.for_a_reader and verdict.message != NOT_ANSWERED):
        return replace(made, state="not answered")
    if exercise.for_a_reader:  # also where the check finds it too short, or its text failed: a person sees what it says
        as_written = verdict.state == "unanswered" or verdict.mistake in ("raised", "misfit")
        made = replace(made, state="needs manual marking", points=None)
        return made if as_written else _for_a_reader(made, probed.answers[0])
    return made


def _verdict(exercise: Exercise, answers: list[Plain], cases: list[Case]) -> Verdict:
    match answers:
        case [{"unanswered": message, **others}] if not others:
            return Verdict("unanswered", str(message) or NOT_ANSWERED)
    return judge(exercise, answers, cases)


def _told(verdict: Verdict, cases: list[Case], written: Written) -> str:
    """What the student is told: no hidden input, whatever an answer, an error or a probe makes of them."""
    if verdict.mistake == "raised":
        return telling.of_error(verdict.message, written)
    hidden = {text for case in cases for part in case.values() for text in _texts(part)}
    if verdict.mistake == "misfit" or (verdict.state == "unanswered" and verdict.message != NOT_ANSWERED):
        return telling.of_kind(verdict.message, hidden, written)
    return telling.of_judge(verdict.message, hidden, written)


def _texts(value: Plain) -> Iterator[str]:
    """All texts within plain data."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _for_a_reader(made: Mark, words: Plain) -> Mark:
    """The mark of an answer in words, with the code that makes them: they might hold a hidden input."""
    as_they_stand = _stand_in(words, Written(made.answer), code.texts(made.answer))
    return replace(made, answer=_cut(_in_words(words)), code="" if as_they_stand else made.answer)


def _stand_in(words: Plain, written: Written, texts: Collection[str]) -> bool:
    """Whether all of an answer in words can be read in its code."""
    if isinstance(words, dict):
        names = all(name in texts or name in written.numbers for name in words)
        return names and all(_stand_in(part, written, texts) for part in words.values())
    if isinstance(words, str):
        return words in texts
    return isinstance(words, float) and str(words).removeprefix("-").removesuffix(".0") in written.numbers


def _in_words(answer: Any) -> str:
    """An answer for a reader: a text, or the entries of a dictionary on a line each."""
    if isinstance(answer, dict):
        return "\n".join(f"{name}: {value}" for name, value in answer.items())
    return str(answer)


def _cut(text: str, most: int = _LONGEST_ANSWER) -> str:
    return text if len(text) <= most else f"{text[:most]} ... ({len(text) - most} letters more)"
