"""The comment lines of a source that steer what goes into which of its two notebooks.

=============================  ====================================================================
line                           meaning
=============================  ====================================================================
``# Exercise 1.3``             first line of a cell that the student fills
``# BEGIN SOLUTION``           from here the exercise notebook has ``# YOUR CODE HERE`` and a stub ...
``# END SOLUTION``             ... up to here
``# STUB: code``               directly after the end: what the stub is; without such lines, ``...``
``# SOLUTION ONLY``            first line of a cell that the exercise notebook leaves out
``# EXERCISE ONLY``            the reverse; in Markdown both are written ``<!-- SOLUTION ONLY -->``
``# NBVAL_CHECK_OUTPUT``       nbval compares this cell's output; only the solution notebook has it
``# SET-UP``                   first line of the set-up cell
=============================  ====================================================================
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from labkit.course.source import Cell, Lab, Line, problem

BEGIN, END, STUB = "# BEGIN SOLUTION", "# END SOLUTION", "# STUB:"
ONLY = {
    "# SOLUTION ONLY": "solution",
    "<!-- SOLUTION ONLY -->": "solution",
    "# EXERCISE ONLY": "exercise",
    "<!-- EXERCISE ONLY -->": "exercise",
}
NBVAL = "# NBVAL_CHECK_OUTPUT"

# A mistyped marker would hand the solution to the students, so whatever looks like one must be one.
_COMMENT = re.compile(r"\s*(?:#|<!--)+\s*(?P<words>.*?)\s*(?:-->)?\s*")
_STARTS_LIKE_ONE = re.compile(r"(?:begin|end) solution|(?:solution|exercise) only")
_MARKERS = ("begin solution", "end solution", "solution only", "exercise only", "nbval check output")
_ALIKE = 0.85  # one or two letters off; a remark of the author's own is farther away


@dataclass(frozen=True)
class Region:
    """What stands between ``BEGIN`` and ``END``, and the stub that takes its place."""

    begin: Line
    solution: tuple[Line, ...]
    stub: tuple[Line, ...]


def solution_cells(lab: Lab) -> list[Cell]:
    """The cells of the solution notebook: without marker lines, otherwise as written."""
    cells = [_without_heading(lab, cell) for cell in lab.cells if _belongs_to(cell) != "exercise"]
    return [
        replace(cell, lines=tuple(line for part in _parts(lab.path, cell) for line in _solved(part))) for cell in cells
    ]


def exercise_cells(lab: Lab) -> list[Cell]:
    """The cells of the exercise notebook: every solution region is a stub.

    Raises:
        CourseError: the code no longer parses with the stub in place.
    """
    cells = []
    for cell in lab.cells:
        if _belongs_to(cell) == "solution":
            continue
        cell = _without_heading(lab, cell)
        lines = [line for part in _parts(lab.path, cell) for line in _stubbed(part)]
        cell = replace(cell, lines=tuple(line for line in lines if line.text.strip() != NBVAL))
        parse(lab.path, cell)
        cells.append(cell)
    return cells


def _belongs_to(cell: Cell) -> str | None:
    return ONLY.get(cell.lines[0].text.strip())


def _without_heading(lab: Lab, cell: Cell) -> Cell:
    """Drop the line that says to which notebook the cell belongs."""
    if not _belongs_to(cell):
        return cell
    first, *rest = cell.lines
    if not rest:
        raise problem(lab.path, first.number, f"got {first.text!r} and nothing below it; fill the cell.")
    return replace(cell, lines=tuple(rest))


def _parts(path: Path, cell: Cell) -> Iterator[Line | Region]:
    """Plain lines and solution regions, in their order."""
    lines = list(cell.lines)
    while lines:
        line = lines.pop(0)
        mark = line.text.strip()
        if mark == BEGIN and cell.kind == "code":
            yield _region(path, line, lines)
        elif mark.startswith(STUB):
            raise problem(path, line.number, f"got {STUB!r}; it stands directly after {END!r}, in the same indent.")
        elif mark != NBVAL and _like_a_marker(mark):
            raise problem(
                path, line.number, f"got {mark!r}; wanted {BEGIN!r} and {END!r} in pairs in a code cell, or "
                f"'# SOLUTION ONLY' / '<!-- SOLUTION ONLY -->' as a cell's first line, or {NBVAL!r}.",
            )  # fmt: skip
        else:
            yield line


def _like_a_marker(text: str) -> bool:
    comment = _COMMENT.fullmatch(text)
    if not comment:
        return False
    words = re.sub(r"[\s_-]+", " ", comment["words"].lower())
    return bool(_STARTS_LIKE_ONE.match(words) or get_close_matches(words, _MARKERS, cutoff=_ALIKE))


def _region(path: Path, begin: Line, lines: list[Line]) -> Region:
    """Take the region that ``begin`` opens, with its stub, off the front of ``lines``."""
    indent = begin.text[: -len(begin.text.lstrip())]
    ends = [i for i, line in enumerate(lines) if line.text == indent + END]
    if not ends:
        raise problem(path, begin.number, f"got {BEGIN!r} without {END!r} in the same cell and the same indent.")
    solution, lines[:] = lines[: ends[0]], lines[ends[0] + 1 :]
    if any(_like_a_marker(line.text) for line in solution):
        raise problem(path, begin.number, f"got another marker before this region's {END!r}; regions do not nest.")
    stub = []
    while lines and lines[0].text.startswith(indent + STUB):
        line = lines.pop(0)
        stub.append(Line(line.number, indent + line.text.removeprefix(indent + STUB).removeprefix(" ")))
    return Region(begin, tuple(solution), tuple(stub) or (Line(begin.number, f"{indent}..."),))


def _solved(part: Line | Region) -> tuple[Line, ...]:
    return part.solution if isinstance(part, Region) else (part,)


def _stubbed(part: Line | Region) -> tuple[Line, ...]:
    if isinstance(part, Line):
        return (part,)
    return (Line(part.begin.number, part.begin.text.replace(BEGIN, "# YOUR CODE HERE")), *part.stub)


def parse(path: Path, cell: Cell) -> ast.Module:
    """The syntax tree of a code cell; an empty one for Markdown.

    Raises:
        CourseError: the code does not parse.
    """
    if cell.kind != "code":
        return ast.Module(body=[], type_ignores=[])
    try:
        return ast.parse(cell.text)
    except SyntaxError as error:
        number = cell.lines[min(error.lineno or 1, len(cell.lines)) - 1].number
        raise problem(
            path, number, f"the exercise's code does not parse ({error.msg}); mend it, or give the region "
            f"a stub that stands alone ({STUB} ...).",
        ) from error  # fmt: skip
