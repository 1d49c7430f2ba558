"""A folder in, marks out: each notebook once, and only what is new."""

import csv
import json
import shutil
from dataclasses import replace

import pytest
from course.grading.sealed_runs import needs_sandbox
from course.grading.small_course import POINTS, RIGHT, STEM, cells_with, write_notebook
from filelock import FileLock

from labkit.course import CourseError
from labkit.course.grading import batch
from labkit.course.grading.batch import Options, grade_folder
from labkit.course.grading.grading import ungraded
from labkit.course.grading.marking import not_answered
from labkit.course.grading.matching import match
from labkit.course.grading.records import ReturnedCell
from labkit.course.grading.sealed import Limits


@pytest.fixture
def returned(tmp_path, lab):
    """A folder of three notebooks, two of them the same."""
    folder = tmp_path / "returned"
    write_notebook(folder / "ada.ipynb", cells_with(lab, RIGHT))
    write_notebook(folder / "ben.ipynb", cells_with(lab, {"1.14": RIGHT["1.14"]}))
    shutil.copy(folder / "ben.ipynb", folder / "cleo.ipynb")
    return folder


class Grading:
    """A batch whose notebooks are not run: what is answered at all is right."""

    def __init__(self, root, folder, out):
        self.root, self.folder, self.out = root, folder, out
        self.graded, self.said, self.stop_after = [], [], None

    def at_once(self, jobs, workers):
        for number, job in enumerate(jobs):
            if number == self.stop_after:
                raise KeyboardInterrupt
            self.graded.append(job.submission.path)
            marks = []
            for exercise in job.lab.exercises:
                answered = exercise.id in match(job.submission.cells, job.lab).answers
                made = not_answered(exercise)
                marks.append(replace(made, state="graded", points=exercise.points) if answered else made)
            record = replace(ungraded(job.submission, "", job.lab), marks=tuple(marks), seed=job.seed)
            yield record

    def __call__(self, **options):
        """Grade; the exit status."""
        self.graded, self.said = [], []
        return grade_folder(self.root, self.folder, self.out, Options(**options), self.said.append)


@pytest.fixture
def grading(root, returned, tmp_path, monkeypatch):
    made = Grading(root, returned, tmp_path / "marks")
    monkeypatch.setattr(batch, "on_this_machine", made.at_once)
    monkeypatch.setattr(batch, "available", lambda: "")
    return made


def rows(out):
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def students(out):
    return len({row["student"] for row in rows(out)})


def records(out):
    return sorted((out / "records").glob("*.json"))


def test_the_same_bytes_are_graded_once_and_count_for_both(grading):
    assert grading() == 0
    assert grading.graded == ["ada.ipynb", "ben.ipynb"]
    assert len(records(grading.out)) == 2
    assert students(grading.out) == 3
    assert grading.said[0] == "3 notebooks, 2 to grade."
    assert (grading.out / "report.html").exists()


def test_a_second_run_grades_what_changed(grading, lab):
    grading()
    assert (grading(), grading.graded) == (0, [])
    write_notebook(grading.folder / "ben.ipynb", cells_with(lab, {"1.1": RIGHT["1.1"]}))
    assert (grading(), grading.graded) == (0, ["ben.ipynb"])
    assert students(grading.out) == 3
    (grading.folder / "ben.ipynb").rename(grading.folder / "dora.ipynb")
    assert (grading(), grading.graded) == (0, [])


@pytest.mark.parametrize("options", [{"again": True}, {"limits": Limits(cell_seconds=5)}, {"unsafe": True}])
def test_what_asks_for_all_of_it_again(grading, options):
    grading()
    grading(**options)
    assert grading.graded == ["ada.ipynb", "ben.ipynb"]


def test_how_many_at_the_same_time_asks_for_nothing_again(grading):
    grading()
    assert (grading(jobs=1), grading.graded) == (0, [])


def test_an_interrupted_run_goes_on_where_it_was(grading):
    grading.stop_after = 1
    with pytest.raises(KeyboardInterrupt):
        grading()
    assert grading.graded == ["ada.ipynb"]
    grading.stop_after = None
    assert (grading(), grading.graded) == (0, ["ben.ipynb"])
    assert students(grading.out) == 3


def test_hidden_inputs_differ_from_notebook_to_notebook_and_run_to_run(grading):
    seeds = []
    for _ in range(2):
        grading(again=True)
        seeds += [json.loads(path.read_text(encoding="utf-8"))["seed"] for path in records(grading.out)]
    assert len(set(seeds)) == 4


def test_what_cannot_be_graded_is_told_by_the_exit_status_and_tried_again(grading):
    (grading.folder / "eve.ipynb").write_text("no notebook", encoding="utf-8")
    write_notebook(grading.folder / "fay.ipynb", [ReturnedCell("code", "print('of another course')")])
    write_notebook(grading.folder / "gil.ipynb", [ReturnedCell("code", "x = 1\n" * 10_000)] * 20)
    assert grading() == 1
    assert grading.graded == ["ada.ipynb", "ben.ipynb"]
    states = " ".join(" ".join(row.values()) for row in rows(grading.out))
    assert "could not be graded" in states
    assert len(records(grading.out)) == 2
    everything = " ".join(path.read_text(encoding="utf-8") for path in grading.out.rglob("*.html"))
    for word in ("of none of these labs", "wanted what a person writes"):
        assert word in everything


def test_a_lab_of_several(grading, tmp_path, root):
    with pytest.raises(CourseError, match="no lab begins with 'lab2'"):
        grading(labs=["lab2"])
    assert (grading(labs=["lab1"]), students(grading.out)) == (0, 3)


# Refused before anything is graded


def test_no_folder(grading, tmp_path):
    grading.folder = tmp_path / "nowhere"
    with pytest.raises(CourseError, match="nowhere, which is no folder; wanted the folder of the returned"):
        grading()
    assert not grading.out.exists()


@pytest.mark.parametrize("place", [".", "marks"])
def test_marks_among_what_was_returned(grading, place):
    grading.out = grading.folder / place
    before = sorted(grading.folder.iterdir())
    with pytest.raises(CourseError, match="which lies in .*returned; wanted a folder beside it, such as .*-marks"):
        grading()
    assert sorted(grading.folder.iterdir()) == before


def test_no_sandbox(grading, monkeypatch):
    monkeypatch.setattr(batch, "available", lambda: "bwrap is not installed.")
    with pytest.raises(CourseError, match="bwrap is not installed. Without a sandbox.*ask for it with --unsafe"):
        grading()
    assert not grading.out.exists()
    assert (grading(unsafe=True), grading.graded) == (0, ["ada.ipynb", "ben.ipynb"])


def test_another_run_at_work(grading):
    grading.out.mkdir()
    with (
        FileLock(grading.out / ".lock"),
        pytest.raises(CourseError, match="another labkit grade is at work in .*or name another --out"),
    ):
        grading()
    assert grading.graded == []
    assert grading() == 0


def test_a_marking_sheet_that_cannot_be_read(grading):
    grading()
    sheet = grading.out / "marking.csv"
    sheet.write_text("these,are,no,marks\n1,2,3,4\n", encoding="utf-8")
    with pytest.raises(CourseError, match="marking.csv"):
        grading(again=True)
    assert grading.graded == []
    assert sheet.read_text(encoding="utf-8").startswith("these,are")


def test_a_broken_record(grading):
    grading()
    records(grading.out)[0].write_text("{", encoding="utf-8")
    with pytest.raises(CourseError, match="delete the file, and the notebook is graded again"):
        grading()
    assert grading.graded == []


# With all its parts


@needs_sandbox
def test_a_folder_from_end_to_end_and_quietly(root, returned, tmp_path, capfd):
    out, said = tmp_path / "marks", []
    assert grade_folder(root, returned, out, Options(jobs=2), said.append) == 0
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "")  # nobody watches: no bar
    assert said[0] == "3 notebooks, 2 to grade."
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in records(out)]
    marks = {record["path"]: {mark["exercise"]: mark["points"] for mark in record["marks"]} for record in kept}
    assert marks == {
        "ada.ipynb": {**POINTS, "1.6": None},
        "ben.ipynb": {"1.1": 0, "1.6": 0, "1.14": 2, "1.15": 0},
    }
    assert {record["lab"] for record in kept} == {STEM}
    assert all(record["sealed"] for record in kept)
    assert grade_folder(root, returned, out, Options(jobs=2), said.append) == 0
    assert "3 notebooks, 0 to grade." in said
