"""``feedback/STUDENT/labN.html``: what a student gets back for a lab.

It holds no hidden input and no expected value: of the checks it knows their messages alone. The last hint, which gives
all but the answer away, is shown to those who have the answer.
"""

from dataclasses import dataclass
from functools import cache

from labkit.course.grading.outputs.attempts import Returned
from labkit.course.grading.outputs.pages import render
from labkit.course.grading.outputs.texts import counted, points
from labkit.course.grading.records import Graded, Mark
from labkit.exercises.registry import find


@dataclass(frozen=True)
class Told:
    """What a student is told of an exercise.

    Attributes:
        mark: the effective mark.
        automatic: the mark before anything was entered by hand.
        result: "right", "in part" or "wrong" where points are known, else the state.
        hints: to review with, from the nudge on.
    """

    mark: Mark
    automatic: Mark
    result: str
    hints: tuple[str, ...]

    @property
    def in_words(self) -> bool:
        """Whether what is shown of the answer is meant for a reader, and not code."""
        return self.automatic.state == "needs manual marking" and not self.mark.code

    @property
    def message(self) -> str:
        """What the check said, unless a reader found the answer right after all."""
        overruled = self.result == "right" and result(self.automatic) != "right"
        return "" if overruled else self.mark.message

    @property
    def answer(self) -> str:
        """What is shown of the answer: words that code has made could hold a hidden input."""
        return self.mark.code or self.mark.answer


def page(one: Returned, unsealed: bool) -> str:
    """The page of what a student returned for a lab.

    Args:
        one: with effective marks.
        unsealed: whether any notebook ran without a sandbox.
    """
    told = [Told(mark, automatic, result(mark), _hints(mark)) for mark, automatic in one.pairs()]
    return render("feedback.html", one=one, record=one.graded, told=told, total=total(one.graded), unsealed=unsealed)


def result(mark: Mark) -> str:
    """Of an exercise, in words: "right", "in part" or "wrong" where points are known, else its state."""
    if mark.state != "graded" or mark.points is None:
        return mark.state
    if mark.points >= mark.maximum:
        return "right"
    return "in part" if mark.points > 0 else "wrong"


def total(record: Graded) -> str:
    """All points in a sentence, with what is still open: never a number where nobody can say."""
    waiting = sum(mark.maximum for mark in record.marks if mark.state == "needs manual marking")
    stuck = record.open_points - waiting
    if not record.marks or record.problem or stuck == record.maximum:
        return "No points yet: this notebook could not be graded."
    known = f"{points(record.points)} of {counted(record.maximum, 'point')}"
    if not record.open_points:
        return f"{known}."
    nothing_known = record.open_points == record.maximum
    more = "" if nothing_known else " more"
    still = [f"{waiting}{more} {'waits' if waiting == 1 else 'wait'} for a reader"] if waiting else []
    still += [f"{stuck}{more} could not be graded yet"] if stuck else []
    return f"{'No points yet:' if nothing_known else f'{known} so far,'} {' and '.join(still)}."


def _hints(mark: Mark) -> tuple[str, ...]:
    hints = _all_hints(mark.exercise)
    return hints if result(mark) == "right" else hints[:-1]


@cache  # a page asks a dozen times, and find looks through folders
def _all_hints(exercise: str) -> tuple[str, ...]:
    return find(exercise).hints
