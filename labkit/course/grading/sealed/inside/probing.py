"""A question, put where the student's cells ran: the answer comes back as plain data in a text."""

import json
from typing import Any

from labkit.course.grading.sealed.inside.plain_json import Malformed, decode, encode
from labkit.exercises import desk
from labkit.exercises.answers import Plain, Unanswered
from labkit.exercises.core import State, Verdict, collect
from labkit.exercises.registry import find

ANSWERS_MIME = "application/vnd.labkit.answers+json"
#: In place of answers that are larger than may be sent.
TOO_LARGE = "too large"


class Answers:
    """The answers to one question, as Jupyter carries them: a text of a type of its own."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {ANSWERS_MIME: self.text}


def ask(question: str, most: int) -> Answers:
    """Probe what an expression gives, with all cases.

    Args:
        question: JSON of "exercise", "expression" and "cases", the last as ``encode`` makes it.
        most: letters of the answers together; more are not sent.
    """
    from IPython import get_ipython  # the grader, which reads the names above, does without it

    asked = json.loads(question)
    cases = decode(asked["cases"], len(asked["cases"]))
    answers = collected(asked["exercise"], asked["expression"], cases, get_ipython().user_ns)
    texts = [_encoded(answer) for answer in answers]
    if sum(map(len, texts)) > most:
        return Answers(TOO_LARGE)
    return Answers(f"[{','.join(texts)}]")


def tell(exercise: str, state: State) -> None:
    """Let ``done`` know what was found outside, so that the cells which depend on an answer do as in a notebook."""
    desk.note(exercise, Verdict(state, ""))


def collected(exercise_id: str, expression: str, cases: list[Any], names: dict[str, Any]) -> list[Plain]:
    """One answer a case, or ``{"unanswered": ...}`` alone for a stub."""
    exercise = find(exercise_id)
    try:
        answer = eval(expression, names)  # the given check cell's own words
    except Exception as error:  # noqa: BLE001 - a name that the student's cells never made
        return [{"raised": f"{type(error).__name__}: {error}"} for _ in cases]
    try:
        return [collect(exercise, answer, case) for case in cases]
    except Unanswered as left:
        return [{"unanswered": str(left)}]


def _encoded(answer: Plain) -> str:
    try:
        return encode(answer)
    except Malformed as error:
        return encode({"misfit": str(error)})
