"""The source of a lab: one percent-format file, and the two lists of cells it stands for.

What goes where is steered by comment lines, see ``labkit.course.markers``.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import jupytext

from labkit.course import CourseError

_CELL_START = re.compile(r"# %%(?=\s|$)")
_EXERCISE = re.compile(r"# Exercise (\d+\.\d+[a-z]?)\b")


class Line(NamedTuple):
    """A line of a cell and the line of the source file it comes from, counted from 1."""

    number: int
    text: str


@dataclass(frozen=True)
class Cell:
    """A cell; ``name`` is its id, made from its text in the source and the same in both notebooks."""

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
    text = path.read_text(encoding="utf-8")
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
        if node.cell_type == "raw" or set(node.metadata) - {
            "lines_to_next_cell"
        }:  # jupytext's own note on blank lines
            raise problem(
                path, start, "got a raw cell or cell metadata; wanted plain '# %%' or '# %% [markdown]'."
            )
        if not lines:
            raise problem(path, start, "got an empty cell; fill it or take it out.")
        cells.append((node.cell_type, lines))
    names = _names(node.source for node in nodes)
    return Lab(path, tuple(Cell(name, *cell) for name, cell in zip(names, cells, strict=True)))


def place(cells: Sequence[Cell], index: int) -> str:
    """What a person calls the cell: its exercise, or the nearest heading above."""
    for cell in reversed(cells[: index + 1]):
        if cell.exercise:
            return f"exercise {cell.exercise}"
        headings = (
            [line.text for line in cell.lines if line.text.startswith("#")] if cell.kind == "markdown" else []
        )
        if headings:
            return f"section {headings[-1].lstrip('# ')!r}"
    return "the first cells"


def _names(texts: Iterable[str]) -> Iterator[str]:
    """A short name for each text; equal texts are told apart by a number."""
    seen: Counter[str] = Counter()
    for text in texts:
        name = hashlib.sha256(text.encode()).hexdigest()[:12]
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name}-{seen[name]}"
