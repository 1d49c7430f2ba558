"""Tables of text for the command line."""

import re
from collections.abc import Sequence

_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+")


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts, in columns; the first row is the head. Columns of numbers stand to the right."""
    columns = [_aligned(column) for column in zip(*rows, strict=True)]
    lines = ["  ".join(row).rstrip() for row in zip(*columns, strict=True)]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _aligned(column: Sequence[str]) -> list[str]:
    width = max(map(len, column))
    numbers = all(_NUMBER.fullmatch(text) for text in column[1:])
    return [text.rjust(width) if numbers else text.ljust(width) for text in column]
