"""How a submission of the bank is described, made from the given notebook, and laid into a folder."""

import copy
import hashlib
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: A notebook as JSON has it.
Notebook = dict[str, Any]
#: Of an exercise in the truth: points, or one of the states in which there are none.
Truth = float | str

WAITS, STUCK, OPEN = "needs manual marking", "could not be graded", "not answered"

_FIRST = (
    "Ada", "Boris", "Chiara", "Dilip", "Emeka", "Farah", "Gustav", "Hanna",
    "Ivo", "Jamila", "Kenji", "Lucia", "Milan", "Noor", "Olga", "Pablo",
)  # fmt: skip
_LAST = (
    "Abel", "Birch", "Cohen", "Dvorak", "Eriksen", "Fischer", "Garcia", "Horvat",
    "Ivanov", "Jansen", "Kowal", "Lindqvist", "Marino", "Novak", "Okafor", "Perez",
)  # fmt: skip
#: When all was handed in: a day in October.
_HANDED_IN = 1_791_500_000.0


@dataclass(frozen=True)
class Submission:
    """A returned notebook and what it is truly worth.

    Attributes:
        name: what is special about it.
        answers: exercise -> code of its answer's cell, below the line that names the exercise.
        truth: exercise -> points or state; all others are not answered.
        change: what became of the notebook besides, if anything.
        write: the notebook as the bytes of a file.
        path: within the folder, with the student's name for "{}"; what lies below a zip file is packed into it.
        problem: words of why nobody can say anything of the whole notebook; "" if one can.
        said: words that the report must say of it, in its repairs or reasons to look.
        student: the name of the submission whose student returned this one too; "" for a student of its own.
        hours: when it was returned, after all others.
        counts: whether it is its student's latest.
    """

    name: str
    answers: Mapping[str, str] = field(default_factory=dict)
    truth: Mapping[str, Truth] = field(default_factory=dict)
    change: Callable[[Notebook], None] = lambda notebook: None
    write: Callable[[Notebook], bytes] = lambda notebook: json.dumps(notebook, indent=1).encode()
    path: str = "{} lab1.ipynb"
    problem: str = ""
    said: Sequence[str] = ()
    student: str = ""
    hours: float = 0
    counts: bool = True


def student(number: int) -> str:
    """A made-up name, another for each number below 256."""
    return f"{_FIRST[number % 16]} {_LAST[number // 16]}"


def lay_out(given: str, submissions: Sequence[Submission], folder: Path) -> dict[str, str]:
    """Write all submissions into a folder; the name of each -> its path there."""
    numbers = {submission.name: number for number, submission in enumerate(submissions)}
    assert len(numbers) == len(submissions), "wanted names that are different"
    paths = {}
    for submission in submissions:
        whose = student(numbers[submission.student or submission.name])
        paths[submission.name] = submission.path.format(whose)
        notebook = json.loads(given)
        for exercise, code in submission.answers.items():
            cell_of(notebook, exercise)["source"] = f"# Exercise {exercise}\n{code.strip()}"
        submission.change(notebook)
        _put(folder, paths[submission.name], submission.write(notebook), _HANDED_IN + 3600 * submission.hours)
    return paths


def _put(folder: Path, path: str, data: bytes, modified: float) -> None:
    """Write a file; below a name that ends in .zip, into that zip file."""
    *above, name = path.split("/")
    for place in range(len(above) - 1, -1, -1):
        if above[place].endswith(".zip"):
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("/".join([*above[place + 1 :], name]), data)
            data, name, above = packed.getvalue(), above[place], above[:place]
    file = folder.joinpath(*above, name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    os.utime(file, (modified, modified))


def marks_of(record: Mapping[str, Any]) -> dict[str, Truth]:
    """What a record of ``grades.json`` says of each exercise, as the truth has it."""
    marks = record["automatic"]["marks"]
    return {mark["exercise"]: mark["points"] if mark["state"] == "graded" else mark["state"] for mark in marks}


def digests(*folders: Path) -> dict[Path, tuple[str, int]]:
    """Every file below these folders -> SHA-256 of its bytes, and when it was written."""
    files = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns) for path in files}


# The parts of a notebook, to change them.


def cell_of(notebook: Notebook, exercise: str) -> dict[str, Any]:
    """The given cell for the answer to an exercise."""
    return _named(notebook, f"exercise-{exercise.replace('.', '-')}")


def check_of(notebook: Notebook, exercise: str) -> dict[str, Any]:
    """The given cell that checks an exercise."""
    return _named(notebook, f"check-{exercise.replace('.', '-')}")


def cell_with(notebook: Notebook, words: str) -> dict[str, Any]:
    """The first cell in which these words stand."""
    return next(cell for cell in notebook["cells"] if words in cell["source"])


def code_cell(source: str) -> dict[str, Any]:
    """A new cell of code."""
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}


def insert(notebook: Notebook, source: str, before: dict[str, Any]) -> None:
    """Put a new cell of code before another."""
    notebook["cells"].insert(place_of(notebook, before), code_cell(source))


def remove(notebook: Notebook, cell: dict[str, Any]) -> None:
    """Take a cell out."""
    del notebook["cells"][place_of(notebook, cell)]


def doubled(notebook: Notebook, cell: dict[str, Any]) -> dict[str, Any]:
    """Put a copy of a cell after it; the copy."""
    twin = copy.deepcopy(cell)
    notebook["cells"].insert(place_of(notebook, cell) + 1, twin)
    return twin


def place_of(notebook: Notebook, cell: dict[str, Any]) -> int:
    """The index of this very cell."""
    return next(place for place, other in enumerate(notebook["cells"]) if other is cell)


def _named(notebook: Notebook, name: str) -> dict[str, Any]:
    return next(cell for cell in notebook["cells"] if cell.get("id") == name)
