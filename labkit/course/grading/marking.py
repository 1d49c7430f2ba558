"""From what came back of a sealed run to marks: the judge's half, where no student's code runs."""

import re
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
_RAISED = re.compile(r"(?P<kind>\w{1,60})\b.*?(?:, at (?P<line>`.{1,200}`))?", re.DOTALL)


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
    verdict = _verdict(exercise, probed.answers, cases)
    made = Mark(
        exercise.id,
        exercise.title,
        exercise.points,
        "graded",
        exercise.points if verdict.state == "right" else 0,
        _cut(_told(verdict, probed.answers), _LONGEST_MESSAGE),
        verdict.mistake if verdict.state == "wrong" else "",
        _cut(answer),
    )
    if verdict.state == "unanswered":
        return replace(made, state="not answered")
    if exercise.for_a_reader:  # also where the check finds it too short, or its text failed: a person sees what it says
        words = answer if verdict.mistake in ("raised", "misfit") else _in_words(probed.answers[0])
        return replace(made, state="needs manual marking", points=None, answer=_cut(words))
    return made


def _verdict(exercise: Exercise, answers: list[Plain], cases: list[Case]) -> Verdict:
    match answers:
        case [{"unanswered": message, **others}] if not others:
            return Verdict("unanswered", str(message) or NOT_ANSWERED)
    return judge(exercise, answers, cases)


def _told(verdict: Verdict, answers: list[Plain]) -> str:
    """What the student is told: no hidden input, and what an error says may be made of them."""
    raised = [answer["raised"] for answer in answers if isinstance(answer, dict) and answer.keys() == {"raised"}]
    if not raised:
        return verdict.message
    found = _RAISED.fullmatch(str(raised[0]))
    if not found:
        return "your code stopped with an error."
    return f"your code stopped with {found['kind']}" + (f", at {found['line']}." if found["line"] else ".")


def _in_words(answer: Any) -> str:
    """An answer for a reader: a text, or the entries of a dictionary on a line each."""
    if isinstance(answer, dict):
        return "\n".join(f"{name}: {value}" for name, value in answer.items())
    return str(answer)


def _cut(text: str, most: int = _LONGEST_ANSWER) -> str:
    return text if len(text) <= most else f"{text[:most]} ... ({len(text) - most} letters more)"
