"""``grades-canvas.csv`` and ``grades-moodle.csv``: what the gradebooks of Canvas and Moodle import.

*Canvas* (its guide "How do I import grades in the Gradebook?", and ``lib/gradebook_importer.rb`` of
instructure/canvas-lms, read in 2026). The header begins with Student, ID, SIS User ID, SIS Login ID, Section in this
order, then come assignments; a row whose first cell holds "Points Possible" says what each is worth. A student is found
by ID, then by SIS User ID, then by SIS Login ID; an unknown assignment title leads to the question which one is meant.
An empty cell is no score; where Canvas has one already, the import shows that it would be removed.

*Moodle* (docs.moodle.org, "Grade import", and ``grade/import/csv/classes/load_data.php`` of moodle/moodle, read in
2026). Columns may have any name, and the person who imports maps them: one from user id, ID number, email address or
user name, grades and feedback to grade items. Three things that this code does have shaped our file:

- "-" is no grade, while an empty cell of a *new* grade item becomes 0: "-" stands where nobody can say yet.
- A row whose mapped cell is empty is booked for the student *above*: a column with a gap is not written.
- Feedback without a grade wipes the grade: each lab's feedback stands beside its grade; map both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkit.course.grading.outputs.attempts import Returned, by_student
from labkit.course.grading.outputs.cells import csv_bytes, guarded
from labkit.course.grading.outputs.gradebook import total
from labkit.course.grading.outputs.texts import counted, headed, natural, points, visible
from labkit.course.grading.records import Graded, Student

CANVAS_IDENTITY = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_IDENTITY = ("ID number", "Email address", "Username", "Identifier")


@dataclass(frozen=True)
class Import:
    """A file to be imported.

    Attributes:
        data: its bytes.
        left_out: students that it does not hold, because the roster has nothing to find them by.
        found_by: the column that finds the students, for the person who imports; "" where the program knows.
    """

    data: bytes
    left_out: tuple[Student, ...]
    found_by: str = ""


def canvas(returned: Sequence[Returned]) -> Import:
    """The bytes of ``grades-canvas.csv``: a row for each student who returned something."""
    labs = _labs(returned)
    header = [*CANVAS_IDENTITY, *(_heading(record) for record in labs)]
    possible = ["Points Possible", "", "", "", "", *(str(record.maximum) for record in labs)]
    rows, left_out = [], []
    for student, by_lab in by_student(returned):
        row = _folded(student.row)
        if not any(row.get(name.casefold()) for name in ("ID", "SIS User ID", "SIS Login ID")):
            left_out.append(student)
            continue
        # The name finds nobody where an ID stands; the IDs must be the very ones that Canvas has.
        who = [
            guarded(visible(row.get("student") or student.name)),
            *(row.get(i.casefold(), "") for i in CANVAS_IDENTITY[1:]),
        ]
        rows.append([*who, *(total(by_lab[lab.lab]) if lab.lab in by_lab else "" for lab in labs)])
    return Import(csv_bytes([header, possible, *rows], mark=False), tuple(left_out))


def moodle(returned: Sequence[Returned]) -> Import:
    """The bytes of ``grades-moodle.csv``: a row for each student who returned something."""
    labs = _labs(returned)
    students = by_student(returned)
    found_by = max(MOODLE_IDENTITY, key=lambda name: sum(bool(_identity(student, name)) for student, _ in students))
    kept = [(student, by_lab) for student, by_lab in students if _identity(student, found_by)]
    columns = [name for name in MOODLE_IDENTITY if kept and all(_identity(student, name) for student, _ in kept)]
    header = [*columns, "Full name"]
    for record in labs:
        header += [_heading(record), f"{_heading(record)}, feedback"]
    rows = []
    for student, by_lab in kept:
        cells = [_identity(student, name) for name in columns]
        cells.append(guarded(visible(_identity(student, "Full name") or student.name)))
        for record in labs:
            one = by_lab.get(record.lab)
            cells += [(total(one) or "-") if one else "-", guarded(_words(one)) if one else ""]
        rows.append(cells)
    left_out = tuple(student for student, _ in students if not _identity(student, found_by))
    return Import(csv_bytes([header, *rows], mark=False), left_out, found_by if kept else "")


def _words(one: Returned) -> str:
    """The feedback in a cell: points of each exercise, what is open, and what persons said; the page says more."""
    record = one.graded
    lines = [
        f"{mark.exercise}: {'open' if mark.points is None else points(mark.points)} of {mark.maximum}"
        + (f". {mark.comment}" if mark.comment else "")
        for mark in record.marks
    ]
    if record.open_points:
        lines.insert(0, f"{counted(record.open_points, 'point')} still open.")
    return visible("\n".join(lines or [record.problem]))


def _identity(student: Student, column: str) -> str:
    return _folded(student.row).get(column.casefold(), "")


def _folded(row: Mapping[str, str]) -> dict[str, str]:
    return {name.strip().casefold(): cell.strip() for name, cell in row.items()}


def _heading(record: Graded) -> str:
    return headed(record.lab, visible(record.lab_title))


def _labs(returned: Sequence[Returned]) -> list[Graded]:
    """A record of each lab, in their order."""
    found: dict[str, Graded] = {}
    for one in returned:
        if one.lab and (one.lab not in found or one.graded.maximum > found[one.lab].maximum):
            found[one.lab] = one.graded
    return [found[lab] for lab in sorted(found, key=natural)]
