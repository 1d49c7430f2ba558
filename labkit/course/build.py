"""``labkit build``: write both notebooks of a lab."""

import hashlib
import tempfile
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from nbformat import NotebookNode

from labkit.course import CourseError, ids, pair
from labkit.course.execute import check_data, environment, execute, outside, rejected, verdicts
from labkit.course.labs import exercise_path, known_exercises, select, solution_path
from labkit.course.source import Lab
from labkit.files import write_atomically


def build(
    root: Path,
    names: Sequence[str] = (),
    *,
    run: bool = True,
    known: Callable[[str], Collection[str]] = known_exercises,
    say: Callable[[str], None] = lambda text: None,
) -> None:
    """Write the notebooks of some labs; the solution is run on the sample before either is written.

    Args:
        root: the course's folder.
        names: labs, by the beginnings of their stems; none means all.
        run: False writes the exercise notebook alone, which takes a second: for work on the text.
        known: stem -> ids of its exercises.
        say: gets a line for each file.

    Raises:
        CourseError: a source is malformed, or its solution fails.
    """
    if run:
        check_data()
    for lab in select(root, names):
        ids.check_exercises(lab, known(lab.stem))
        files = {exercise_path(root, lab.stem): pair.notebook(pair.exercise_cells(lab, root))}
        if run:
            say(f"running {lab.stem} ...")
            files[solution_path(root, lab.stem)] = _executed(lab, root)
        for path, node in files.items():
            say(_write(root, path, pair.as_text(node)))


def _executed(lab: Lab, root: Path) -> NotebookNode:
    cells = pair.solution_cells(lab, root)
    node = pair.notebook(cells)
    with tempfile.TemporaryDirectory() as work:  # nothing trained earlier may show in the outputs
        failure = execute(node, cells, lab.path.parent, environment(Path(work), "sample"))
    if failure:
        raise CourseError(f"the solution fails, nothing was written:\n{failure.told(lab)}")
    if wrong := rejected(verdicts(lab, node)):
        answers = ", ".join(f"exercise {name} ({state})" for name, state in wrong.items())
        raise CourseError(f"{lab.path}: its own checks do not accept {answers}; nothing was written.")
    if facts := outside(node):
        raise CourseError(f"{lab.path}: a stated fact does not hold, nothing was written:\n" + "\n".join(facts))
    return pair.tidied(node)


def _write(root: Path, path: Path, text: str) -> str:
    """Write a notebook; what stood there is kept, for somebody may have worked in it. Returns what was done."""
    kept = ""
    if path.exists():
        former = path.read_text(encoding="utf-8")
        if former == text:
            return f"unchanged {path.relative_to(root)}"
        digest = hashlib.sha256(former.encode()).hexdigest()[:8]
        aside = root / "build" / "replaced" / f"{path.parent.name}-{path.stem}-{digest}.ipynb"
        write_atomically(aside, former)
        kept = f"; what stood there is kept as {aside.relative_to(root)}"
    write_atomically(path, text)
    return f"wrote {path.relative_to(root)}{kept}"
