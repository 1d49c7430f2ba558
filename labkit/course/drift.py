"""``labkit build --check``: where the notebooks have drifted from their source."""

import difflib
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from labkit.course import CourseError, ids, pair, source
from labkit.course.execute import outside
from labkit.course.labs import exercise_path, known_exercises, select, solution_path
from labkit.course.source import Cell


def check(
    root: Path, names: Sequence[str] = (), known: Callable[[str], Collection[str]] = known_exercises
) -> list[str]:
    """All that has drifted: a line for each file and place, none if everything is as built."""
    labs = select(root, names)
    problems = []
    for lab in labs:
        try:
            ids.check_exercises(lab, known(lab.stem))
        except CourseError as error:
            problems.append(str(error))
            continue
        problems += _drift(exercise_path(root, lab.stem), pair.exercise_cells(lab, root), outputs=False)
        problems += _drift(solution_path(root, lab.stem), pair.solution_cells(lab, root), outputs=True)
    return problems if names else problems + _orphans(root, [lab.stem for lab in labs])


def _drift(path: Path, cells: Sequence[Cell], outputs: bool) -> list[str]:
    """How the notebook at ``path`` differs from one made of ``cells``."""
    if not path.exists():
        return [f"{path}: missing; run labkit build."]
    text = path.read_text(encoding="utf-8")
    try:
        found = nbformat.reads(text, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        return [f"{path}: not a notebook ({error}); run labkit build."]
    wanted = pair.as_text(pair.notebook(cells))
    if (pair.as_text(pair.without_outputs(found)) if outputs else text) == wanted:
        return _bad_outputs(path, found, cells) if outputs else []
    places = _changed_places(found, cells)
    return [f"{path}: {where} differs from the source; run labkit build." for where in places] or [
        f"{path}: its outputs, metadata or formatting are not as built; run labkit build."
    ]


def _changed_places(found: NotebookNode, cells: Sequence[Cell]) -> list[str]:
    """The exercises and sections whose cells differ, each once, in their order."""
    old = [(cell.get("id"), cell.cell_type, cell.source) for cell in found.cells]
    new = [(cell.name, cell.kind, cell.text) for cell in cells]
    places = []
    for kind, _, _, start, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":  # a cell that only the notebook has belongs to what stands before it
            indices = range(start, end) or [max(start - 1, 0)]
            places += [source.place(cells, index) for index in indices]
    return list(dict.fromkeys(places))


def _bad_outputs(path: Path, found: NotebookNode, cells: Sequence[Cell]) -> list[str]:
    problems = []
    for index, cell in enumerate(found.cells):
        if cell.cell_type != "code":
            continue
        where = f"{path}: {source.place(cells, index)}"
        if cell.execution_count is None:
            problems.append(f"{where} has a cell that was not run; run labkit build.")
        if any(output.output_type == "error" for output in cell.outputs):
            problems.append(f"{where} has an error as its output; mend the source, then run labkit build.")
    problems += [f"{path}: a stated fact does not hold: {line}" for line in outside(found)]
    return problems


def _orphans(root: Path, stems: Sequence[str]) -> list[str]:
    found = [*(root / "notebooks").glob("*.ipynb"), *(root / "solutions").glob("*.ipynb")]
    return [
        f"{path}: no source solutions/{path.stem}.py; write one or delete the notebook."
        for path in sorted(found)
        if path.stem not in stems
    ]
