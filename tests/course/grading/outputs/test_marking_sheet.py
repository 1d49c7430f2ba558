"""No mark that a person entered is ever lost, and each counts."""

from dataclasses import replace

import pytest
from course.grading.outputs.made_up import (
    ALL,
    BROKEN,
    HOSTILE,
    OPEN,
    RIGHT,
    WRONG,
    enter,
    graded,
    row,
    rows,
    save,
    student,
    tree,
)  # fmt: skip

from labkit.course.grading.outputs import write
from labkit.course.grading.outputs.attempts import by_student_and_lab
from labkit.course.grading.outputs.marking_sheet import merge
from labkit.course.grading.outputs.sheet_reading import COLUMNS, read_sheet

BOB = student("bob", "Bob")


def effective(out, records):
    """(student, exercise) -> mark, with what stands in the sheet."""
    maxima = {mark.exercise: mark.maximum for mark in ALL}
    sheet = read_sheet((out / "marking.csv").read_bytes(), out / "marking.csv", maxima.get)
    merged = merge(by_student_and_lab(records), sheet)
    return {(one.student.key, mark.exercise): mark for one in merged.returned for mark in one.graded.marks}


def test_the_sheet_holds_what_waits_for_a_person(tmp_path):
    write(tmp_path, [graded(), graded(BOB)])
    assert list(rows(tmp_path)[0]) == list(COLUMNS)
    assert [(r["exercise"], r["student"]) for r in rows(tmp_path)] == [
        ("Exercise 1.10", "ada"), ("Exercise 1.10", "bob"), ("Exercise 1.12", "ada"), ("Exercise 1.12", "bob"),
    ]  # fmt: skip
    first, _, third, _ = rows(tmp_path)
    assert (first["maximum"], first["state"], first["points"]) == ("3", "needs manual marking", "")
    assert (third["state"], third["why"]) == ("could not be graded", "it ran longer than 60 s.")
    assert first["answer"] == OPEN.answer


def test_an_entry_becomes_the_mark(tmp_path):
    records = [graded(), graded(BOB)]
    write(tmp_path, records)
    enter(
        tmp_path, {("ada", "1.10"): {"points": "1.5", "comment": "Why?"}, ("bob", "1.12"): {"comment": "I look later."}}
    )
    summary = write(tmp_path, records)
    marks = effective(tmp_path, records)
    assert marks["ada", "1.10"] == replace(
        OPEN, state="graded", points=1.5, by_hand=True, comment="Why?", message="", mistake=""
    )
    assert marks["bob", "1.12"] == replace(BROKEN, comment="I look later.")
    assert marks["bob", "1.10"] == OPEN
    assert marks["ada", "1.1"] == RIGHT
    assert (summary.by_hand, summary.open) == (1, 3)
    assert row(tmp_path)["state"] == "marked"
    assert [row(tmp_path)["points"], row(tmp_path)["comment"]] == ["1.5", "Why?"]


@pytest.mark.parametrize("points", ["0", "2", "1.25", "0.333333", "3"])
def test_points_come_back_as_they_were_entered(tmp_path, points):
    write(tmp_path, [graded()])
    enter(tmp_path, {("ada", "1.10"): {"points": points}})
    write(tmp_path, [graded()])
    assert row(tmp_path)["points"] == points


@pytest.mark.parametrize(
    "saving",
    [
        {"delimiter": ";"},
        {"delimiter": ";", "encoding": "cp1252"},
        {"delimiter": "\t", "encoding": "utf-16"},
        {"encoding": "utf-8"},
        {"encoding": "cp1252", "ends": "\n"},
    ],
)
def test_round_trips_through_spreadsheets(tmp_path, saving):
    records = [graded(student("0012", "Zoë"), marks=[replace(OPEN, answer="Größe 漢\n=1+1")])]
    write(tmp_path, records)
    before = row(tmp_path, "0012")
    decimal = "1,5" if saving.get("delimiter") == ";" else "1.5"
    enter(tmp_path, {("0012", "1.10"): {"points": decimal, "comment": "=schön\nund 'gut'"}}, **saving)
    first = write(tmp_path, records)
    assert first.by_hand == 1
    assert first.changed == ()
    assert effective(tmp_path, records)["0012", "1.10"].comment == "=schön\nund 'gut'"
    if saving.get("delimiter") != "\t":
        after = row(tmp_path, "0012")
        changed = {"points": decimal, "comment": "'=schön\nund 'gut'", "state": "marked"}
        assert after == {**before, **changed}
    once = tree(tmp_path)
    write(tmp_path, records)
    assert tree(tmp_path) == once


@pytest.mark.parametrize("who", HOSTILE)
@pytest.mark.parametrize("what", ["name", "answer", "comment"])
def test_hostile_cells(tmp_path, who, what):
    text = HOSTILE[who]
    name = text if what == "name" else "Ada"
    answer = text if what == "answer" else "words"
    records = [graded(student("ada", name), marks=[replace(OPEN, answer=answer)])]
    write(tmp_path, records)
    comment = text.strip().replace("\ud800", "") if what == "comment" else "fine"
    enter(tmp_path, {("ada", "1.10"): {"points": "2", "comment": comment}})
    write(tmp_path, records)
    assert effective(tmp_path, records)["ada", "1.10"].points == 2
    for found in rows(tmp_path):
        assert not [cell for cell in found.values() if cell[:1] in tuple("=+-@\t\r＝")]
    again = tree(tmp_path)
    assert write(tmp_path, records).changed == ()
    assert tree(tmp_path) == again


@pytest.mark.parametrize("key", ["0012", "1-2", "1e5", "MAR1", "TRUE", "-x", "_x", "s1", "ada-b", "9" * 18])
def test_keys_that_a_spreadsheet_would_change(tmp_path, key):
    write(tmp_path, [graded(student(key, "Ada"))])
    cell = rows(tmp_path)[0]["student"]
    assert cell == (key if key in ("_x", "s1") else f"'{key}")
    enter(tmp_path, {(key, "1.10"): {"points": "3"}})
    assert write(tmp_path, [graded(student(key, "Ada"))]).by_hand == 1


def test_a_row_whose_notebook_has_gone_stays_at_the_end_and_counts_when_it_is_back(tmp_path):
    both = [graded(), graded(BOB)]
    write(tmp_path, both)
    enter(tmp_path, {("ada", "1.10"): {"points": "2", "comment": "+ numbers"}})
    summary = write(tmp_path, [graded(BOB)])
    assert summary.gone == 1
    assert [r["student"] for r in rows(tmp_path)] == ["bob", "bob", "ada"]
    last = rows(tmp_path)[-1]
    assert (last["state"], last["points"], last["comment"]) == ("no notebook any more", "2", "'+ numbers")
    assert "Ada" in (tmp_path / "report.html").read_text()
    once = tree(tmp_path)
    write(tmp_path, [graded(BOB)])
    assert tree(tmp_path) == once
    assert write(tmp_path, both).by_hand == 1
    assert effective(tmp_path, both)["ada", "1.10"].comment == "+ numbers"


def test_a_row_without_entries_goes_with_its_notebook(tmp_path):
    write(tmp_path, [graded(), graded(BOB)])
    write(tmp_path, [graded(BOB)])
    assert {r["student"] for r in rows(tmp_path)} == {"bob"}


@pytest.mark.parametrize(
    ("exercise", "points", "message"), [("1.3", "2", ""), ("1.3", "1", WRONG.message), ("1.1", "0", RIGHT.message)]
)
def test_a_row_that_a_person_adds_overrides_the_check(tmp_path, exercise, points, message):
    records = [graded()]
    write(tmp_path, records)
    added = dict.fromkeys(COLUMNS, "") | {"student": "ada", "exercise": f"Exercise {exercise}", "points": points}
    save(tmp_path, [*rows(tmp_path), added])
    write(tmp_path, records)
    mark = effective(tmp_path, records)["ada", exercise]
    assert (mark.points, mark.by_hand, mark.message) == (float(points), True, message)
    assert row(tmp_path, exercise=exercise)["why"].startswith("entered by hand; the check gave ")
    assert row(tmp_path, exercise=exercise)["name"] == "Ada"
    assert write(tmp_path, records).changed == ()


def test_a_mark_stands_when_the_answer_changes_and_the_report_says_so(tmp_path):
    write(tmp_path, [graded()])
    enter(tmp_path, {("ada", "1.10"): {"points": "3"}})
    write(tmp_path, [graded()])
    others = [graded(marks=[replace(OPEN, answer="Quite another answer.")], modified=2e9)]
    for _ in range(2):  # it is said until somebody has read it
        summary = write(tmp_path, others)
        assert summary.changed == (("Ada", "1.10"),)
        assert effective(tmp_path, others)["ada", "1.10"].points == 3
        assert "changed since it was marked" in row(tmp_path)["why"]
        assert "exercise 1.10 changed since it was marked by hand" in (tmp_path / "report.html").read_text()
    enter(tmp_path, {("ada", "1.10"): {"answer_digest": ""}})
    assert write(tmp_path, others).changed == ()
    assert effective(tmp_path, others)["ada", "1.10"].points == 3


def test_an_answer_that_changes_before_it_is_marked_is_no_news(tmp_path):
    write(tmp_path, [graded()])
    others = [graded(marks=[replace(OPEN, answer="Quite another answer.")])]
    write(tmp_path, others)
    enter(tmp_path, {("ada", "1.10"): {"points": "3"}})
    assert write(tmp_path, others).changed == ()


def test_columns_and_order_of_a_person_do_no_harm(tmp_path):
    write(tmp_path, [graded(), graded(BOB)])
    table = [{"second reader": "=Bo", **dict(reversed(r.items()))} for r in reversed(rows(tmp_path))]
    save(tmp_path, table)
    write(tmp_path, [graded(), graded(BOB)])
    assert list(rows(tmp_path)[0]) == [*COLUMNS, "second reader"]
    assert {r["second reader"] for r in rows(tmp_path)} == {"'=Bo"}
    assert [r["student"] for r in rows(tmp_path)] == ["ada", "bob", "ada", "bob"]


def test_a_notebook_that_a_person_marked_wholly_is_graded(tmp_path):
    record = graded(marks=[BROKEN], problem="It ended its process.")
    write(tmp_path, [record])
    enter(tmp_path, {("ada", "1.12"): {"points": "4"}})
    assert write(tmp_path, [record]).states == {"graded": 1}


def test_a_problem_is_settled_by_a_person_alone(tmp_path):
    assert write(tmp_path, [graded(marks=[RIGHT], problem="It ended its process.")]).states == {
        "could not be graded": 1
    }


def test_a_long_answer_is_cut_in_the_sheet_alone(tmp_path):
    write(tmp_path, [graded(marks=[replace(OPEN, answer="x" * 40_000)])])
    assert row(tmp_path)["answer"] == "x" * 2000 + " … (40,000 characters in all)"
