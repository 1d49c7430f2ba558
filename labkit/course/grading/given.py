"""The notebook that students were given, as grading needs it: which cell is which, and what each check hands over."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from labkit import exercises
from labkit.course import CourseError, labs, pair
from labkit.course.source import Cell
from labkit.exercises.core import Exercise

#: The line that names an exercise in the code of its answer, as students leave it or write it again.
EXERCISE_LINE = re.compile(r"^[ \t]*#+[ \t]*exercise[ \t]+(\d+)[.,](\d+)\b.*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class GivenCell:
    """A code cell of the given notebook.

    Attributes:
        text: the code.
        exercise: the id of the exercise that is answered here; "" for all other cells.
        checks: the id of the exercise that is checked here, by this cell's only statement; "" for all other cells.
        expression: what the check hands over, such as "by_hand"; "" where nothing is checked.
    """

    text: str
    exercise: str = ""
    checks: str = ""
    expression: str = ""


@dataclass(frozen=True)
class Given:
    """A lab's exercise notebook.

    Attributes:
        stem: the lab, such as "lab1_txray_text_cnn".
        title: as in the notebook.
        framework: "torch" or "keras".
        cells: its code cells, in their order.
        texts: its cells of text.
    """

    stem: str
    title: str
    framework: str
    cells: tuple[GivenCell, ...]
    texts: tuple[str, ...] = ()

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Exercise id -> index of the cell for its answer, in the notebook's order."""
        return {cell.exercise: place for place, cell in enumerate(self.cells) if cell.exercise}

    @cached_property
    def expressions(self) -> Mapping[str, str]:
        """Exercise id -> what its check hands over."""
        return {cell.checks: cell.expression for cell in self.cells if cell.checks}

    @property
    def exercises(self) -> Sequence[Exercise]:
        """The exercises that stand in the notebook, with their probes and judges."""
        return [exercises.load(self.stem).exercises[name] for name in self.places]


def given(root: Path, names: Sequence[str] = ()) -> dict[str, Given]:
    """Stem -> what students were given of each lab.

    Args:
        root: the course's folder.
        names: labs, by the beginnings of their stems; none means all.

    Raises:
        CourseError: no such lab, a source is malformed, or an exercise in it is not known or never checked.
    """
    found = {}
    for lab in labs.select(root, names):
        known, cells = labs.known_exercises(lab.stem), pair.exercise_cells(lab, root)
        code = tuple(_cell(cell) for cell in cells if cell.kind == "code")
        texts = tuple(cell.text for cell in cells if cell.kind == "markdown")
        made = Given(lab.stem, lab.title, exercises.load(lab.stem).framework, code, texts)
        for name in made.places:
            if name not in known or name not in made.expressions:
                what = "no cell checks it" if name in known else "labkit/exercises does not know it"
                raise CourseError(
                    f'{lab.path}: got exercise {name}, but {what}; a cell with nothing but check("{name}", ANSWER) is '
                    "what grading puts its question in the place of."
                )
        found[lab.stem] = made
    return found


def _cell(cell: Cell) -> GivenCell:
    match ast.parse(cell.text).body:
        case [ast.Expr(ast.Call(ast.Name("check"), [ast.Constant(str(exercise)), answer], []))]:
            return GivenCell(cell.text, checks=exercise, expression=ast.unparse(answer))
    return GivenCell(cell.text, exercise=cell.exercise or "")
