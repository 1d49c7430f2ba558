"""A course graded on several machines, here all on loopback: each notebook once, whatever becomes of a worker."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from course.grading.sealed_runs import needs_sandbox
from course.grading.small_course import POINTS, RIGHT, cells_with, submission

from labkit.course import CourseError
from labkit.course.grading import cluster
from labkit.course.grading.cluster import on_a_cluster
from labkit.course.grading.grading import Job
from labkit.course.grading.sealed import Limits

distributed = pytest.importorskip("distributed", reason="Dask is not installed")
pytestmark = needs_sandbox

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s",
}


@contextmanager
def running(*words):
    """A process of Dask's, until it is no more needed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dask", *words], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def a_scheduler(folder):
    """A scheduler and its address."""
    file = folder / "scheduler.json"
    with running(
        "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    ) as process:
        client = until(lambda: file.exists() and distributed.Client(scheduler_file=str(file), set_as_default=False))
        with client:
            yield process, client.scheduler.address, client


def a_worker(address, name):
    return running(
        "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name, "--memory-limit", "0"
    )


def until(there, seconds=90):
    end = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def jobs(lab, number):
    """Notebooks with one right answer more from one to the next."""
    names = list(RIGHT)
    answers = [{name: RIGHT[name] for name in names[: 1 + n % len(names)]} for n in range(number)]
    return [
        Job(submission(cells_with(lab, some), path=f"{n}.ipynb"), lab, Limits(), n) for n, some in enumerate(answers)
    ], [{name: POINTS[name] if name in some else 0 for name in names} for some in answers]


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing_and_doubles_nothing(lab, tmp_path, monkeypatch):
    sent, wanted = jobs(lab, 6)
    with a_scheduler(tmp_path) as (scheduler, address, client):
        with pytest.raises(CourseError, match=f"has no workers; start some with 'dask worker {address}'"):
            list(on_a_cluster(sent, address))
        with a_worker(address, "a") as doomed, a_worker(address, "b"):
            client.wait_for_workers(2, timeout=90)
            with monkeypatch.context() as other, pytest.raises(CourseError, match="has another labkit than this"):
                other.setattr(cluster, "code_fingerprint", lambda: "other")
                list(on_a_cluster(sent, address))

            found, records = [], on_a_cluster(sent, address)
            found.append(next(records))
            doomed.send_signal(signal.SIGKILL)
            found += records
            assert sorted(record.path for record in found) == [job.submission.path for job in sent]
            for record in found:
                points = {mark.exercise: mark.points for mark in record.marks}
                right = wanted[int(record.path[0])]
                assert points == {name: None if name == "1.6" and right[name] else right[name] for name in right}
            assert len(client.scheduler_info()["workers"]) == 1

            # And a scheduler that is lost is said to be, with what to do.
            records = on_a_cluster(sent, address)
            next(records)
            scheduler.kill()
            with pytest.raises(CourseError, match="was lost; start it and its workers again"):
                list(records)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://here", "no address"])
def test_nobody_answers(lab, monkeypatch, address):
    monkeypatch.setattr(cluster, "_SECONDS_TO_CONNECT", 1)
    with pytest.raises(CourseError, match=f"no Dask scheduler answers at {address}"):
        list(on_a_cluster(jobs(lab, 1)[0], address))


def test_a_worker_that_cannot_grade_is_refused(monkeypatch):
    same = cluster.code_fingerprint()
    with pytest.raises(CourseError, match="the worker tcp://x has no sandbox: bwrap is missing"):
        cluster._see_that_it_can({"tcp://x": (same, "bwrap is missing")}, same, "tcp://y")
    cluster._see_that_it_can({"tcp://x": (same, "")}, same, "tcp://y")


def test_a_worker_that_came_late_with_other_code_grades_nothing(lab):
    (job,), _ = jobs(lab, 1)
    with pytest.raises(CourseError, match="a worker has another labkit"):
        cluster._grade(job, "other")


def test_without_dask_it_is_said_what_to_install(lab, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(CourseError, match=r"pip install 'labkit\[cluster\]'"):
        list(on_a_cluster(jobs(lab, 1)[0], "tcp://127.0.0.1:9"))
