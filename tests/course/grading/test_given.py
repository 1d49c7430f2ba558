"""What students were given is known cell by cell, and a lab that cannot be graded is refused."""

import re
from pathlib import Path

import pytest
from course.grading.small_course import RIGHT, SOURCE, STEM, course_root

from labkit.course import CourseError
from labkit.course.grading.given import EXERCISE_LINE, given
from labkit.course.labs import find_root


def test_answers_checks_and_all_other_cells(lab):
    assert list(lab.places) == list(RIGHT)
    assert lab.expressions == {"1.1": "decode", "1.6": "answer_1_6", "1.14": "jaccard", "1.15": "weighted_jaccard"}
    assert [exercise.id for exercise in lab.exercises] == list(RIGHT)
    assert (lab.stem, lab.title, lab.framework) == (STEM, "Lab 1 · A small part of it", "torch")
    for name, place in lab.places.items():
        assert lab.cells[place].text.startswith(f"# Exercise {name}\n")
        assert lab.cells[place + 1].checks == name
    assert "BEGIN SOLUTION" not in "".join(cell.text for cell in lab.cells)


def test_every_exercise_of_the_course_is_checked_after_its_answer():
    root = find_root(Path(__file__).parent)
    labs = given(root)
    assert len(labs) == 5
    for lab in labs.values():
        checks = {cell.checks: place for place, cell in enumerate(lab.cells) if cell.checks}
        assert list(lab.places) == list(checks)
        assert all(lab.places[name] < checks[name] for name in checks)
        assert all(expression.isidentifier() for expression in lab.expressions.values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('check("1.14", jaccard)', 'result = check("1.14", jaccard)', "got exercise 1.14, but no cell checks it"),
        ("# Exercise 1.14", "# Exercise 1.99", "got exercise 1.99, but labkit/exercises does not know it"),
        ("# BEGIN SOLUTION", "# BEGIN SOLUTIONS", "got '# BEGIN SOLUTIONS'"),
    ],
)
def test_a_lab_that_cannot_be_graded_is_refused(tmp_path, old, new, said):
    root = course_root(tmp_path)
    assert old in SOURCE
    (root / "solutions" / f"{STEM}.py").write_text(SOURCE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CourseError, match=re.escape(said)):
        given(root)


def test_no_such_lab(root):
    with pytest.raises(CourseError, match="no lab begins with 'lab7'"):
        given(root, ["lab7"])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("# Exercise 1.3", "1.3"),
        ("#exercise 1,3", "1.3"),
        ("  ## EXERCISE  1.10: mine", "1.10"),
        ("# Exercise 1.3b", None),
        ("x = 1  # Exercise 1.3", None),
        ("# Exercises 1.3", None),
        ("# Exercise 13", None),
    ],
)
def test_the_line_that_names_an_exercise(line, name):
    found = EXERCISE_LINE.search(f"import x\n{line}\ny = 1")
    assert (f"{found[1]}.{found[2]}" if found else None) == name
