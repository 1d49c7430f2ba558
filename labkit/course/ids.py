"""The ids of exercises: each stands once in the source, is checked below, and is in ``labkit.exercises``."""

import ast
import re
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from labkit.course import CourseError
from labkit.course.markers import BEGIN, exercise_cells, parse
from labkit.course.source import SET_UP, Cell, Lab


def check_exercises(lab: Lab, known: Collection[str]) -> None:
    """See that exercises in the source and in ``labkit.exercises`` are the same, and each is checked.

    Args:
        lab: the source.
        known: the ids that labkit.exercises has for this lab.

    Raises:
        CourseError: with one line for each problem.
    """
    regions = {cell.exercise for cell in lab.cells if cell.exercise and BEGIN in cell.text}
    cells = exercise_cells(lab)
    found = [(cell.exercise, cell.lines[0].number, index) for index, cell in enumerate(cells) if cell.exercise]
    times = Counter(name for name, _, _ in found)
    problems = []
    for cell in lab.cells:
        if re.search(r"^setup\(", cell.text, re.MULTILINE) and not cell.text.startswith(f"{SET_UP}\n"):
            where = f"{lab.path}:{cell.lines[0].number}"
            problems.append(f"{where}: calls setup; begin the cell with the line '{SET_UP}', or labkit is not found.")
    for name, number, index in found:
        where = f"{lab.path}:{number}: exercise {name}"
        if times[name] > 1:
            problems.append(f"{where} stands {times[name]} times; every exercise has one cell and its own id.")
        if name not in regions:
            problems.append(f"{where} has no line '{BEGIN}': students would be handed the solution.")
        if name not in known:
            problems.append(f"{where} is not in labkit.exercises for {lab.stem}, which has {_listed(known)}.")
        if not any(name in _checked(lab.path, later) for later in cells[index + 1 :]):
            problems.append(f'{where} has no check("{name}") in a cell below it; add one.')
    problems += [
        f"{lab.path}:1: labkit.exercises has exercise {name}, but no cell begins with '# Exercise {name}'."
        for name in sorted(set(known) - set(times))
    ]
    if problems:
        raise CourseError("\n".join(problems))


def _checked(path: Path, cell: Cell) -> set[str]:
    """The ids for which this cell calls ``check``."""
    return {
        str(node.args[0].value)
        for node in ast.walk(parse(path, cell))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
