"""``labkit run``: every solution in a fresh kernel, with a page of each to look at and a table at the end."""

import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

import nbformat

from labkit.course import pair
from labkit.course.execute import Failure, check_data, environment, execute, outside, records, rejected, verdicts
from labkit.course.labs import select
from labkit.course.page import page
from labkit.course.source import Lab
from labkit.course.tables import table
from labkit.files import write_atomically
from labkit.notebook import DATA_MIME, SETUP_MIME


@dataclass(frozen=True)
class Result:
    """What one lab's run came to.

    Attributes:
        lab: its source.
        cells: number of code cells.
        seconds: wall time, the kernel's start included.
        states: exercise id -> what its check said of the solution's answer.
        data: "sample" or "full", as the lab says; "auto" as its set-up cell says; "?" if neither was reached.
        page: the HTML page.
        failure: what stopped the run, or None.
        outside: the facts that do not hold, as printed.
    """

    lab: Lab
    cells: int
    seconds: float
    states: dict[str, str]
    data: str
    page: Path
    failure: Failure | None
    outside: list[str]

    @property
    def trouble(self) -> str:
        """What is wrong, in words; "" if nothing is."""
        if self.failure:
            return self.failure.told(self.lab)
        wrong = [f"its checks do not accept {', '.join(names)}"] if (names := rejected(self.states)) else []
        wrong += [f"a stated fact does not hold: {line}" for line in self.outside]
        return f"{self.lab.stem}: {'; '.join(wrong)}." if wrong else ""

    @property
    def row(self) -> tuple[str, ...]:
        """The lab's line in the table."""
        judged = [state for state in self.states.values() if state != "for a reader"]
        passed = f"{judged.count('right')} of {len(judged)}"
        return (self.lab.stem, str(self.cells), f"{self.seconds:.0f}", passed, self.data, _short(self.page))


def run(root: Path, names: Sequence[str] = (), data: str = "sample") -> int:
    """Run labs, write page and executed notebook of each to ``build``, and report on standard output.

    Args:
        root: the course's folder.
        names: labs, by the beginnings of their stems; none means all.
        data: "sample", "full" or "auto".

    Returns:
        The exit status: 1 if a cell failed, a check rejected its solution or a fact did not hold, else 0.

    Raises:
        CourseError: no such lab, or bundled data that are not as published.
    """
    check_data()
    results = [_run_lab(lab, root, data) for lab in select(root, names)]
    for result in results:
        if result.trouble:
            print(f"\nFAILED: {result.trouble}")
    print("\n" + table([("lab", "cells", "seconds", "checks", "data", "page"), *(r.row for r in results)]))
    return int(any(result.trouble for result in results))


def _run_lab(lab: Lab, root: Path, data: str) -> Result:
    cells = pair.solution_cells(lab, root)
    node = pair.notebook(cells)
    total = sum(cell.kind == "code" for cell in cells)
    start = time.monotonic()
    with LiveLine(lab.stem, total) as line, tempfile.TemporaryDirectory() as work:
        failure = execute(node, cells, lab.path.parent, environment(Path(work), data), line.step)
        line.outcome = f"failed in {failure.where}" if failure else f"{total} cells done"
    seconds = time.monotonic() - start
    build = root / "build"
    write_atomically(build / f"{lab.stem}.ipynb", nbformat.writes(node) + "\n")
    write_atomically(build / f"{lab.stem}.html", page(node, lab.title))
    said = [record["data"] for mime in (SETUP_MIME, DATA_MIME) for record in records(node, mime)]
    return Result(
        lab,
        total,
        seconds,
        verdicts(lab, node),
        said[-1] if said else "?",
        build / f"{lab.stem}.html",
        failure,
        outside(node),
    )


def _short(path: Path) -> str:
    """A path as one would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


class LiveLine:
    """One line that says where a run is: rewritten in place on a terminal, else repeated now and then.

    Args:
        label: what is running.
        total: its number of steps.
        stream: where to write; None means standard output.
        every: seconds between two lines; None means 1 on a terminal and else 10.
    """

    def __init__(self, label: str, total: int, stream: TextIO | None = None, every: float | None = None) -> None:
        self.label, self.total, self.stream = label, total, stream or sys.stdout
        self.on_terminal = self.stream.isatty()
        self.every = every or (1 if self.on_terminal else 10)
        self.outcome = "stopped"
        self._number = 0
        self._start = time.monotonic()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        self._write("starting")
        self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._ticker.join()
        self._write(self.outcome, end="\n")

    def step(self, number: int) -> None:
        """Step ``number``, from 1, begins."""
        self._number = number
        if self.on_terminal:
            self._write(self._where)

    @property
    def _where(self) -> str:
        return f"cell {self._number} of {self.total}"

    def _tick(self) -> None:
        while not self._over.wait(self.every):
            self._write(self._where)

    def _write(self, text: str, end: str = "") -> None:
        line = f"{self.label}  {text}, {time.monotonic() - self._start:.0f} s"
        # "\x1b[2K" clears the line that is rewritten.
        self.stream.write(f"\r\x1b[2K{line}{end}" if self.on_terminal else f"{line}\n")
        self.stream.flush()
