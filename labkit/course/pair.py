"""From a source to its two notebooks, as nbformat nodes whose bytes are the same on every machine."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from labkit.course import markers
from labkit.course.finder import TITLE, colab_link, published, with_finder
from labkit.course.source import Cell, Lab, Line

#: All that a built notebook says of itself. Editors add to it when they save.
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}

#: Of the set-up cell: folded away in Colab and in JupyterLab, since a student has no need to read it.
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}


def exercise_cells(lab: Lab, root: Path) -> list[Cell]:
    """The cells of the exercise notebook, with the finder and, where published, a link to Colab."""
    address = published(root)
    first, *others = (with_finder(lab, cell, address) for cell in markers.exercise_cells(lab))
    link = colab_link(lab.stem, address)
    if link:
        number = first.lines[-1].number
        first = replace(first, lines=(*first.lines, Line(number, ""), Line(number, link)))
    return [first, *others]


def solution_cells(lab: Lab, root: Path) -> list[Cell]:
    """The cells of the solution notebook, with the set-up cell's finder."""
    return [with_finder(lab, cell, published(root)) for cell in markers.solution_cells(lab)]


def notebook(cells: Sequence[Cell]) -> NotebookNode:
    """A notebook of these cells, without outputs."""
    make = {"code": new_code_cell, "markdown": new_markdown_cell}
    nodes = [make[cell.kind](cell.text, id=cell.name, metadata=_metadata(cell.text)) for cell in cells]
    return new_notebook(metadata=METADATA, cells=nodes)


def without_outputs(node: NotebookNode) -> NotebookNode:
    """A copy as it would be before it is run."""
    node = nbformat.from_dict(node)
    for cell in node.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return node


def tidied(node: NotebookNode) -> NotebookNode:
    """A copy without what running or an editor leaves in the metadata; outputs stay."""
    node = nbformat.from_dict(node)
    node.metadata = nbformat.from_dict(METADATA)
    for cell in node.cells:
        cell.metadata = nbformat.from_dict(_metadata(cell.source))
    return node


def _metadata(text: str) -> dict[str, Any]:
    return FOLDED if text.startswith(TITLE) else {}


def as_text(node: NotebookNode) -> str:
    """The file, as text."""
    nbformat.validate(node)
    return nbformat.writes(node) + "\n"
