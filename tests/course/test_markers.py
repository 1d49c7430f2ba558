"""What the comment lines of a source do to its two notebooks."""

from pathlib import Path

import pytest

from labkit.course import CourseError
from labkit.course.markers import exercise_cells, solution_cells
from labkit.course.source import Lab, read


def lab(folder: Path, text: str) -> Lab:
    path = folder / "lab9_toy.py"
    path.write_text(text, encoding="utf-8")
    return read(path)


def texts(cells):
    return [cell.text for cell in cells]


def test_a_region_becomes_a_stub_in_the_exercise_and_loses_its_markers_in_the_solution(course):
    toy = read(course.source)
    assert "def double(number):\n    # YOUR CODE HERE\n    ..." in "\n\n".join(texts(exercise_cells(toy)))
    assert "def double(number):\n    return 2 * number" in "\n\n".join(texts(solution_cells(toy)))


def test_the_stub_can_be_given_in_several_lines_and_keeps_its_indent(tmp_path):
    toy = lab(
        tmp_path,
        """\
# %%
def f(x):
    # BEGIN SOLUTION
    return x
    # END SOLUTION
    # STUB: if x:
    # STUB:     return ...
    # a line that both have
""",
    )
    assert texts(exercise_cells(toy)) == [
        "def f(x):\n    # YOUR CODE HERE\n    if x:\n        return ...\n    # a line that both have"
    ]
    assert texts(solution_cells(toy)) == ["def f(x):\n    return x\n    # a line that both have"]


def test_cells_for_one_notebook_are_left_out_of_the_other(course):
    toy = read(course.source)
    assert "Fill the gaps." in texts(exercise_cells(toy))
    assert "Fill the gaps." not in texts(solution_cells(toy))
    assert not any("a worked aside" in text for text in texts(exercise_cells(toy)))
    assert '# NBVAL_CHECK_OUTPUT\nprint("a worked aside")' in texts(solution_cells(toy))


def test_the_mark_for_nbval_stands_in_the_solution_alone(tmp_path):
    toy = lab(tmp_path, "# %%\n# NBVAL_CHECK_OUTPUT\nprint(1)\n")
    assert texts(solution_cells(toy)) == ["# NBVAL_CHECK_OUTPUT\nprint(1)"]
    assert texts(exercise_cells(toy)) == ["print(1)"]


def test_lines_know_where_they_stand_in_the_source(course):
    source = course.source.read_text().splitlines()
    cells = solution_cells(read(course.source))
    assert {cell.kind for cell in cells} == {"code", "markdown"}
    for cell in cells:
        for line in cell.lines:
            written = f"# {line.text}".rstrip() if cell.kind == "markdown" else line.text
            assert source[line.number - 1] == written


def test_nothing_of_a_solution_is_left_in_the_exercise(course):
    exercise = "\n".join(texts(exercise_cells(read(course.source))))
    for secret in ("2 * number", "42", "SOLUTION", "STUB", "worked aside"):
        assert secret not in exercise


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("# %%\n# BEGIN SOLUTION\nx = 1\n", 2, "without '# END SOLUTION'"),
        ("# %%\nif 1:\n    # BEGIN SOLUTION\n    x = 1\n# END SOLUTION\n", 3, "same indent"),
        ("# %%\nx = 1\n# END SOLUTION\n", 3, "in pairs"),
        ("# %%\n#BEGIN SOLUTION\nx = 1\n# END SOLUTION\n", 2, "in pairs"),
        ("# %%\n# begin solution\nx = 1\n# END SOLUTION\n", 2, "in pairs"),
        ("# %%\n# BEGIN SOLUTION\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n", 2, "do not nest"),
        ("# %%\nx = 1\n# STUB: x = ...\n", 3, "directly after"),
        ("# %%\nx = 1\n# SOLUTION ONLY\n", 3, "first line"),
        ("# %% [markdown]\n# Text.\n# <!-- SOLUTION ONLY -->\n", 3, "first line"),
        ("# %% [markdown]\n# # BEGIN SOLUTION\n# x\n", 2, "code cell"),
        ("# %%\n# SOLUTION ONLY\n", 2, "fill the cell"),
        ("# %%\n# SOLUTON ONLY\nx = 1\n", 2, "first line"),
        ("# %% [markdown]\n# <!-- SOLUTION ONYL -->\n# Text.\n", 2, "first line"),
        ("# %%\n# BEGIN SOLUTON\nx = 1\n# END SOLUTION\n", 2, "in pairs"),
        ("# %%\n# NBVAL_CHEK_OUTPUT\nx = 1\n", 2, "NBVAL_CHECK_OUTPUT"),
    ],
)
def test_a_misplaced_or_mistyped_marker_is_refused_with_its_line(tmp_path, text, line, says):
    toy = lab(tmp_path, text)
    with pytest.raises(CourseError, match=rf"lab9_toy\.py:{line}: .*{says}"):
        exercise_cells(toy)
        solution_cells(toy)


def test_an_exercise_that_does_not_parse_is_refused_with_its_line(tmp_path):
    toy = lab(
        tmp_path,
        "# %%\nfor i in range(3):\n# BEGIN SOLUTION\n    print(i)\n# END SOLUTION\n# STUB: else\n",
    )
    with pytest.raises(CourseError, match=r"lab9_toy\.py:6: the exercise's code does not parse"):
        exercise_cells(toy)
