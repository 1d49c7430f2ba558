"""Run a notebook in a fresh kernel, and say where it failed."""

import atexit
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

import labkit
from labkit.course import CourseError
from labkit.course.source import Cell, Lab
from labkit.datasets import manifest
from labkit.exercises.desk import VERDICT_MIME
from labkit.notebook import OUTSIDE

SECONDS_PER_CELL = 600
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_SHOWN_LINES = 12
INDENT = "    "


@dataclass(frozen=True)
class Failure:
    """A cell that did not run to its end, or a kernel that did not start.

    Attributes:
        cell: its number among the code cells, counted from 1; 0 is the kernel's start.
        of: how many code cells there are.
        line: the line of the lab's source file where it went wrong.
        code: the cell's code as it stands in the source.
        error: the last lines of the error.
    """

    cell: int
    of: int
    line: int
    code: str
    error: str

    @property
    def where(self) -> str:
        """The cell, in words."""
        return f"cell {self.cell} of {self.of}" if self.cell else "the kernel's start"

    def told(self, lab: Lab) -> str:
        """The failure, as a person wants to read it."""
        code = f"{indent(self.code, INDENT)}\n" if self.code else ""
        return f"{lab.stem}, {self.where}, {lab.path}:{self.line}\n{code}  failed with\n{indent(self.error, INDENT)}"


def environment(work: Path, data: str) -> dict[str, str]:
    """The environment of a kernel that uses this very labkit.

    Args:
        work: folder for what the lab makes.
        data: "auto", "sample" or "full".
    """
    here = str(Path(labkit.__file__).parents[1])
    path = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
    return {
        **os.environ,
        "PYTHONPATH": path,
        "LABKIT_QUIET": "1",
        "PLOTLY_RENDERER": "plotly_mimetype",  # what the page is made of, whatever this user's own choice
        "LABKIT_WORK": str(work),
        "LABKIT_DATA": data,
    }


def execute(
    node: NotebookNode,
    cells: Sequence[Cell],
    folder: Path,
    env: Mapping[str, str],
    on_cell: Callable[[int], None] = lambda number: None,
) -> Failure | None:
    """Run the notebook; its outputs are put into ``node``.

    Args:
        node: the notebook.
        cells: what it was made of.
        folder: the kernel's working folder.
        env: the kernel's environment variables.
        on_cell: called with the number of each code cell, from 1, before it runs.

    Returns:
        The failure that stopped it, or None.
    """
    started: list[int] = []  # indices of the code cells that began to run

    def begin(cell: NotebookNode, cell_index: int) -> None:
        if cell.cell_type == "code":
            started.append(cell_index)
            on_cell(len(started))

    client = NotebookClient(
        node,
        timeout=SECONDS_PER_CELL,
        kernel_name=NATIVE_KERNEL_NAME,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=begin,
        extra_arguments=["--log-level=ERROR"],  # a warning on every start would break the live line
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    )
    try:
        client.execute(env=dict(env))
    except CellExecutionError:
        reason = _traceback(node.cells[started[-1]])
    except CellTimeoutError:
        reason = f"The cell ran longer than {SECONDS_PER_CELL} seconds."
    except DeadKernelError:
        reason = "The kernel died: out of memory, or a crash in compiled code."
    except RuntimeError as error:  # jupyter_client has no class of its own for a kernel that does not start
        if started:
            raise
        atexit.unregister(client._cleanup_kernel)  # nbclient leaves it behind, to fail when Python ends
        reason = f"The kernel did not start: {error}"
    else:
        return None
    total = sum(cell.kind == "code" for cell in cells)
    if not started:
        return Failure(0, total, 1, "", _last_lines(reason))
    cell, number = cells[started[-1]], len(started)
    return Failure(number, total, _failing_line(cell, number, reason), _as_written(cell), _last_lines(reason))


def records(node: NotebookNode, mime: str) -> list[dict[str, Any]]:
    """What the cells of a run notebook say in outputs of this type, in their order."""
    outputs = (output for cell in node.cells for output in cell.get("outputs", []))
    return [output.data[mime] for output in outputs if mime in output.get("data", {})]


def verdicts(lab: Lab, node: NotebookNode) -> dict[str, str]:
    """Exercise id -> state of its last check in a run notebook; "unchecked" where there was none."""
    found = {record["id"]: record["state"] for record in records(node, VERDICT_MIME)}
    return {name: found.get(name, "unchecked") for name in lab.exercises}


def rejected(states: Mapping[str, str]) -> dict[str, str]:
    """Those of ``verdicts`` that did not accept the solution's answer; answers in words are left to a reader."""
    return {name: state for name, state in states.items() if state not in ("right", "for a reader")}


def outside(node: NotebookNode) -> list[str]:
    """The lines of those facts in a run notebook that do not hold."""
    outputs = (output for cell in node.cells for output in cell.get("outputs", []))
    return [line for output in outputs for line in output.get("text", "").splitlines() if OUTSIDE in line]


def check_data() -> None:
    """See that the samples and weights are as published, since nothing measured on others means anything.

    Raises:
        CourseError: naming the files that are not.
    """
    bundled = [entry for entry in manifest.load().values() if entry.kind == "bundled"]
    if bad := manifest.faults(manifest.states(bundled)):
        raise CourseError(f"{'; '.join(f'{name} is {state}' for name, state in bad.items())}. {manifest.RESTORE}")


def _traceback(cell: NotebookNode) -> str:
    """The error that stopped a cell; figures that matplotlib shows at a cell's end stand after it."""
    error = next(output for output in cell.outputs if output.output_type == "error")
    return _COLOURS.sub("", "\n".join(error.traceback))


def _as_written(cell: Cell) -> str:
    """The cell without what the build put in: those lines share a number with the line that they follow."""
    first = {line.number: line.text for line in reversed(cell.lines)}
    return "\n".join(first[number] for number in sorted(first))


def _failing_line(cell: Cell, number: int, traceback: str) -> int:
    """Where the cell's own frame of the traceback points in the source file."""
    match = re.search(rf"Cell In\[{number}\], line (\d+)", traceback)
    index = int(match.group(1)) - 1 if match else 0
    return cell.lines[min(index, len(cell.lines) - 1)].number


def _last_lines(text: str) -> str:
    return "\n".join(text.rstrip().splitlines()[-_SHOWN_LINES:])
