"""From what came back of a sealed run to marks: the judge's half, where no student's code runs."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from labkit.course.grading.records import Mark
from labkit.course.grading.sealed import Probed
from labkit.exercises.answers import Plain
from labkit.exercises.core import Case, Exercise, Verdict, judge

#: What the judge says where it would have looked at nothing.
NOT_ANSWERED = "not answered."
_LONGEST_MESSAGE, _LONGEST_ANSWER = 600, 20_000
# As ``labkit.exercises.core.collect`` tells an error: its kind, what it says, the line.
_KIND, _LINE = re.compile(r"\w{1,60}\b"), re.compile(r", at `[^`\n]{1,200}`\Z")
_LONGEST_LINE = 210  # with what stands around it
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


def not_answered(exercise: Exercise) -> Mark:
    """The mark of an exercise whose cell is as it was given."""
    return Mark(exercise.id, exercise.title, exercise.points, "not answered", 0, NOT_ANSWERED)


def not_graded(exercise: Exercise, answer: str, why: str) -> Mark:
    """The mark of an exercise of which nothing came back that can be judged: no points, which is not 0 points."""
    return Mark(exercise.id, exercise.title, exercise.points, "could not be graded", None, answer=_cut(answer), why=why)


def mark(exercise: Exercise, answer: str, probed: Probed, cases: list[Case]) -> Mark:
    """The mark that an answer has earned.

    Args:
        exercise: which one.
        answer: the student's code.
        probed: what came back.
        cases: what was put in.
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
        _cut(_told(verdict, probed.answers, cases), _LONGEST_MESSAGE),
        verdict.mistake if verdict.state == "wrong" else "",
        _cut(answer),
    )
    if verdict.state == "unanswered" and not (exercise.for_a_reader and verdict.message != NOT_ANSWERED):
        return replace(made, state="not answered")
    if exercise.for_a_reader:  # also where the check finds it too short, or its text failed: a person sees what it says
        as_written = verdict.state == "unanswered" or verdict.mistake in ("raised", "misfit")
        words = answer if as_written else _in_words(probed.answers[0])
        return replace(made, state="needs manual marking", points=None, answer=_cut(words))
    return made


def _verdict(exercise: Exercise, answers: list[Plain], cases: list[Case]) -> Verdict:
    match answers:
        case [{"unanswered": message, **others}] if not others:
            return Verdict("unanswered", str(message) or NOT_ANSWERED)
    return judge(exercise, answers, cases)


def _told(verdict: Verdict, answers: list[Plain], cases: list[Case]) -> str:
    """What the student is told: no hidden input, and what an error says may be made of them."""
    raised = [answer["raised"] for answer in answers if isinstance(answer, dict) and answer.keys() == {"raised"}]
    if not raised:
        return _without(verdict.message, {text for case in cases for part in case.values() for text in _texts(part)})
    kind, line = _KIND.match(str(raised[0])), _LINE.search(str(raised[0])[-_LONGEST_LINE:])
    return f"your code stopped with {kind[0] if kind else 'an error'}{line[0] if line else ''}."


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


def _without(message: str, hidden: Collection[str]) -> str:
    """A message in which a hidden text that was quoted is not to be read."""
    return _QUOTED.sub(lambda quoted: "a text of the input" if quoted[0][1:-1] in hidden else quoted[0], message)


def _in_words(answer: Any) -> str:
    """An answer for a reader: a text, or the entries of a dictionary on a line each."""
    if isinstance(answer, dict):
        return "\n".join(f"{name}: {value}" for name, value in answer.items())
    return str(answer)


def _cut(text: str, most: int = _LONGEST_ANSWER) -> str:
    return text if len(text) <= most else f"{text[:most]} ... ({len(text) - most} letters more)"
