"""The text of a notebook as data, also where it was cut off or damaged on its way: what is whole is kept."""

import json
import re
from dataclasses import dataclass
from typing import Any

from labkit.course.grading.intake.places import UnreadableError

#: Places of a damaged notebook at which a cell may begin and is not whole, before the search is given up.
FAILURES = 200

# An object that begins as cells do, in all versions of the format and with the keys in any order.
_CELL = re.compile(
    r'\{\s*"(?:attachments|cell_type|collapsed|execution_count|id|input|language|level|metadata|outputs'
    r'|prompt_number|source)"\s*:'
)


@dataclass(frozen=True)
class Parsed:
    """The notebook in a text.

    Attributes:
        data: it has a list "cells" or "worksheets"; nothing else is known of it yet.
        repairs: what had to be mended, a sentence each.
        lost: why cells that were written may be missing; "" if the text is whole.
    """

    data: dict[str, Any]
    repairs: tuple[str, ...] = ()
    lost: str = ""


def parse(text: str) -> Parsed:
    """The notebook in a text.

    Raises:
        UnreadableError: there is no cell in it that could be read.
    """
    text = text.lstrip("\ufeff \t\r\n\0")
    decoder = json.JSONDecoder(parse_int=_integer, strict=False)  # not strict: raw tabs and line ends in a text
    try:
        data, end = decoder.raw_decode(text)
    except (json.JSONDecodeError, RecursionError) as error:
        return _whole_cells(text, decoder, error)
    if not isinstance(data, dict):
        raise UnreadableError(
            f"got JSON that is {_named(data)}; wanted a notebook, an object with cells: ask for the notebook itself."
        )
    if not any(isinstance(data.get(key), list) for key in ("cells", "worksheets")):
        keys = ", ".join(repr(key[:30]) for key in list(data)[:5]) or "nothing"
        raise UnreadableError(
            f"got JSON that holds {keys}; wanted a notebook, which holds 'cells': ask for the notebook itself."
        )
    rest = text[end:].strip(" \t\r\n\0")
    return Parsed(data, ("What stood after the end of the notebook was left out.",) * bool(rest))


def looks_like_notebook(text: str) -> bool:
    """Whether a text is JSON with the keys of a notebook, without reading all of it as JSON."""
    begins = text.lstrip("\ufeff \t\r\n\0").startswith("{")
    return begins and bool(re.search(r'"(?:nbformat|cell_type|worksheets)"\s*:', text))


def _whole_cells(text: str, decoder: json.JSONDecoder, error: Exception) -> Parsed:
    """The cells of a notebook that is damaged elsewhere.

    Raises:
        UnreadableError: there are none.
    """
    cells, failures = [], 0
    begin = _CELL.search(text)
    while begin and failures < FAILURES:
        try:
            cell, end = decoder.raw_decode(text, begin.start())
        except (json.JSONDecodeError, RecursionError):
            failures += 1
            end = begin.start() + 1  # inside of it, and on to the next cell
        else:
            cells += [cell] * ("cell_type" in cell)
        begin = _CELL.search(text, end)
    why = f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else "nested too deeply"
    if not cells:
        begins = " ".join(text[:40].split())
        raise UnreadableError(
            f"got a file that begins {begins!r} and is no valid JSON ({why}); wanted a notebook: ask for it again."
        )
    found = "1 whole cell was" if len(cells) == 1 else f"{len(cells)} whole cells were"
    repair = f"The file is damaged or was cut off ({why}): {found} found and read; other cells may be lost."
    lost = "the file ends in the middle" if _ends_early(text, error) else "the file is damaged"
    return Parsed({"cells": cells}, (repair,), lost)


def _ends_early(text: str, error: Exception) -> bool:
    """Whether all is well up to the end of a text, where more should come."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")


def _integer(digits: str) -> float:
    """No number of a notebook matters here, and Python refuses to read integers of thousands of digits."""
    return int(digits) if len(digits) < 20 else float(digits)


def _named(data: object) -> str:
    names = {list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(data), "a number")
