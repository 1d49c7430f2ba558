"""Reading the marking sheet back, as Excel and LibreOffice save it: what a person entered, and where it is malformed.

They save with commas, semicolons or tabs, in UTF-8 with or without a byte order mark, UTF-16 or the code page
of Windows; with decimal commas; with columns moved or added, empty lines, and line ends within cells.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from labkit.course import CourseError
from labkit.course.grading.outputs.cells import unguarded

#: The sheet's own columns, in order.
COLUMNS = (
    "student", "name", "lab", "exercise", "title", "maximum", "state", "why", "answer", "points", "comment",
    "answer_digest",
)  # fmt: skip
_NEEDED = ("student", "exercise", "points", "comment")


@dataclass(frozen=True)
class Entry:
    """A row of the marking sheet.

    Attributes:
        line: of the file where it begins, from 1.
        student: the key.
        exercise: such as "1.10".
        points: as entered, None if nothing was.
        comment: as entered, "" if nothing was.
        digest: of the answer for which the row was made, "" if it says none.
        extras: the cells of columns that a person added, in the order of ``Sheet.extras``.
        cells: own column -> text, as it stands there.
    """

    line: int
    student: str
    exercise: str
    points: float | None
    comment: str
    digest: str
    extras: tuple[str, ...]
    cells: Mapping[str, str]

    @property
    def entered(self) -> bool:
        """Whether a person entered anything."""
        return self.points is not None or bool(self.comment) or any(self.extras)


@dataclass(frozen=True)
class Sheet:
    """The marking sheet as a person left it.

    Attributes:
        entries: by student and exercise, in the order of their rows.
        extras: the names of columns that a person added.
        delimiter: between cells.
        decimal: "." or ",".
    """

    entries: Mapping[tuple[str, str], Entry]
    extras: tuple[str, ...] = ()
    delimiter: str = ","
    decimal: str = "."


def read_sheet(data: bytes | None, path: Path, maximum_of: Callable[[str], int | None]) -> Sheet:
    """The sheet in the bytes of its file.

    Args:
        data: the bytes; None where there is no file yet.
        path: of the file, for messages.
        maximum_of: exercise -> its points; None where there is no such exercise.

    Raises:
        CourseError: entries are malformed; a line for each.
    """
    if data is None:
        return Sheet({})
    delimiter, header, rows = _table(_decoded(data, path), path)
    names = [name.casefold() for name in header]
    own = {name: names.index(name) for name in COLUMNS if name in names}
    added = [
        place
        for place, name in enumerate(header)
        if place not in own.values() and (name or any(row[place] for _, row in rows))
    ]
    entries: dict[tuple[str, str], Entry] = {}
    problems = []
    for line, row in rows:
        cells = {name: row[place] for name, place in own.items()}
        try:
            entry = _entry(line, cells, tuple(row[place] for place in added), maximum_of)
            _add(entries, entry)
        except _MalformedError as problem:
            problems.append(f"{path}:{line}: {problem}")
    if problems:
        raise CourseError("\n".join([*problems, "Nothing was written."]))
    entered = [row[own["points"]] for _, row in rows]
    return Sheet(entries, tuple(header[place] for place in added), delimiter, _decimal(entered, delimiter))


class _MalformedError(Exception):
    """What was got, what was wanted and what to do."""


def _decoded(data: bytes, path: Path) -> str:
    # "Unicode text" of Excel is UTF-16.
    encodings = ("utf-16",) if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise CourseError(f"{path}: neither UTF-8 nor the code page of Windows; save it as CSV UTF-8, then run again.")


def _table(text: str, path: Path) -> tuple[str, list[str], list[tuple[int, list[str]]]]:
    """(delimiter, header, [(line, cells)]) with as many cells in every row as in the header."""
    headers = {delimiter: _first(text, delimiter) for delimiter in ",;\t"}
    delimiter = max(headers, key=lambda one: len(set(COLUMNS) & {name.casefold() for name in headers[one]}))
    header = headers[delimiter]
    folded = [name.casefold() for name in header]
    missing = [name for name in _NEEDED if name not in folded]
    twice = [name for name in COLUMNS if folded.count(name) > 1]
    if missing or twice:
        wrong = f"no column {', '.join(missing)}" if missing else f"two columns {', '.join(twice)}"
        got = ", ".join(header) or "an empty file"
        raise CourseError(
            f"{path}:1: {wrong}; got {got}. Save the sheet as CSV with each of {', '.join(_NEEDED)} once. What it held "
            f"before is in {path.parent / 'kept'}. Nothing was written."
        )
    try:
        rows = list(_records(text, delimiter))[1:]
    except csv.Error as error:
        raise CourseError(f"{path}: not CSV ({error}); save it as CSV again. Nothing was written.") from error
    width = max([len(header), *(len(row) for _, row in rows)])
    full = [(line, [unguarded(cell).strip() for cell in row] + [""] * (width - len(row))) for line, row in rows]
    return delimiter, header + [""] * (width - len(header)), full


def _first(text: str, delimiter: str) -> list[str]:
    """The first row with this delimiter; none where it cannot be."""
    try:
        return [unguarded(cell).strip() for _, row in islice(_records(text, delimiter), 1) for cell in row]
    except csv.Error:
        return []


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line of the file where it begins, cells) of each row in which anything stands."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    for row in reader:
        # A first line "sep=;" tells Excel the delimiter.
        if any(cell.strip() for cell in row) and not (line == 1 and row[0].startswith("sep=")):
            yield line, row
        line = reader.line_num + 1


def _entry(
    line: int, cells: Mapping[str, str], extras: tuple[str, ...], maximum_of: Callable[[str], int | None]
) -> Entry:
    student = cells["student"].lstrip("'")
    exercise = re.sub(r"^exercise\s+", "", cells["exercise"], flags=re.IGNORECASE)
    if not student:
        raise _MalformedError("got no student; wanted the key as in grades.csv. Fill it in or empty the row.")
    maximum = maximum_of(exercise)
    if maximum is None:
        raise _MalformedError(f'got exercise {cells["exercise"]!r}; wanted one that there is, as in "Exercise 1.3".')
    if exercise == cells["exercise"] and maximum_of(f"{exercise}0") is not None:
        raise _MalformedError(
            f"got exercise {exercise}, which a spreadsheet also makes of {exercise}0; "
            f'write "Exercise {exercise}" or "Exercise {exercise}0".'
        )
    entered = _points(cells["points"], maximum, f"{student}, exercise {exercise}")
    return Entry(line, student, exercise, entered, cells["comment"], cells.get("answer_digest", ""), extras, cells)


def _points(cell: str, maximum: int, whose: str) -> float | None:
    """Points as a person enters them, with a decimal point or comma; None for an empty cell."""
    if not cell:
        return None
    wanted = f"wanted a number from 0 to {maximum}, or nothing while it is open. Correct the cell."
    if not re.fullmatch(r"[0-9]{1,9}([.,][0-9]{0,6})?|[.,][0-9]{1,6}", cell) or (
        float(cell.replace(",", ".")) > maximum
    ):
        raise _MalformedError(f"got points {cell!r} for {whose}; {wanted}")
    return float(cell.replace(",", "."))


def _add(entries: dict[tuple[str, str], Entry], entry: Entry) -> None:
    """Take an entry up; of two rows for one exercise, the parts that were entered."""
    key = (entry.student, entry.exercise)
    first = entries.setdefault(key, entry)
    if first is entry:
        return
    both = [(first.points, entry.points), (first.comment, entry.comment), *zip(first.extras, entry.extras, strict=True)]
    for one, other in both:
        if one not in (None, "", other) and other not in (None, ""):
            raise _MalformedError(
                f"got {other!r} for {entry.student}, exercise {entry.exercise}, but line {first.line} says {one!r}; "
                "wanted one row for each. Delete the wrong one."
            )
    entries[key] = replace(
        first,
        points=entry.points if first.points is None else first.points,
        comment=first.comment or entry.comment,
        digest=entry.digest if first.points is None and entry.points is not None else first.digest,
        extras=tuple(one or other for one, other in zip(first.extras, entry.extras, strict=True)),
    )


def _decimal(entered: list[str], delimiter: str) -> str:
    """The decimal sign to write with: as entered, else the one of systems that use this delimiter."""
    if any("," in cell for cell in entered):
        return ","
    return "," if delimiter == ";" and not any("." in cell for cell in entered) else "."
