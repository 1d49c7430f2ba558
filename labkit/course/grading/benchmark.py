"""What grading costs: a sealed run with its marks, against a run of the same student's cells in a plain kernel.

The notebook is that of lab 5 with all exercises answered. Both runs start a kernel and compute on one core; in the
plain one the check cells probe and judge, as they do for a student. Other processes do the work, so the clock is the
one on the wall: measure on a machine that does nothing else.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from labkit.course import CourseError, markers, pair
from labkit.course.execute import environment, execute
from labkit.course.grading.given import Given, given
from labkit.course.grading.grading import Job, grade
from labkit.course.grading.records import ReturnedCell, Student, Submission
from labkit.course.grading.sealed import Limits, available
from labkit.course.labs import find_root, select
from labkit.course.source import Cell

VARIANTS = ("the student's cells", "graded")
CLOCK, REPEATS = time.perf_counter, 1

_LAB = "lab5_"
_SMALL = 9  # cells, up to the first check


def prepare(small: bool = False) -> dict[str, Callable[[], object]]:
    """Both runs of the notebook; small: of two exercises.

    Raises:
        ValueError: there is no sandbox here.
    """
    if available():
        raise ValueError(available())
    root = find_root(Path.cwd())
    [lab] = select(root, [_LAB])
    answers = {cell.exercise: cell.lines for cell in markers.solution_cells(lab) if cell.exercise}
    cells = [
        replace(cell, lines=answers[cell.exercise]) if cell.exercise else cell
        for cell in (pair.exercise_cells(lab, root)[:_SMALL] if small else pair.exercise_cells(lab, root))
    ]
    handed_out = given(root, [_LAB])[lab.stem]
    return {VARIANTS[0]: partial(_plain_run, cells), VARIANTS[1]: partial(_graded, cells, handed_out)}


def _plain_run(cells: list[Cell]) -> None:
    node = pair.notebook(cells)
    with tempfile.TemporaryDirectory() as work:
        failure = execute(node, cells, Path(work), environment(Path(work), "sample"))
    if failure:
        raise CourseError(f"{failure.where} failed: {failure.error}")


def _graded(cells: list[Cell], handed_out: Given) -> None:
    returned = tuple(ReturnedCell(cell.kind, cell.text) for cell in cells)
    submission = Submission(Student("student", "Student"), "lab.ipynb", 0.0, "", returned)
    graded = grade(Job(submission, handed_out, Limits(cores=1), seed=0))
    if any(mark.state == "graded" and not mark.points for mark in graded.marks) or graded.look:
        raise CourseError(f"the solution did not earn all points: {graded}")
