"""``grades.csv`` and ``grades.json``."""

import csv
import io
import json
from dataclasses import replace

import pytest
from course.grading.outputs.made_up import BROKEN, HOSTILE, OPEN, RIGHT, UNANSWERED, WRONG, enter, graded, student

from labkit.course.grading.outputs import write
from labkit.course.grading.outputs.attempts import by_student_and_lab
from labkit.course.grading.outputs.gradebook import COLUMNS, plain, total
from labkit.course.grading.records import Graded


def table(records):
    text = plain(by_student_and_lab(records)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_for_each_exercise_of_the_attempt_that_counts():
    found = table([graded(path="new.ipynb", modified=2e9), graded(path="old.ipynb"), graded(student("bob", "Bob"))])
    assert list(found[0]) == list(COLUMNS)
    assert [(r["student"], r["exercise"], r["points"], r["maximum"], r["state"]) for r in found[:5]] == [
        ("ada", "Exercise 1.1", "2", "2", "graded"),
        ("ada", "Exercise 1.3", "0", "2", "graded"),
        ("ada", "Exercise 1.4", "0", "3", "not answered"),
        ("ada", "Exercise 1.10", "", "3", "needs manual marking"),
        ("ada", "Exercise 1.12", "", "4", "could not be graded"),
    ]
    assert {r["path"] for r in found} == {"new.ipynb", "bob.ipynb"}
    assert {r["lab"] for r in found} == {"lab1_txray_text_cnn"}


def test_a_file_of_no_lab_has_a_row_without_points():
    (found,) = table([graded(lab="", marks=(), problem="no lab")])
    assert (found["exercise"], found["points"], found["state"]) == ("", "", "could not be graded")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_and_paths(text):
    for found in table([graded(student("ada", text), path=text)]):
        assert not [cell for cell in found.values() if cell[:1] in tuple("=+-@\t\r＝")]


@pytest.mark.parametrize(
    ("marks", "problem", "cell"),
    [
        ([RIGHT, WRONG, UNANSWERED], "", "2"),
        ([WRONG], "", "0"),
        ([RIGHT, OPEN], "", ""),
        ([RIGHT, BROKEN], "", ""),
        ([RIGHT], "It ended its process.", ""),
        ([], "", ""),
        ([replace(RIGHT, points=1.5)], "", "1.5"),
    ],
)
def test_a_total_is_empty_unless_everything_is_known(marks, problem, cell):
    (one,) = by_student_and_lab([graded(marks=marks, problem=problem)])
    assert total(one) == cell


def test_json_holds_automatic_and_effective_marks_of_every_attempt(tmp_path):
    records = [
        graded(
            student("ada", HOSTILE["half a pair"]), marks=[replace(OPEN, answer=text)], path=f"{n}.ipynb", modified=n
        )
        for n, text in enumerate(HOSTILE.values())
    ]
    write(tmp_path, records)
    enter(tmp_path, {("ada", "1.10"): {"points": "2"}})
    write(tmp_path, records, missing=[student("bob", "Bob", Section="2")], left_aside=["x.txt"])
    whole = json.loads((tmp_path / "grades.json").read_text(encoding="ascii"))
    automatic = [Graded.from_plain(record["automatic"]) for record in whole["records"]]
    effective = [Graded.from_plain(record["effective"]) for record in whole["records"]]
    assert automatic == list(reversed(records))
    assert effective[1:] == automatic[1:]
    assert (effective[0].points, automatic[0].points) == (2, 0)
    assert [record["counts"] for record in whole["records"]] == [True] + [False] * (len(records) - 1)
    assert whole["missing"][0]["row"] == {"Section": "2"}
    assert whole["left_aside"] == ["x.txt"]
