"""``marking/labN.html``: the answers to a question side by side, so that one person marks one question for all."""

from collections.abc import Sequence
from itertools import groupby

from labkit.course.grading.outputs.marking_sheet import Question, why
from labkit.course.grading.outputs.pages import render
from labkit.course.grading.outputs.texts import short
from labkit.exercises.registry import find


def pages(questions: Sequence[Question], unsealed: bool) -> dict[str, str]:
    """The pages by the name of their file, one for each lab with something to mark or marked.

    Args:
        questions: by exercise, whose number begins with that of its lab.
        unsealed: whether any notebook ran without a sandbox.
    """
    return {
        f"{short(lab)}.html": _page(lab, list(group), unsealed)
        for lab, group in groupby(questions, key=lambda question: question.returned.lab)
    }


def _page(lab: str, questions: Sequence[Question], unsealed: bool) -> str:
    groups = [
        (find(exercise), list(group))
        for exercise, group in groupby(questions, key=lambda question: question.mark.exercise)
    ]
    return render(
        "marking.html",
        lab=lab,
        title=questions[0].returned.graded.lab_title,
        groups=groups,
        open=sum(question.mark.points is None for question in questions),
        count=len(questions),
        why=why,
        unsealed=unsealed,
    )
