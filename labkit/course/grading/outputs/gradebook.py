"""``grades.csv``: one row for each student, lab and exercise, to be read by any program."""

from collections.abc import Sequence

from labkit.course.grading.outputs.attempts import Returned
from labkit.course.grading.outputs.cells import csv_bytes, exercise_cell, guarded, key_cell
from labkit.course.grading.outputs.texts import natural, points, visible

COLUMNS = ("student", "name", "lab", "exercise", "points", "maximum", "state", "by_hand", "path")


def plain(returned: Sequence[Returned]) -> bytes:
    """The bytes of ``grades.csv``.

    Points are empty, which is not 0, where nobody can say yet. Only the attempt that counts has rows; a file that is no
    lab's notebook has one row without an exercise.
    """
    rows = [list(COLUMNS)]
    for one in sorted(returned, key=lambda one: (natural(one.student.name), one.student.key, natural(one.lab))):
        record = one.graded
        who = [key_cell(one.student.key), guarded(visible(one.student.name)), record.lab]
        path = guarded(visible(record.path))
        rows += [
            [
                *who,
                exercise_cell(mark.exercise),
                "" if mark.points is None else points(mark.points),
                str(mark.maximum),
                mark.state,
                "yes" if mark.by_hand else "no",
                path,
            ]
            for mark in record.marks
        ]
        if not record.marks:
            rows.append([*who, "", "", "", record.state, "no", path])
    return csv_bytes(rows)


def total(one: Returned) -> str:
    """The points of a lab as a cell of an import: empty unless it is wholly graded."""
    record = one.graded
    known = record.marks and not record.problem and all(mark.points is not None for mark in record.marks)
    return points(record.points) if known else ""
