"""From a matched notebook to the steps of a sealed run: the given cells, with the student's among them."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from labkit.course.grading.given import Given
from labkit.course.grading.matching import Matched
from labkit.course.grading.sealed import Question, Step, telling
from labkit.exercises.core import Case


@dataclass(frozen=True)
class Piece:
    """A step and whose it is.

    Attributes:
        step: of the sealed run.
        exercise: the exercise that is answered or asked here; "" for all other cells.
        extra: index among the student's own cells; -1 for all others.
    """

    step: Step
    exercise: str = ""
    extra: int = -1

    @property
    def students(self) -> bool:
        """Whether what runs here is of the student's making."""
        return bool(self.exercise) or self.extra >= 0


def assemble(
    lab: Given,
    matched: Matched,
    cases: Mapping[str, list[Case]],
    states: Mapping[str, str],
    left_out: Collection[str] = (),
    extras_left_out: Collection[int] = (),
) -> list[Piece]:
    """The steps of a run, up to its last question.

    Args:
        lab: what was given.
        matched: what the student made of it.
        cases: exercise id -> hidden inputs, for the exercises that are asked.
        states: exercise id -> what an earlier run found, for those that are not asked again.
        left_out: exercises whose answers are replaced by what was given.
        extras_left_out: indices of the student's own cells that do not run.
    """
    own = defaultdict[int, list[Piece]](list)
    for index, extra in enumerate(matched.extras):
        if index not in extras_left_out:
            own[extra.after].append(Piece(Step(extra.code), extra=index))
    pieces = [*own[-1]]
    last = 0
    for place, cell in enumerate(lab.cells):
        if cell.exercise in matched.answers and cell.exercise not in left_out:
            pieces.append(Piece(Step(matched.answers[cell.exercise]), cell.exercise))
        elif not cell.checks:
            pieces.append(Piece(Step(cell.text)))
        elif cell.checks in cases:
            question = Question(cell.checks, cell.expression, cases[cell.checks])
            pieces.append(Piece(Step("", question), cell.checks))
            last = len(pieces)
        elif states.get(cell.checks):
            pieces.append(Piece(Step(telling(cell.checks, states[cell.checks]))))
        pieces += own[place]
    return pieces[:last]
