"""The source of a lab: one percent-format file, and the two lists of cells it stands for.

What goes where is steered by comment lines, see ``labkit.course.markers``.
"""

import re
import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import jupytext

from labkit.course import CourseError

_CELL_START = re.compile(r"# %%(?=\s|$)")
_EXERCISE = re.compile(r"# Exercise (\d+\.\d+[a-z]?)\b")
_ASKED = re.compile(r"^\*\*Exercise (\d+\.\d+)", re.MULTILINE)
_CHECK = re.compile(r"""^check\(["'](\d+\.\d+[a-z]?)["']""", re.MULTILINE)
_HEADING = re.compile(r"#{1,6} +(.+)")
_SECTION_NUMBER = re.compile(r"^\d[\d.]*\s+")
_SLUG_LENGTH = 40  # of the 64 characters that nbformat allows an id

SET_UP = "# SET-UP"


class Line(NamedTuple):
    """A line of a cell and the line of the source file it comes from, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Cell:
    """A cell; ``name`` is its id, made from its place in the source and the same in both notebooks."""

    name: str
    kind: str  # "code" or "markdown"
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        """What stands in the cell."""
        return "\n".join(line.text for line in self.lines)

    @property
    def exercise(self) -> str | None:
        """The id of the exercise that is answered in this cell, such as "1.3"."""
        match = _EXERCISE.match(self.text) if self.kind == "code" else None
        return match.group(1) if match else None

    @property
    def heading(self) -> str | None:
        """The last heading in a Markdown cell."""
        found = [_HEADING.match(line.text) for line in self.lines] if self.kind == "markdown" else []
        return next((match.group(1).strip() for match in reversed(found) if match), None)


@dataclass(frozen=True)
class Lab:
    """A source as read from disk."""

    path: Path
    cells: tuple[Cell, ...]

    @property
    def stem(self) -> str:
        """The lab's name in every room of the house, such as "lab1_txray_text_cnn"."""
        return self.path.stem

    @property
    def title(self) -> str:
        """The first heading."""
        headings = (line.text for cell in self.cells if cell.kind == "markdown" for line in cell.lines)
        return next((text.lstrip("# ").strip() for text in headings if text.startswith("# ")), self.stem)

    @property
    def exercises(self) -> tuple[str, ...]:
        """The ids of the exercises in their order."""
        return tuple(cell.exercise for cell in self.cells if cell.exercise)


def problem(path: Path, number: int, message: str) -> CourseError:
    """An error that names file and line."""
    return CourseError(f"{path}:{number}: {message}")


def read(path: Path) -> Lab:
    """Read a percent-format source.

    Raises:
        CourseError: it is no such file.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise problem(path, 1, f"got bytes that are not UTF-8 ({error}); save the file as UTF-8.") from error
    starts = [number for number, line in enumerate(text.splitlines(), start=1) if _CELL_START.match(line)]
    nodes = jupytext.reads(text, fmt="py:percent").cells
    if len(nodes) != len(starts):
        raise problem(
            path, 1, f"got {len(starts)} lines '# %%' but {len(nodes)} cells; every cell starts with "
            "'# %%' or '# %% [markdown]', and only a file header may stand before the first.",
        )  # fmt: skip
    cells = []
    for node, start in zip(nodes, starts, strict=True):
        lines = tuple(Line(start + i, line) for i, line in enumerate(node.source.splitlines(), start=1))
        if node.cell_type == "raw" or set(node.metadata) - {"lines_to_next_cell"}:  # jupytext's own note on blank lines
            raise problem(path, start, "got a raw cell or cell metadata; wanted plain '# %%' or '# %% [markdown]'.")
        if not lines:
            raise problem(path, start, "got an empty cell; fill it or take it out.")
        cells.append(Cell("", node.cell_type, lines))
    return Lab(path, tuple(replace(cell, name=name) for cell, name in zip(cells, _names(cells), strict=True)))


def place(cells: Sequence[Cell], index: int) -> str:
    """What a person calls the cell: the exercise it asks or answers, or the nearest heading above."""
    asked = _ASKED.search(cells[index].text) if index < len(cells) and cells[index].kind == "markdown" else None
    if asked:
        return f"exercise {asked[1]}"
    for cell in reversed(cells[: index + 1]):
        if cell.exercise:
            return f"exercise {cell.exercise}"
        if cell.heading:
            return f"section {cell.heading!r}"
    return "the first cells"


def _names(cells: Sequence[Cell]) -> Iterator[str]:
    """An id for each cell of a source that stays when its text changes: an answer or a remark keeps its place.

    What has no name of its own is called by the nearest heading above and its number among all cells there,
    counted in the source, where the cells of both notebooks stand.
    """
    section = "start"
    places: Counter[str] = Counter()
    taken: set[str] = set()
    for cell in cells:
        section = _slug(cell.heading) if cell.heading else section
        places[section] += 1
        name = _own_name(cell) or f"{section}-{places[section]}"
        while name in taken:  # two checks of one exercise, or a heading that reads like another's id
            name += "-again"
        taken.add(name)
        yield name


def _own_name(cell: Cell) -> str | None:
    """The id of a cell that is known by what it does."""
    if cell.kind != "code":
        return None
    if cell.lines[0].text == SET_UP:
        return "set-up"
    if cell.exercise:
        return f"exercise-{cell.exercise.replace('.', '-')}"
    check = _CHECK.search(cell.text)
    return f"check-{check.group(1).replace('.', '-')}" if check else None


def _slug(heading: str) -> str:
    """The first words of a heading, without its number, in the letters, digits and hyphens that an id may have."""
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", " ", _SECTION_NUMBER.sub("", plain))
    return textwrap.shorten(words, _SLUG_LENGTH, placeholder="").replace(" ", "-") or "section"
