"""From graded notebooks to everything in a folder: marks of persons first, then each file whole or not at all."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from labkit.course import CourseError
from labkit.course.grading.outputs import feedback, gradebook, gradebook_imports, marking_pages, report, return_zips
from labkit.course.grading.outputs.attempts import by_student_and_lab
from labkit.course.grading.outputs.keeping import keep, read, replace_unless_changed
from labkit.course.grading.outputs.marking_sheet import Merged, merge, open_questions, sheet_bytes
from labkit.course.grading.outputs.plain_json import grades_json
from labkit.course.grading.outputs.sheet_reading import read_sheet
from labkit.course.grading.outputs.texts import counted, short, visible
from labkit.course.grading.records import Graded, State, Student
from labkit.exercises.registry import UsageError, find
from labkit.files import write_atomically

Form = Literal["plain", "canvas", "moodle"]

SHEET = "marking.csv"
# So often the sheet is read and merged anew because somebody saved it meanwhile.
_TRIES = 5


@dataclass(frozen=True)
class Summary:
    """What was written, for the person at the keyboard.

    Attributes:
        files: all that stand there now, relative to the folder.
        students: who returned something.
        notebooks: that count.
        earlier: attempts that do not count.
        states: of the notebooks that count -> how many.
        open: answers whose points nobody can say yet.
        by_hand: marks entered in the marking sheet.
        changed: (student's name, exercise) of marks whose answer changed since they were entered.
        gone: rows of the marking sheet whose notebook is no longer there.
        eyes: notebooks whose marks a person should confirm.
        left_out: students whom the gradebook's import cannot find, and who are therefore not in it.
        found_by: the column by which Moodle finds students; "" for the other forms.
        not_zipped: students whose page Moodle cannot take back, since their notebooks were not downloaded from it.
        stale: pages of an earlier run that this one did not write.
        sheet_gone: whether the marking sheet was missing although there had been one.
        unsealed: whether any notebook ran without a sandbox.
    """

    files: tuple[str, ...]
    students: int
    notebooks: int
    earlier: int
    states: Mapping[State, int]
    open: int
    by_hand: int
    changed: tuple[tuple[str, str], ...]
    gone: int
    eyes: int
    left_out: tuple[str, ...]
    found_by: str
    not_zipped: tuple[str, ...]
    stale: tuple[str, ...]
    sheet_gone: bool
    unsealed: bool

    def lines(self) -> list[str]:
        """The same for a terminal."""
        states = ", ".join(f"{count} {state}" for state, count in sorted(self.states.items()))
        said = [
            f"{counted(self.notebooks, 'notebook')} of {counted(self.students, 'student')}: {states or 'none'}; "
            f"{counted(self.earlier, 'earlier attempt')}; {counted(self.eyes, 'notebook')} to look at (report.html)"
        ]
        if self.open or self.by_hand:
            said.append(f"{SHEET}: {counted(self.open, 'answer')} to mark, {self.by_hand} marked")
        if self.sheet_gone:
            said.append(f"{SHEET} was missing and begins anew; what it held is in kept/, to be put back by hand")
        said += [f"{SHEET}: {name}'s answer to {exercise} changed since" for name, exercise in self.changed]
        if self.gone:
            said.append(f"{SHEET}: {counted(self.gone, 'row')} at the end without a notebook any more")
        if self.found_by:
            said.append(f"Moodle finds students by the column {self.found_by!r}")
        if self.left_out:
            said.append(f"not in the import, for want of an ID in the roster: {', '.join(self.left_out)}")
        if self.not_zipped:
            said.append(f"not in the zip, as their notebooks did not come from Moodle: {', '.join(self.not_zipped)}")
        if self.stale:
            said.append(f"of an earlier run, not written anew: {', '.join(self.stale)}")
        if self.unsealed:
            said.append("some of it ran WITHOUT A SANDBOX; every page says so")
        return [visible(line) for line in said]  # a name may hold what a terminal obeys


def check(out: Path) -> None:
    """See that the marking sheet can be read, before the hours of work that end with reading it.

    Raises:
        CourseError: an entry is malformed.
    """
    read_sheet(read(out / SHEET), out / SHEET, _maxima([]))


def write(
    out: Path,
    records: Sequence[Graded],
    *,
    form: Form = "plain",
    missing: Sequence[Student] = (),
    left_aside: Sequence[str] = (),
) -> Summary:
    """Write sheets, pages and records of graded notebooks; the same again changes nothing.

    Args:
        out: the folder, made if need be. Its ``marking.csv`` is read first and what was entered there counts. What its
            sheets held before is in its folder ``kept``.
        records: of all notebooks, earlier attempts too.
        form: of the gradebook besides the plain one.
        missing: students of the roster who returned nothing.
        left_aside: files that are no notebooks.

    Raises:
        CourseError: an entry of ``marking.csv`` is malformed, or a file cannot be written. In the first case
            nothing is.
    """
    for _ in range(_TRIES):
        before = read(out / SHEET)
        sheet = read_sheet(before, out / SHEET, _maxima(records))
        merged = merge(by_student_and_lab(records), sheet)
        files, imported, not_zipped = _files(merged, form, missing, left_aside)
        stale = _stale(out, files)
        files["report.html"] = report.page(merged, missing, left_aside, stale)
        if replace_unless_changed(out / SHEET, before, sheet_bytes(merged, sheet), out / "kept"):
            break
    else:
        raise CourseError(f"{out / SHEET}: somebody saves it again and again; close it, then run again.")
    for name, data in files.items():
        _write(out / name, _bytes(data), out / "kept")
    sheet_gone = before is None and any((out / "kept").glob("marking-*.csv"))
    return _summary(merged, (SHEET, *files), imported, not_zipped, stale, sheet_gone)


def _files(
    merged: Merged, form: Form, missing: Sequence[Student], left_aside: Sequence[str]
) -> tuple[dict[str, str | bytes], gradebook_imports.Import | None, tuple[Student, ...]]:
    """Path within the folder -> content, of all but the marking sheet and the report; the import; who is in no zip."""
    unsealed = report.any_unsealed(merged.returned)
    files: dict[str, str | bytes] = {"grades.csv": gradebook.plain(merged.returned)}
    made = {"canvas": gradebook_imports.canvas, "moodle": gradebook_imports.moodle}.get(form)
    imported = made(merged.returned) if made else None
    if imported:
        files[f"grades-{form}.csv"] = imported.data
    files["grades.json"] = grades_json(merged.returned, missing, left_aside)
    pages = [(one, _bytes(feedback.page(one, unsealed))) for one in merged.returned if one.lab]
    files |= {f"feedback/{one.student.key}/{short(one.lab)}.html": page for one, page in pages}
    zips, not_zipped = return_zips.moodle_zips(pages) if form == "moodle" else ({}, ())
    files |= zips
    for name, page in marking_pages.pages(merged.questions, unsealed).items():
        files[f"marking/{name}"] = page
    return files, imported, not_zipped


def _bytes(content: str | bytes) -> bytes:
    return content.encode(errors="replace") if isinstance(content, str) else content


def _write(path: Path, data: bytes, kept: Path) -> None:
    """Write a file that is not as it should be; a sheet, in which somebody may have written, is kept first."""
    before = read(path)
    if before == data:
        return
    if before is not None and path.suffix == ".csv":
        keep(path, before, kept)
    try:
        write_atomically(path, data)
    except PermissionError as error:  # Windows, while another program has the file open
        raise CourseError(f"{path}: cannot be replaced; close it in other programs, then run again.") from error


def _stale(out: Path, files: Mapping[str, object]) -> tuple[str, ...]:
    """Pages of an earlier run, and zip files of such, that would not be written now."""
    places = ("feedback/**/*.html", "marking/**/*.html", "feedback-moodle-*.zip")
    found = (path for place in places for path in sorted(out.glob(place)))
    return tuple(name for path in found if (name := path.relative_to(out).as_posix()) not in files)


def _maxima(records: Sequence[Graded]) -> Callable[[str], int | None]:
    """Exercise -> its points, None where there is no such exercise."""
    maxima: dict[str, int | None] = {mark.exercise: mark.maximum for record in records for mark in record.marks}

    def maximum_of(exercise: str) -> int | None:
        if exercise not in maxima:
            try:
                maxima[exercise] = find(exercise).points
            except UsageError:
                maxima[exercise] = None
        return maxima[exercise]

    return maximum_of


def _summary(
    merged: Merged,
    files: tuple[str, ...],
    imported: gradebook_imports.Import | None,
    not_zipped: Sequence[Student],
    stale: tuple[str, ...],
    sheet_gone: bool,
) -> Summary:
    returned = merged.returned
    return Summary(
        files=files,
        students=len({one.student.key for one in returned}),
        notebooks=len(returned),
        earlier=sum(len(one.earlier) for one in returned),
        states=Counter(one.graded.state for one in returned),
        open=len(open_questions(merged.questions)),
        by_hand=sum(question.mark.by_hand for question in merged.questions),
        changed=tuple((q.returned.student.name, q.mark.exercise) for q in merged.questions if q.changed),
        gone=len(merged.gone),
        eyes=sum(eye.urgent for eye in report.needing_an_eye(merged)),
        left_out=tuple(student.name for student in imported.left_out) if imported else (),
        found_by=imported.found_by if imported else "",
        not_zipped=tuple(student.name for student in not_zipped),
        stale=stale,
        sheet_gone=sheet_gone,
        unsealed=report.any_unsealed(returned),
    )
