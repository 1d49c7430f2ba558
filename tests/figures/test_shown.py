"""Every figure that a lab draws is shown: a notebook shows what stands last in a cell, and in no block."""

import ast
from pathlib import Path

import pytest

from labkit.course.source import read

SOLUTIONS = sorted((Path(__file__).parents[2] / "solutions").glob("*.py"))


def from_figures(tree):
    """The names that a program has from the room of figures."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname or alias.name
        for node in imports
        for alias in node.names
        if f"{node.module}.{alias.name}".startswith("labkit.figures")
    }


def dropped(code, figures):
    """The calls of these names whose result goes nowhere."""
    tree = ast.parse(code)
    statements = [node for node in ast.walk(tree) if isinstance(node, ast.Expr) and node is not tree.body[-1]]
    calls = [node.value for node in statements if isinstance(node.value, ast.Call)]
    return [ast.unparse(call.func) for call in calls if ast.unparse(call.func).partition(".")[0] in figures]


@pytest.mark.parametrize("path", SOLUTIONS, ids=lambda path: path.stem)
def test_no_figure_of_a_lab_is_dropped(path):
    figures = from_figures(ast.parse(path.read_text(encoding="utf-8")))
    assert figures
    cells = ["\n".join(line.text for line in cell.lines) for cell in read(path).cells if cell.kind == "code"]
    assert [call for code in cells if code.strip() for call in dropped(code, figures)] == []


def test_a_dropped_figure_is_found():
    assert dropped("if SAMPLE:\n    shares({})", {"shares"}) == ["shares"]
    assert dropped("patches.rows()\n1", {"patches"}) == ["patches.rows"]
    assert dropped("figure = shares({})\nfigure", {"shares"}) == dropped("shares({})", {"shares"}) == []
