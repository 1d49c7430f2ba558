"""The course's own notebooks through ``labkit grade``: solutions earn all there is, untouched exercises nothing."""

import shutil
from pathlib import Path

import pytest
from course.grading.sealed_runs import needs_sandbox
from grading.bank import OPEN, WAITS, marks_of
from grading.conftest import records_of

from labkit.course.grading.batch import Options, grade_folder
from labkit.exercises import load, stems

pytestmark = [needs_sandbox, pytest.mark.slow]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    """All ten notebooks, returned by two students and graded at once: path -> record."""
    folder, out = tmp_path_factory.mktemp("returned"), tmp_path_factory.mktemp("out")
    for student, place in (("Ada Abel", "solutions"), ("Boris Birch", "notebooks")):
        (folder / student).mkdir()
        for stem in stems():
            shutil.copy(ROOT / place / f"{stem}.ipynb", folder / student)
    assert grade_folder(ROOT, folder, out, Options(jobs=2), print) == 0
    return records_of(out)


@pytest.mark.parametrize("stem", stems())
def test_a_solution_earns_all_points_and_its_words_wait_for_a_reader(labs, stem):
    record = labs[f"Ada Abel/{stem}.ipynb"]
    exercises = load(stem).exercises.values()
    assert record["automatic"]["lab"] == stem
    assert marks_of(record) == {e.id: WAITS if e.for_a_reader else e.points for e in exercises}
    assert {mark["mistake"] for mark in record["automatic"]["marks"]} == {""}
    assert record["automatic"]["look"] == []


@pytest.mark.parametrize("stem", stems())
def test_an_untouched_notebook_is_not_answered_and_takes_no_run(labs, stem):
    record = labs[f"Boris Birch/{stem}.ipynb"]
    assert record["automatic"]["lab"] == stem
    assert marks_of(record) == dict.fromkeys(load(stem).exercises, OPEN)
    assert record["automatic"]["seconds"] == 0
    assert record["automatic"]["repairs"] == record["automatic"]["look"] == []
