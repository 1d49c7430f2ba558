"""Small sealed runs for the tests: a right answer to exercise 1.14, which needs no framework, and cells beside it."""

import secrets

import pytest

from labkit.course.grading.sealed import Limits, Question, Step, Task, available, run
from labkit.exercises.core import judge
from labkit.exercises.registry import find

needs_sandbox = pytest.mark.skipif(bool(available()), reason=f"no sealed runs here: {available()}")

JACCARD = "def jaccard(a, b):\n    return len(a & b) / len(a | b) if a | b else 0.0"
_SMALL = {
    "cell_seconds": 20,
    "total_seconds": 60,
    "memory_mb": 600,
    "processes": 100,
    "open_files": 200,
    "output_mb": 2,
    "disk_mb": 20,
    "answer_mb": 1,
}


def question(exercise="1.14", expression="jaccard"):
    return Step("", Question(exercise, expression, find(exercise).drawn(secrets.randbits(63))))


def outcome(*steps, framework="torch", unsafe=False, **limits):
    """Run cells, given as texts, and questions."""
    steps = [Step(step) if isinstance(step, str) else step for step in steps]
    return run(Task("lab1_txray_text_cnn", framework, steps), Limits(**_SMALL | limits), unsafe=unsafe)


def state(asked, outcome):
    """What the judge says to the answers to a question; "" if none came back."""
    probed = outcome.probed.get(asked.question.exercise)
    if probed is None or probed.answers is None:
        return ""
    if probed.answers[0] == {"unanswered": ""}:
        return "unanswered"
    return judge(find(asked.question.exercise), probed.answers, asked.question.cases).state


def report(code):
    """Run code that leaves a text in ``report``, and hand the text back as an answer in words."""
    done = outcome(code, question("1.6", "report"))
    assert done.ended == "" and done.cell_errors == [], done
    return done.probed["1.6"].answers[0]
