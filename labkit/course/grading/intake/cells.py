"""The cells of a notebook of any version, as text: a notebook that others refuse as invalid is read here too."""

from typing import Any

from labkit.course.grading.records import ReturnedCell


def returned_cells(notebook: dict[str, Any]) -> tuple[tuple[ReturnedCell, ...], list[str]]:
    """The cells, and what had to be mended, a sentence each.

    Args:
        notebook: with a list "cells" (version 4) or "worksheets" (2 and 3); whatever else it says is not relied on.
    """
    repairs: list[str] = []
    found: list[Any] = []
    if isinstance(notebook.get("cells"), list):
        found += notebook["cells"]
    if isinstance(notebook.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        found += [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    cells = []
    for number, cell in enumerate(found, start=1):
        if isinstance(cell, dict):
            read, mended = _cell(cell)
            cells.append(read)
            repairs += [f"Cell {number} {what}" for what in mended]
        else:
            repairs.append(f"Cell {number} was no cell but {_short(cell)}, and was left out.")
    return tuple(cells), repairs


def _cell(cell: dict[str, Any]) -> tuple[ReturnedCell, list[str]]:
    """A cell with its kind and text alone, and what was wrong with it."""
    text, repairs = _text(cell.get("source", cell.get("input")))
    kind = cell.get("cell_type")
    kind = kind.lower() if isinstance(kind, str) else kind
    if kind in ("heading", "html"):
        kind, text = _upgraded(kind, text, cell.get("level"))
    elif kind not in ("code", "markdown", "raw"):
        repairs.append(f"was of the kind {_short(kind)} and was taken for code.")
        kind = "code"
    return ReturnedCell(kind, text), repairs


def _upgraded(kind: str, text: str, level: object) -> tuple[str, str]:
    """Kind and text in version 4 of a cell of a kind that only version 3 has."""
    from nbformat import NotebookNode  # its import takes a second, and notebooks of version 3 are rare
    from nbformat.v4.convert import upgrade_cell

    level = level if isinstance(level, int) and 1 <= level <= 6 else 1
    cell = upgrade_cell(NotebookNode(cell_type=kind, source=text, level=level))
    return cell.cell_type, cell.source


def _text(source: object) -> tuple[str, list[str]]:
    """A cell's text with line ends of one character, and what was wrong with it."""
    repairs = []
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        if len(lines) < len(source):
            repairs.append("had lines that were no text, which were left out.")
        ended = len(lines) < 2 or any(line.endswith(("\n", "\r")) for line in lines)
        repairs += ["had lines without ends, and was read line by line."] * (not ended)
        source = ("" if ended else "\n").join(lines)
    elif source is not None and not isinstance(source, str):
        repairs.append(f"had {_short(source)} in place of a text, and was emptied.")
    text = source if isinstance(source, str) else ""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    # Half a character beyond 16 bits can be written in JSON, but not in a file; NUL no Python would read.
    clean = text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    repairs += ["had letters that are none (NUL, or half of one), which were taken away."] * (clean != text)
    return clean, repairs


def _short(value: object) -> str:
    """A value in a few letters."""
    text = repr(value) if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
    return text if len(text) <= 40 else f"{text[:37]}..."
