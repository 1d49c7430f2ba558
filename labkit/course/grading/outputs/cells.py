"""Cells of CSV files that a spreadsheet opens: no text of a student's is ever taken for a formula.

A cell that begins with one of = + - @ or a tab or line end is run as a formula (OWASP calls it CSV injection). An
apostrophe in front makes a text of it; so that it can be taken off again, a text that begins with apostrophes and then
such a sign is given one more.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

# The wide forms are the same signs to a spreadsheet in Japanese or Chinese.
_FORMULA = re.compile(r"['\s]*[=+\-@＝＋－＠]|'*[\t\r\n]")

# Keys that no spreadsheet takes for a number, a date (as "mar1" and "1-2") or a truth value.
_STAYS = re.compile(r"(?!(?:true|false|wahr|falsch)$)[a-z]+|[a-z]{1,2}[0-9]+|(?=.*_)[^-].*", re.IGNORECASE)


def guarded(text: str) -> str:
    """The text as a cell that is no formula; ``unguarded`` gives the text back."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell that ``guarded`` made, or that a person typed."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell, 1) else cell


def key_cell(key: str) -> str:
    """A student's key as a cell that a spreadsheet leaves as it is: an apostrophe keeps the zeros of "0012"."""
    return key if _STAYS.fullmatch(key) else f"'{key}"


def exercise_cell(exercise: str) -> str:
    """An exercise as a cell that a spreadsheet leaves as it is: "1.10" alone would become the number 1.1 or a date."""
    return f"Exercise {exercise}"


def csv_bytes(rows: Iterable[Sequence[str]], delimiter: str = ",", mark: bool = True) -> bytes:
    """Rows of cells as the bytes of a CSV file (RFC 4180) in UTF-8.

    Args:
        rows: cells as they are to stand there; texts of others are guarded by the caller.
        delimiter: between cells.
        mark: begin with a byte order mark, without which Excel takes UTF-8 for the system's own code page.
    """
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    # Half of a surrogate pair may come out of a notebook's JSON, and no encoding can write it.
    return text.getvalue().encode("utf-8-sig" if mark else "utf-8", errors="replace")
