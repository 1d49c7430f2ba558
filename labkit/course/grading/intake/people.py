"""Who returned which notebook: by the roster where it knows them, else by what the paths say."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from labkit.course.grading.intake.matching import match
from labkit.course.grading.intake.paths import Spoken, spoken
from labkit.course.grading.intake.roster import Row
from labkit.course.grading.intake.unlisted import from_paths
from labkit.course.grading.records import Student


def identify(paths: Iterable[str], rows: Sequence[Row] = ()) -> dict[str, Student]:
    """The student of each path.

    Args:
        paths: of notebooks, within the folder that they were returned to.
        rows: the roster, if there is one.
    """
    people: dict[str, Student] = {}
    unknown: list[Spoken] = []
    doubts: dict[str, str] = {}
    for path in map(spoken, paths):
        row, doubt = match(rows, path.telling) if rows else (None, "")
        if row:
            people[path.path] = replace(row.student, doubt=doubt)
        else:
            unknown.append(path)
            doubts[path.path] = doubt
    taken = {row.student.key for row in rows}
    for name, student in from_paths(unknown).items():
        key = f"{student.key}_unlisted" if student.key in taken else student.key
        people[name] = replace(student, key=key, doubt=" ".join(filter(None, (doubts[name], student.doubt))))
    return people
