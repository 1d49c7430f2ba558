"""Records are found again by what they depend on, and by nothing else."""

import re
from dataclasses import replace

import pytest
from course.grading.small_course import RIGHT, cells_with, submission

from labkit.course import CourseError
from labkit.course.grading import ledger as module
from labkit.course.grading.given import GivenCell
from labkit.course.grading.grading import ungraded
from labkit.course.grading.ledger import Ledger, code_fingerprint
from labkit.course.grading.marking import not_answered
from labkit.course.grading.records import Student
from labkit.course.grading.sealed import Limits


def a_ledger(folder, lab, limits=None, unsafe=False):
    return Ledger(folder, {lab.stem: lab}, limits or Limits(), unsafe)


@pytest.fixture
def returned(lab):
    return submission(cells_with(lab, RIGHT), digest="ab" * 32)


@pytest.fixture
def record(lab, returned):
    marks = tuple(not_answered(exercise) for exercise in lab.exercises)
    return replace(ungraded(returned, "", lab), marks=marks, look=("Look.",), repairs=("Mended.",), seed=2**62)


def test_a_record_comes_back_as_it_was_kept(tmp_path, lab, returned, record):
    kept = a_ledger(tmp_path / "records", lab)
    assert kept.find(returned, lab.stem) is None
    kept.keep(record)
    assert a_ledger(tmp_path / "records", lab).find(returned, lab.stem) == record
    assert len(list((tmp_path / "records").iterdir())) == 1


def test_the_same_bytes_of_another_student_are_in_that_students_name(tmp_path, lab, returned, record):
    a_ledger(tmp_path, lab).keep(record)
    ben = replace(returned, student=Student("ben", "Ben"), path="ben.ipynb", modified=9.0)
    found = a_ledger(tmp_path, lab).find(ben, lab.stem)
    assert (found.student.key, found.path, found.modified) == ("ben", "ben.ipynb", 9.0)
    assert found.marks == record.marks


def test_whatever_a_mark_depends_on_asks_for_another_record(tmp_path, lab, returned, record, monkeypatch):
    a_ledger(tmp_path, lab).keep(record)
    other_lab = replace(lab, cells=(*lab.cells, GivenCell("x = 1")))
    assert a_ledger(tmp_path, other_lab).find(returned, lab.stem) is None
    assert a_ledger(tmp_path, replace(lab, texts=("other",))).find(returned, lab.stem) is None
    assert a_ledger(tmp_path, lab, Limits(cell_seconds=7)).find(returned, lab.stem) is None
    assert a_ledger(tmp_path, lab, unsafe=True).find(returned, lab.stem) is None
    assert a_ledger(tmp_path, lab).find(replace(returned, digest="cd" * 32), lab.stem) is None
    monkeypatch.setattr(module, "code_fingerprint", lambda: "other")
    assert a_ledger(tmp_path, lab).find(returned, lab.stem) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "5", '{"student": {"key": 1}}', '{"student": 5, "marks": []}'])
def test_a_broken_record_is_said_to_be_one(tmp_path, lab, returned, record, text):
    a_ledger(tmp_path, lab).keep(record)
    (path,) = tmp_path.iterdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=re.escape(str(path)) + ".*delete the file"):
        a_ledger(tmp_path, lab).find(returned, lab.stem)


def test_bytes_that_are_no_text_are_a_broken_record(tmp_path, lab, returned, record):
    a_ledger(tmp_path, lab).keep(record)
    (path,) = tmp_path.iterdir()
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(CourseError, match="delete the file"):
        a_ledger(tmp_path, lab).find(returned, lab.stem)


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("exercises/lab1_txray_text_cnn/overlap.py", True),
        ("methods/txray.py", True),
        ("notebook.py", True),
        ("course/grading/matching.py", True),
        ("course/grading/sealed/running.py", True),
        ("course/grading/outputs/report.py", False),
        ("course/grading/intake/names.py", False),
        ("course/grading/batch.py", False),
        ("course/build.py", False),
        ("figures/txray.py", False),
        ("cli.py", False),
    ],
)
def test_the_code_that_a_mark_depends_on(tmp_path, monkeypatch, path, counts):
    def fingerprint(text):
        (tmp_path / path).write_text(text, encoding="utf-8")
        return code_fingerprint()

    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    monkeypatch.setattr(module, "_PACKAGE", tmp_path)
    monkeypatch.setattr(module, "_GRADING", tmp_path / "course" / "grading")
    assert (fingerprint("x = 1") != fingerprint("x = 2")) == counts
