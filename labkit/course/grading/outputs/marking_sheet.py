"""``marking.csv``: what waits for a person to mark, and what that person entered, which is never lost.

What was entered is read before anything is written, goes into the marks, and is written back. A row whose notebook has
gone stays at the end; columns that a person added stay too. A row that a person adds for an exercise that was graded
overrides that grade.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from labkit.course.grading.outputs.attempts import Returned
from labkit.course.grading.outputs.cells import csv_bytes, exercise_cell, guarded, key_cell
from labkit.course.grading.outputs.sheet_reading import COLUMNS, Entry, Sheet
from labkit.course.grading.outputs.texts import cut, natural, points, short, visible
from labkit.course.grading.records import Mark

#: An Excel cell holds 32,767 characters and breaks longer ones up; the whole answer is on the page.
_ANSWER_SHOWN = 2000
_TO_MARK = ("needs manual marking", "could not be graded")
_GONE = "no notebook any more"


@dataclass(frozen=True)
class Question:
    """An exercise of a student that a person has to mark or has marked.

    Attributes:
        returned: where it stands.
        mark: the effective mark.
        automatic: the mark before anything was entered.
        changed: whether the answer is another than the one that was marked.
        entry: the row as it was read; None where there was none.
    """

    returned: Returned
    mark: Mark
    automatic: Mark
    changed: bool = False
    entry: Entry | None = None


@dataclass(frozen=True)
class Merged:
    """Records and marking sheet brought together.

    Attributes:
        returned: as given, with the marks that were entered.
        questions: by exercise, then by student.
        gone: rows with entries whose notebook is not among the records, in their order.
    """

    returned: tuple[Returned, ...]
    questions: tuple[Question, ...]
    gone: tuple[Entry, ...]


def merge(returned: Sequence[Returned], sheet: Sheet) -> Merged:
    """Put what was entered into the marks."""
    merged, questions, here = [], [], set()
    for one in returned:
        entries = [sheet.entries.get((one.student.key, mark.exercise)) for mark in one.automatic.marks]
        marks = tuple(map(_effective, one.automatic.marks, entries))
        # Where a person has marked all that was open, that the notebook could not be graded as a whole is settled.
        settled = any(mark.by_hand for mark in marks) and all(mark.points is not None for mark in marks)
        problem = "" if settled else one.automatic.problem
        one = replace(one, graded=replace(one.automatic, marks=marks, problem=problem))
        merged.append(one)
        for (mark, automatic), entry in zip(one.pairs(), entries, strict=True):
            here.add((one.student.key, mark.exercise))
            if automatic.state in _TO_MARK or (entry and entry.entered):
                questions.append(Question(one, mark, automatic, _changed(automatic, entry), entry))
    gone = [entry for key, entry in sheet.entries.items() if key not in here and entry.entered]
    return Merged(tuple(merged), tuple(sorted(questions, key=_place)), tuple(gone))


def sheet_bytes(merged: Merged, sheet: Sheet) -> bytes:
    """The marking sheet as it is to be written, in the dialect in which it was read."""
    rows = [[*COLUMNS, *map(guarded, sheet.extras)]]
    rows += [_row(question, sheet) for question in merged.questions]
    rows += [_gone_row(entry, sheet) for entry in merged.gone]
    return csv_bytes(rows, sheet.delimiter)


def digest(answer: str) -> str:
    """A short name of an answer. It begins with a word, or a spreadsheet would take "12e4" for a number."""
    return f"answer-{hashlib.sha256(answer.encode(errors='surrogatepass')).hexdigest()[:12]}"


def _effective(automatic: Mark, entry: Entry | None) -> Mark:
    if entry is None:
        return automatic
    if entry.points is None:
        return replace(automatic, comment=entry.comment)
    # What the check found wrong is no longer so where a person gave full points, or was never looked for.
    holds = automatic.state == "graded" and entry.points < automatic.maximum
    return replace(
        automatic,
        state="graded",
        points=entry.points,
        message=automatic.message if holds else "",
        mistake=automatic.mistake if holds else "",
        why="",
        by_hand=True,
        comment=entry.comment,
    )


def _changed(automatic: Mark, entry: Entry | None) -> bool:
    if entry is None or entry.points is None or not entry.digest:
        return False
    return entry.digest != digest(automatic.answer)


def _row(question: Question, sheet: Sheet) -> list[str]:
    student, mark, entry = question.returned.student, question.mark, question.entry
    cells = {
        "student": key_cell(student.key),
        "name": guarded(visible(student.name)),
        "lab": short(question.returned.lab),
        "exercise": exercise_cell(mark.exercise),
        "title": guarded(visible(mark.title)),
        "maximum": str(mark.maximum),
        "state": "marked" if mark.by_hand else mark.state,
        "why": guarded(visible(why(question))),
        "answer": guarded(cut(visible(mark.answer), _ANSWER_SHOWN)),
        "points": _number(entry.points, sheet) if entry else "",
        "comment": guarded(entry.comment) if entry else "",
        "answer_digest": entry.digest if entry and question.changed else digest(mark.answer),
    }
    extras = entry.extras if entry else ("",) * len(sheet.extras)
    return [*(cells[name] for name in COLUMNS), *map(guarded, extras)]


def _gone_row(entry: Entry, sheet: Sheet) -> list[str]:
    cells = {name: guarded(text) for name, text in entry.cells.items()}
    cells |= {
        "student": key_cell(entry.student),
        "exercise": exercise_cell(entry.exercise),
        "state": _GONE,
        "why": "kept as it was entered; it counts again when the notebook is back",
        "points": _number(entry.points, sheet),
        "comment": guarded(entry.comment),
        "answer_digest": entry.digest,
    }
    return [*(cells.get(name, "") for name in COLUMNS), *map(guarded, entry.extras)]


def why(question: Question) -> str:
    """Why a question is in the sheet, where that needs a word."""
    automatic = question.automatic
    if question.changed:
        return "the answer changed since it was marked; once you have read it again, empty the cell answer_digest"
    if question.mark.by_hand and automatic.points is not None:
        return f"entered by hand; the check gave {points(automatic.points)}"
    return automatic.why


def _number(value: float | None, sheet: Sheet) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".").replace(".", sheet.decimal)


def _place(question: Question) -> tuple[object, ...]:
    student = question.returned.student
    return (natural(question.mark.exercise), natural(student.name), student.key)


def open_questions(questions: Iterable[Question]) -> list[Question]:
    """Those whose points nobody can say yet."""
    return [question for question in questions if question.mark.points is None]
