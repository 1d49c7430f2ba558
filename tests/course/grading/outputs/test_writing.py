"""All files of a run: the same again changes nothing, and what goes wrong leaves what stood there."""

import importlib
import zipfile
from importlib.resources import files

import pytest
from course.grading.outputs.made_up import enter, graded, row, rows, save, student, tree

from labkit.course import CourseError
from labkit.course.grading.outputs import writing

BOB = student("bob", "Bob", **{"ID": "2", "ID number": "2"})
RECORDS = [graded(), graded(BOB)]


@pytest.mark.parametrize("form", ["plain", "canvas", "moodle"])
def test_what_is_written(tmp_path, form):
    summary = writing.write(tmp_path / "new" / "out", RECORDS, form=form)
    wanted = {
        "marking.csv", "grades.csv", "grades.json", "report.html", "marking/lab1.html", "feedback/ada/lab1.html",
        "feedback/bob/lab1.html",
    }  # fmt: skip
    wanted |= set() if form == "plain" else {f"grades-{form}.csv"}
    assert set(tree(tmp_path / "new" / "out")) == set(summary.files) == wanted
    assert summary.left_out == (() if form == "plain" else ("Ada",))
    assert summary.not_zipped == (("Ada", "Bob") if form == "moodle" else ())
    assert (summary.students, summary.notebooks, summary.open) == (2, 2, 4)
    assert summary.lines()[0].startswith("2 notebooks of 2 students: 2 partly graded; 0 earlier attempts")


def test_what_came_from_moodle_goes_back_in_a_zip_for_each_lab(tmp_path):
    came = "moodle.zip/Ada Abel_1234_assignsubmission_file/lab1.ipynb"
    records = [graded(path=came), graded(lab="lab2_more", path=came), graded(BOB)]
    summary = writing.write(tmp_path, records, form="moodle")
    assert summary.not_zipped == ("Bob",)
    assert "not in the zip, as their notebooks did not come from Moodle: Bob" in summary.lines()
    for lab in ("lab1", "lab2"):
        with zipfile.ZipFile(tmp_path / f"feedback-moodle-{lab}.zip") as archive:
            (name,) = archive.namelist()
            assert name == f"Ada Abel_1234_assignsubmission_file/{lab}.html"
            assert archive.read(name) == (tmp_path / "feedback" / "ada" / f"{lab}.html").read_bytes()
    before = tree(tmp_path)
    writing.write(tmp_path, records, form="moodle")
    assert tree(tmp_path) == before
    assert writing.write(tmp_path, records).stale == ("feedback-moodle-lab1.zip", "feedback-moodle-lab2.zip")


def test_nothing_at_all(tmp_path):
    summary = writing.write(tmp_path, [])
    assert summary.notebooks == 0
    assert set(tree(tmp_path)) == {"marking.csv", "grades.csv", "grades.json", "report.html"}
    assert summary.lines() == [
        "0 notebooks of 0 students: none; 0 earlier attempts; 0 notebooks to look at (report.html)"
    ]


def test_the_same_again_changes_nothing(tmp_path):
    writing.write(tmp_path, RECORDS)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    writing.write(tmp_path, list(reversed(RECORDS)))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == times


def test_sheets_in_which_somebody_wrote_are_kept(tmp_path):
    writing.write(tmp_path, RECORDS)
    enter(tmp_path, {("ada", "1.10"): {"points": "2"}})
    (tmp_path / "grades.csv").write_text("my own notes")
    entered = (tmp_path / "marking.csv").read_bytes()
    writing.write(tmp_path, RECORDS)
    kept = {path.name.split("-")[0]: path.read_bytes() for path in (tmp_path / "kept").iterdir()}
    assert kept == {"marking": entered, "grades": b"my own notes"}


@pytest.mark.parametrize("cells", [{"points": "abc"}, {"points": "-1"}, {"points": "4"}, {"exercise": "Exercise 7.7"}])
def test_a_malformed_entry_writes_nothing(tmp_path, cells):
    writing.write(tmp_path, RECORDS)
    enter(tmp_path, {("bob", "1.10"): cells})
    before = tree(tmp_path)
    with pytest.raises(CourseError, match=r"marking\.csv:3: got .*wanted"):
        writing.write(tmp_path, [graded(marks=())])
    assert tree(tmp_path) == before


@pytest.mark.parametrize("table", [[{"student": "ada", "exercise": "Exercise 1.10"}], [{"points": "1"}]])
def test_a_sheet_without_its_columns_writes_nothing(tmp_path, table):
    save(tmp_path, table)
    before = tree(tmp_path)
    with pytest.raises(CourseError, match="no column"):
        writing.write(tmp_path, RECORDS)
    assert tree(tmp_path) == before


def test_what_somebody_saves_meanwhile_is_merged(tmp_path, monkeypatch):
    writing.write(tmp_path, RECORDS)
    made, times = writing.sheet_bytes, []

    def while_somebody_saves(*args):
        times.append(1)
        if len(times) == 1:
            enter(tmp_path, {("ada", "1.10"): {"points": "2", "comment": "just now"}})
        return made(*args)

    monkeypatch.setattr(writing, "sheet_bytes", while_somebody_saves)
    summary = writing.write(tmp_path, [*RECORDS, graded(student("cy", "Cy"))])
    assert len(times) == 2
    assert summary.by_hand == 1
    assert row(tmp_path)["comment"] == "just now"
    assert {r["student"] for r in rows(tmp_path)} == {"ada", "bob", "cy"}
    assert "just now" in (tmp_path / "feedback/ada/lab1.html").read_text()


def test_a_sheet_that_is_saved_again_and_again_is_left(tmp_path, monkeypatch):
    writing.write(tmp_path, RECORDS)
    made, times = writing.sheet_bytes, []

    def while_somebody_saves(*args):
        times.append(1)
        enter(tmp_path, {("ada", "1.10"): {"comment": f"{len(times)}"}})
        return made(*args)

    monkeypatch.setattr(writing, "sheet_bytes", while_somebody_saves)
    report = (tmp_path / "report.html").read_bytes()
    with pytest.raises(CourseError, match="saves it again and again"):
        writing.write(tmp_path, [graded()])
    assert row(tmp_path)["comment"] == str(len(times))
    assert (tmp_path / "report.html").read_bytes() == report


@pytest.mark.parametrize("stopped_at", range(8))
def test_an_interrupted_run_leaves_each_file_old_or_new(tmp_path, monkeypatch, stopped_at):
    writing.write(tmp_path, RECORDS)
    enter(tmp_path, {("ada", "1.10"): {"points": "2"}})
    before = tree(tmp_path)
    path_class = type(tmp_path)
    replaced, count = path_class.replace, []

    def interrupted(self, target):
        if len(count) == stopped_at:
            raise KeyboardInterrupt
        count.append(target)
        return replaced(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(path_class, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            writing.write(tmp_path, [*RECORDS, graded(student("cy", "Cy"))])
    between = tree(tmp_path)
    writing.write(tmp_path, [*RECORDS, graded(student("cy", "Cy"))])
    after = tree(tmp_path)
    assert not [name for name in between if name.endswith(".part")]
    assert {name for name in before if between[name] not in (before[name], after[name])} == set()
    assert row(tmp_path)["points"] == "2"


def test_a_sheet_that_was_deleted_is_said_to_be(tmp_path):
    writing.write(tmp_path, RECORDS)
    enter(tmp_path, {("ada", "1.10"): {"points": "2"}})
    assert not writing.write(tmp_path, RECORDS).sheet_gone
    (tmp_path / "marking.csv").unlink()
    summary = writing.write(tmp_path, RECORDS)
    assert summary.sheet_gone
    assert [line for line in summary.lines() if "begins anew; what it held is in kept/" in line]
    assert not writing.write(tmp_path, RECORDS).sheet_gone


def test_pages_of_an_earlier_run_are_named_and_left(tmp_path):
    writing.write(tmp_path, RECORDS)
    summary = writing.write(tmp_path, [graded()])
    assert summary.stale == ("feedback/bob/lab1.html",)
    assert (tmp_path / "feedback/bob/lab1.html").exists()
    assert "feedback/bob/lab1.html" in (tmp_path / "report.html").read_text()


def test_templates_travel_with_the_package():
    importlib.import_module("labkit.course.grading.outputs.pages")
    names = {path.name for path in (files("labkit.course.grading.outputs") / "templates").iterdir()}
    assert names == {"base.html", "parts.html", "style.css", "feedback.html", "marking.html", "report.html"}
