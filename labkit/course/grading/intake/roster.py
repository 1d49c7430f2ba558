"""The list of a course's students: a CSV file as Canvas and Moodle write it, or a plain one."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from labkit.course import CourseError
from labkit.course.grading.intake import words
from labkit.course.grading.records import Student

_DELIMITERS = ",;\t|"
_WANTED = (
    "wanted a CSV file whose first line names the columns, such as 'Student,ID,SIS Login ID' (Canvas), "
    "'First name,Last name,Email address' (Moodle) or 'name,id,email'"
)
# What columns are called, in small letters, by what they hold; the first that is there counts.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("student", "full name", "fullname", "student name", "name", "vollständiger name"),
    "first": ("first name", "first", "firstname", "given name", "forename", "vorname"),
    "last": ("last name", "surname", "last", "lastname", "family name", "nachname"),
    "canvas": ("id", "canvas user id", "user id"),
    "moodle": ("identifier", "participant", "participant id", "id", "teilnehmer/in"),
    "number": ("id number", "student id", "student number", "sis user id", "matrikelnummer", "id-nummer", "number"),
    "login": ("sis login id", "login", "login id", "username", "user name", "user", "anmeldename"),
    "email": ("email address", "email", "e-mail", "e-mail address", "mail", "e-mail-adresse"),
}


@dataclass(frozen=True)
class Row:
    """A student of the roster, as they can be recognised.

    Attributes:
        student: with the line of the roster.
        words: of the name, in small letters.
        numbers: what holds it ("canvas", "moodle", "number") -> digits.
        logins: each as words; the first half of an email is one, and a number too.
        emails: in small letters.
    """

    student: Student
    words: tuple[str, ...]
    numbers: Mapping[str, str]
    logins: frozenset[tuple[str, ...]]
    emails: frozenset[str]


def students(roster: Path) -> list[Student]:
    """All students of a roster in its order.

    Raises:
        CourseError: it is malformed; the message says where.
    """
    return [row.student for row in read(roster)]


def read(roster: Path) -> list[Row]:
    """A roster, without lines that name nobody, the second line of a student and Canvas' line of possible points.

    Raises:
        CourseError: it is malformed; the message says where.
    """
    (number, header), *lines = _lines(roster, _text(roster))
    columns = _columns(header)
    if "name" not in columns and "last" not in columns:
        raise CourseError(f"{roster}:{number}: got the columns {_listed(header)}; {_WANTED}.")
    rows: dict[tuple[str, ...], Row] = {}
    for number, line in lines:
        if any(cell.strip() for cell in line[len(header) :]):
            raise CourseError(
                f"{roster}:{number}: got {len(line)} columns; wanted {len(header)} as in the first line. A name with "
                'a comma in it stands in quotes: "Last, First".'
            )
        cells = [cell.strip() for cell in line] + [""] * (len(header) - len(line))
        held = {what: cells[place] for what, place in columns.items() if cells[place]}
        if not held or held.get("name", "").casefold().startswith("points possible"):
            continue
        row = _row(roster, number, held, dict(zip(_unique(header), cells, strict=False)))
        rows.setdefault((row.student.key,) if row.numbers or row.logins else tuple(cells), row)
    if not rows:
        raise CourseError(f"{roster}:{number}: got no students below the first line; {_WANTED}.")
    return _told_apart([*rows.values()])


def _told_apart(rows: list[Row]) -> list[Row]:
    """The same, with another key for each of those who have one name and no number or address."""
    times = Counter(row.student.key for row in rows)
    keys = [
        words.key(row.words, sha256("\n".join(row.student.row.values()).encode()).hexdigest()[:8])
        if times[row.student.key] > 1
        else row.student.key
        for row in rows
    ]
    return [replace(row, student=replace(row.student, key=key)) for row, key in zip(rows, keys, strict=True)]


def _text(roster: Path) -> str:
    try:
        data = roster.read_bytes()
    except OSError as error:
        raise CourseError(f"{roster}:1: the roster cannot be read ({error.strerror}); {_WANTED}.") from error
    if data.startswith(b"PK"):
        raise CourseError(f"{roster}:1: got an Excel workbook; {_WANTED}: save it as 'CSV UTF-8'.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _lines(roster: Path, text: str) -> list[tuple[int, list[str]]]:
    """(number, cells) of each line that is not empty, parted by the delimiter that gives most columns a known name.

    Counting marks, as csv.Sniffer does, is misled by names with commas in them.
    """
    found = []
    for delimiter in _DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
        lines = []
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells) and not cells[0].startswith("sep="):
                    lines.append((reader.line_num, [cell.strip() for cell in cells]))
        except csv.Error as error:
            if lines and len(_columns(lines[0][1])) > 1:
                raise CourseError(
                    f"{roster}:{reader.line_num}: got a line that is no CSV ({error}); wanted every quote closed, and "
                    "one within a text doubled."
                ) from error
        else:
            found += [lines] * bool(lines)
    if not found:
        raise CourseError(f"{roster}:1: got an empty file, or one that is no table; {_WANTED}.")
    return max(found, key=_fits)


def _fits(lines: list[tuple[int, list[str]]]) -> tuple[int, int]:
    """How well a delimiter fits: known columns, and no line with more cells than the first."""
    header = lines[0][1]
    return len(_columns(header)), -sum(len(cells) > len(header) for _, cells in lines)


def _columns(header: list[str]) -> dict[str, int]:
    """What a column holds -> its place."""
    names = [" ".join(name.split()).casefold() for name in header]
    places = {
        what: next(names.index(name) for name in known if name in names)
        for what, known in _COLUMNS.items()
        if any(name in names for name in known)
    }
    if "first" in places and "last" not in places and "name" in places:  # "Name" beside "Vorname" is the last name
        places["last"] = places.pop("name")
    return places


def _row(roster: Path, number: int, held: Mapping[str, str], plain: Mapping[str, str]) -> Row:
    full = held.get("name") or f"{held.get('first', '')} {held.get('last', '')}"
    last, comma, first = full.partition(",")
    name = words.clean(f"{first} {last}" if comma and "," not in first else full)
    if not words.split(name):
        raise CourseError(
            f"{roster}:{number}: got a line without a name ({_listed([*plain.values()])}); wanted one for each student."
        )
    numbers = {what: _digits(held.get(what, "")) for what in ("canvas", "moodle", "number")}
    logins = {held[what].casefold() for what in ("login", "email", "number", "canvas") if what in held}
    identifier = next((held[what] for what in ("canvas", "number", "login", "email", "moodle") if what in held), "")
    return Row(
        Student(words.key(words.split(name), identifier), name, plain),
        words.split(name),
        {what: digits for what, digits in numbers.items() if digits},
        frozenset(filter(None, (words.split(login.partition("@")[0]) for login in logins))),
        frozenset(login for login in logins if "@" in login),
    )


def _digits(text: str) -> str:
    """The number in "12345", "00012345" or "Participant 12345", without zeros in front, which spreadsheets drop."""
    digits = re.fullmatch(r"(?:[^\W\d]+[ _])?0*(\d+)", text)
    return digits[1] if digits else ""


def _unique(header: list[str]) -> list[str]:
    """The names of columns, numbered where one comes twice."""
    return [
        name + f" ({header[:place].count(name) + 1})" * (name in header[:place]) for place, name in enumerate(header)
    ]


def _listed(cells: list[str]) -> str:
    return ", ".join(repr(words.clean(cell)[:30]) for cell in cells[:6] if cell.strip())
