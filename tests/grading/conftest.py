"""One run of ``labkit grade`` over the whole bank, with canaries around it; the tests look at what it left."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from grading import routes
from grading.bank import Submission, digests, lay_out
from grading.broken import BROKEN
from grading.course import given_notebook, make_course
from grading.dishonest import DISHONEST
from grading.honest import HONEST
from grading.spies import Canaries, canaries, spies

from labkit.course.grading.batch import Options, grade_folder
from labkit.course.grading.sealed import Limits

#: Small, so that what never ends is soon over; yet a slow machine loads PyTorch within them.
LIMITS = Limits(
    cell_seconds=12,
    total_seconds=60,
    memory_mb=1000,
    processes=150,
    open_files=256,
    output_mb=5,
    disk_mb=50,
    answer_mb=2,
)
OPTIONS = Options(jobs=2, limits=LIMITS)
#: What stands in the marking sheet before anything is graded, of a student whose notebook is not there.
ENTERED = "student,exercise,points,comment\nabsent_anton,Exercise 1.6,1.5,{}\n"


@dataclass(frozen=True)
class Run:
    """What a run of the command left.

    Attributes:
        root: of the course.
        folder: what was returned.
        out: marks and pages.
        status: the exit status.
        said: the lines of the report.
        seconds: it took.
        submissions: name -> what was returned.
        records: name -> the record in ``grades.json``.
        spies: names of the submissions that look around.
        canaries: as they were set out.
        connections: to the listener.
        alive: processes that a spy left behind.
        unchanged: whether every file of the folder, and the one outside, is as it was.
    """

    root: Path
    folder: Path
    out: Path
    status: int
    said: Sequence[str]
    seconds: float
    submissions: Mapping[str, Submission]
    records: Mapping[str, Mapping[str, Any]]
    spies: Sequence[str]
    canaries: Canaries
    connections: int
    alive: Sequence[str]
    unchanged: bool


def records_of(out: Path) -> dict[str, dict[str, Any]]:
    """The records of ``grades.json`` by the notebooks' paths."""
    return {record["effective"]["path"]: record for record in json.loads((out / "grades.json").read_text())["records"]}


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The whole bank, graded at once."""
    root, folder, out, outside = (tmp_path_factory.mktemp(name) for name in ("course", "returned", "out", "outside"))
    make_course(root)
    with canaries(folder, out, outside / "file.txt", folder / "Nora Neighbour lab1.ipynb") as watched:
        watched.sheet.write_text(ENTERED.format(watched.secret))
        looking = spies(watched)
        bank = [*HONEST, *BROKEN, *map(routes.submission, DISHONEST), *looking]
        paths = lay_out(given_notebook(root), bank, folder)
        before, said, started = digests(folder, outside), list[str](), time.monotonic()
        status = grade_folder(root, folder, out, OPTIONS, said.append)
        seconds = time.monotonic() - started
        connections, alive = watched.connections(), watched.alive()
        unchanged = digests(folder, outside) == before
    records = records_of(out)
    return Run(
        root,
        folder,
        out,
        status,
        said,
        seconds,
        {submission.name: submission for submission in bank},
        {name: records[path] for name, path in paths.items()},
        [spy.name for spy in looking],
        watched,
        connections,
        alive,
        unchanged,
    )
