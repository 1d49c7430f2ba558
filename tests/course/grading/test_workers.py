"""Whatever becomes of one notebook's process, all others are graded, each once."""

import os
import signal
import subprocess
import sys
import time
from multiprocessing import active_children
from pathlib import Path

import pytest
from course.grading.crashing import Crashing, Failing, as_a
from course.grading.sealed_runs import needs_sandbox
from course.grading.small_course import POINTS, RIGHT, cells_with, submission

from labkit.course.grading.grading import Job
from labkit.course.grading.sealed import Limits
from labkit.course.grading.workers import on_this_machine


def jobs_of(*labs, answers=()):
    """Untouched notebooks, which need no run."""
    return [
        Job(submission(cells_with(lab, dict(answers)), path=f"{n}.ipynb"), lab, Limits(), n)
        for n, lab in enumerate(labs)
    ]


def by_path(records):
    found = {}
    for record in records:
        assert record.path not in found
        found[record.path] = record
    return found


def test_a_crash_costs_its_own_notebook_alone(lab):
    records = by_path(on_this_machine(jobs_of(lab, as_a(Crashing, lab), lab, lab), 2))
    assert {path: record.state for path, record in records.items()} == {
        f"{n}.ipynb": "could not be graded" if n == 1 else "not answered" for n in range(4)
    }
    assert records["1.ipynb"].problem == "the process that judged its answers crashed."
    assert {mark.points for mark in records["1.ipynb"].marks} == {None}
    assert active_children() == []


def test_a_mistake_of_ours_costs_one_notebook_and_is_told(lab):
    records = by_path(on_this_machine(jobs_of(lab, as_a(Failing, lab), lab), 2))
    assert records["1.ipynb"].problem.startswith("labkit failed with ZeroDivisionError: of ours")
    assert [records[path].state for path in ("0.ipynb", "2.ipynb")] == ["not answered"] * 2


def test_no_jobs_no_processes():
    assert list(on_this_machine([], 4)) == []


@needs_sandbox
def test_notebooks_are_graded_in_processes_of_their_own(lab):
    records = by_path(on_this_machine(jobs_of(lab, lab, answers=RIGHT), 2))
    for record in records.values():
        assert {mark.exercise: mark.points for mark in record.marks} == {**POINTS, "1.6": None}


STOPPED = """
import sys, time
from pathlib import Path
from course.grading.small_course import RIGHT, cells_with, course_root, submission, STEM
from labkit.course.grading.given import given
from labkit.course.grading.grading import Job
from labkit.course.grading.sealed import Limits
from labkit.course.grading.workers import on_this_machine
from labkit.files import write_atomically

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    lab = given(course_root(folder))[STEM]
    long = cells_with(lab, {"1.1": "# Exercise 1.1\\nimport time\\ntime.sleep(120)"})
    jobs = [Job(submission(cells_with(lab, {})), lab, Limits(), 1), *[Job(submission(long), lab, Limits(), 1)] * 2]
    for record in on_this_machine(jobs, 2):
        (folder / "begun").touch()
"""


@needs_sandbox
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_of_a_grading_that_is_stopped(tmp_path, how):
    script = tmp_path / "stopped.py"
    script.write_text(STOPPED, encoding="utf-8")
    paths = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
    process = subprocess.Popen(
        [sys.executable, script, tmp_path],
        env={**os.environ, "PYTHONPATH": paths},
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    begun = time.monotonic()
    while not (tmp_path / "begun").exists() and time.monotonic() - begun < 60:
        time.sleep(0.1)
    time.sleep(1)
    assert len(of_session(process.pid)) > 1
    process.send_signal(how)
    process.wait(20)
    left = time.monotonic() + 20
    while of_session(process.pid) and time.monotonic() < left:
        time.sleep(0.1)
    assert of_session(process.pid) == []


def of_session(session):
    """The living processes of a session."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, in_session = path.read_text(errors="replace").rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(in_session) == session and state != "Z":
            found.append(path.parent.name)
    return found
