"""Where the labs of a course lie: sources, exercise notebooks, solution notebooks."""

from collections.abc import Collection, Sequence
from pathlib import Path

from labkit.course import CourseError, source
from labkit.course.source import Lab


def find_root(start: Path) -> Path:
    """The course's folder: the nearest at or above ``start`` that holds ``solutions``.

    Raises:
        CourseError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / "solutions").is_dir():
            return folder
    raise CourseError(f"no folder 'solutions' in {start} or above it; run this within a checkout of the course.")


def select(root: Path, names: Sequence[str] = ()) -> list[Lab]:
    """Read the labs whose stem begins with one of the names; without names, all.

    Raises:
        CourseError: a name fits no lab, or a source is malformed.
    """
    return [source.read(root / "solutions" / f"{stem}.py") for stem in stems(root, names)]


def stems(root: Path, names: Sequence[str] = ()) -> list[str]:
    """The stems, in order, that begin with one of the names; without names, all. No source is read.

    Raises:
        CourseError: a name fits no lab.
    """
    found = sorted(path.stem for path in (root / "solutions").glob("*.py"))
    for name in names:
        if not any(_begins(stem, name) for stem in found):
            raise CourseError(f"no lab begins with {name!r}; there are: {', '.join(found) or 'none'}.")
    return [stem for stem in found if not names or any(_begins(stem, name) for name in names)]


def _begins(stem: str, name: str) -> bool:
    """Whether the stem begins with the name, and not within a number: lab1 is not the beginning of lab10."""
    return stem.startswith(name) and not (name[-1:].isdigit() and stem[len(name) :][:1].isdigit())


def known_exercises(stem: str) -> Collection[str]:
    """The ids that ``labkit.exercises`` has for a lab.

    Raises:
        CourseError: it has no such lab.
    """
    from labkit import exercises  # brings the lab's framework along, which other commands do without

    if stem not in exercises.stems():
        raise CourseError(f"labkit/exercises has no {stem}; write the lab's exercises there first.")
    return exercises.load(stem).exercises


def exercise_path(root: Path, stem: str) -> Path:
    """Where the exercise notebook of a lab lies."""
    return root / "notebooks" / f"{stem}.ipynb"


def solution_path(root: Path, stem: str) -> Path:
    """Where the executed solution notebook of a lab lies."""
    return root / "solutions" / f"{stem}.ipynb"
