"""Made-up students and what they returned, and the marking sheet as a person at a spreadsheet saves it."""

import csv
import hashlib
import io
from dataclasses import replace

from labkit.course.grading.records import Graded, Mark, Student

LAB = "lab1_txray_text_cnn"
RIGHT = Mark("1.1", "ids to words", 2, "graded", 2.0, "right.", "", "def decode(ids):\n    return ids")
WRONG = Mark("1.3", "top-k by index", 2, "graded", 0.0, "the order is lost.", "sorted", "values.sort()")
UNANSWERED = Mark("1.4", "a hook that records", 3, "not answered", 0.0, "not answered yet.")
OPEN = Mark(
    "1.10", "a hook that prunes", 3, "needs manual marking", None, "40 words, kept.", "", "Because of the filters."
)
BROKEN = Mark(
    "1.12", "a criterion", 4, "could not be graded", None, why="it ran longer than 60 s.", answer="while True: pass"
)
ALL = (RIGHT, WRONG, UNANSWERED, OPEN, BROKEN)

#: What a student may call themselves or answer to do harm, or without meaning any.
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "attribute": "\"'><img src=x onerror=alert(1)>",
    "end of style": "</style></title></pre>--><!--",
    "template": "{{ 7 * 7 }}{% for x in y %}",
    "formula": '=HYPERLINK("http://example.org";"a")',
    "plus": "+1+1",
    "minus": "-2-2",
    "at": "@SUM(A1)",
    "tab": "\tx",
    "carriage return": "\r=1",
    "apostrophe": "'tis right",
    "apostrophe and formula": "'=1+1",
    "wide sign": "＝1+1",
    "semicolons, quotes": 'a;b,"c"\n"d"\te',
    "right to left": "שלום \u200f\u202ecode\u202c",
    "control": "a\x00b\x1b[31mc\x7f",
    "half a pair": "a\ud800b",
    "line ends": "one\r\ntwo\rthree\u2028four\x0bfive",
    "long": "x" * 10_000,
    "markup entity": "&lt;b&gt; &amp;",
}


def student(key="ada", name="Ada", **row):
    return Student(key, name, row)


def graded(who=None, marks=ALL, **changes):
    """A notebook of lab 1."""
    who = who or student()
    digest = hashlib.sha256(who.key.encode()).hexdigest()
    made = Graded(who, f"{who.key}.ipynb", 1.79e9, digest, LAB, "TX-Ray", tuple(marks), seconds=30.0)
    return replace(made, **changes)


def rows(out):
    """The marking sheet as a list of dicts, of any dialect that it was written in."""
    text = (out / "marking.csv").read_bytes().decode("utf-8-sig")
    delimiter = ";" if text.startswith("student;") else ","
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def row(out, key="ada", exercise="1.10"):
    """The one row of a student and an exercise."""
    (found,) = [r for r in rows(out) if r["student"].lstrip("'") == key and r["exercise"] == f"Exercise {exercise}"]
    return found


def save(out, table, delimiter=",", encoding="utf-8-sig", ends="\r\n"):
    """Save dicts as the marking sheet."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), delimiter=delimiter, lineterminator=ends)
    writer.writeheader()
    writer.writerows(table)
    (out / "marking.csv").write_bytes(text.getvalue().encode(encoding, errors="replace"))


def enter(out, entries, **saving):
    """Enter cells in the marking sheet: (student, exercise) -> column -> text."""
    table = rows(out)
    for one in table:
        one |= entries.get((one["student"].lstrip("'"), one["exercise"].removeprefix("Exercise ")), {})
    save(out, table, **saving)


def tree(out):
    """Path -> bytes of every file."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
