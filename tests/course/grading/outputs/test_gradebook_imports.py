"""What Canvas and Moodle import."""

import csv
import io
from dataclasses import replace

import pytest
from course.grading.outputs.made_up import HOSTILE, OPEN, RIGHT, WRONG, graded, student

from labkit.course.grading.outputs.attempts import by_student_and_lab
from labkit.course.grading.outputs.gradebook_imports import canvas, moodle

OTHER = "lab2_cifar_filters_and_occlusion"
ADA = {"Student": "Lovelace, Ada", "ID": "41", "SIS User ID": "007", "SIS Login ID": "ada@example.org", "Section": "A"}


def rows(made):
    assert not made.data.startswith(b"\xef\xbb\xbf")  # would be part of the first heading
    return list(csv.reader(io.StringIO(made.data.decode(), newline="")))


def returned(*records):
    return by_student_and_lab(records)


def test_canvas():
    ada, bob = student("ada", "Ada", **ADA), student("bob", "Bob", **{"sis user id ": " 008 ", "Section": "B"})
    made = canvas(
        returned(
            graded(ada, [RIGHT, WRONG]),
            graded(ada, [RIGHT, OPEN], lab=OTHER, lab_title="Filters"),
            graded(bob, [RIGHT, replace(RIGHT, points=1.5)]),
        )
    )
    assert rows(made) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Lab 1: TX-Ray", "Lab 2: Filters"],
        ["Points Possible", "", "", "", "", "4", "5"],
        ["Lovelace, Ada", "41", "007", "ada@example.org", "A", "2", ""],
        ["Bob", "", "008", "", "B", "3.5", ""],
    ]
    assert made.left_out == ()


@pytest.mark.parametrize("row", [{}, {"Student": "Ada"}, {"ID": " ", "Section": "A"}])
def test_canvas_leaves_out_whom_it_could_not_find(row):
    ada = student("ada", "Ada", **row)
    made = canvas(returned(graded(ada), graded(student("bob", "Bob", ID="1"))))
    assert made.left_out == (ada,)
    assert [r[0] for r in rows(made)] == ["Student", "Points Possible", "Bob"]


def test_moodle():
    ada = student("ada", "Ada", **{"Email address": "a@example.org", "ID number": "1", "Full name": "Ada L."})
    bob = student("bob", "Bob", **{"Email address": "b@example.org", "ID number": ""})
    read = replace(OPEN, state="graded", points=2.5, by_hand=True, comment="=Well done")
    made = moodle(returned(graded(ada, [RIGHT, read]), graded(bob, [RIGHT, OPEN]), graded(ada, [WRONG], lab=OTHER)))
    assert rows(made) == [
        [
            "Email address", "Full name", "Lab 1: TX-Ray", "Lab 1: TX-Ray, feedback", "Lab 2: TX-Ray",
            "Lab 2: TX-Ray, feedback",
        ],
        ["a@example.org", "Ada L.", "4.5", "1.1: 2 of 2\n1.10: 2.5 of 3. =Well done", "0", "1.3: 0 of 2"],
        ["b@example.org", "Bob", "-", "3 points still open.\n1.1: 2 of 2\n1.10: open of 3", "-", ""],
    ]  # fmt: skip
    assert made.found_by == "Email address"
    assert made.left_out == ()


def test_moodle_never_has_a_gap_in_a_column_that_finds_students():
    rows_of = [{"ID number": "1", "Email address": "a@x.org"}, {"ID number": "2"}, {"Email address": "c@x.org"}, {}]
    students = [student(f"s{n}", f"S{n}", **row) for n, row in enumerate(rows_of)]
    made = moodle(returned(*(graded(one) for one in students)))
    assert [r[:2] for r in rows(made)] == [["ID number", "Full name"], ["1", "S0"], ["2", "S1"]]
    assert made.left_out == (students[2], students[3])


def test_nobody_can_be_found():
    made = moodle(returned(graded()))
    assert len(rows(made)) == 1
    assert (made.found_by, len(made.left_out)) == ("", 1)
    assert rows(canvas([])) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"],
        ["Points Possible"] + [""] * 4,
    ]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_and_comments(text):
    who = student("ada", text, **{"ID": "1", "Student": text, "Full name": text, "ID number": "1"})
    mark = replace(OPEN, state="graded", points=1, comment=text)
    for made in (canvas(returned(graded(who, [mark]))), moodle(returned(graded(who, [mark])))):
        for found in rows(made):
            assert not [cell for cell in found if cell != "-" and cell[:1] in tuple("=+-@\t\r＝")]
