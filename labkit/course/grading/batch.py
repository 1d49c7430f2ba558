"""``labkit grade``: a folder of returned notebooks in, marks and feedback out."""

import os
import secrets
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout
from tqdm import tqdm

from labkit.course import CourseError
from labkit.course.grading import intake, outputs
from labkit.course.grading.cluster import on_a_cluster
from labkit.course.grading.given import Given, given
from labkit.course.grading.grading import Job, ungraded
from labkit.course.grading.ledger import Ledger
from labkit.course.grading.matching import lab_of, too_much
from labkit.course.grading.outputs.texts import counted
from labkit.course.grading.records import Graded, Submission
from labkit.course.grading.sealed import Limits, available
from labkit.course.grading.workers import on_this_machine
from labkit.course.labs import stems

_OF_NO_LAB = "got a notebook that is of none of these labs: {labs}; wanted one that was handed out."


@dataclass(frozen=True)
class Options:
    """How to grade.

    Attributes:
        labs: beginnings of their names; none means all.
        roster: a CSV file of the students.
        form: of the table of grades.
        jobs: how many notebooks at the same time.
        scheduler: address of a Dask cluster that grades in this machine's place; "" for none.
        limits: of each notebook's sealed runs.
        unsafe: without a sandbox.
        again: grade also what has a record.
    """

    labs: Sequence[str] = ()
    roster: Path | None = None
    form: Literal["plain", "canvas", "moodle"] = "plain"
    jobs: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    scheduler: str = ""
    limits: Limits = field(default_factory=Limits)
    unsafe: bool = False
    again: bool = False


def grade_folder(root: Path, folder: Path, out: Path, options: Options, say: Callable[[str], None] = print) -> int:
    """Grade all notebooks in a folder, and write tables and pages.

    Args:
        root: the course's folder.
        folder: what students returned; nothing in it is changed.
        out: where marks and pages go; what an earlier run wrote there is gone on with.
        options: how.
        say: gets the lines of the report.

    Returns:
        The exit status: 1 if a notebook could not be graded, wholly or in part, else 0.

    Raises:
        CourseError: no such folder, ``out`` within it, no sandbox, another run at work, or a marking sheet that cannot
            be read.
    """
    _see_that_it_can_begin(folder, out, options)
    labs, chosen = given(root), stems(root, options.labs)
    out.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / ".lock", timeout=0):
            return _grade(labs, chosen, folder, out, options, say)
    except Timeout as error:
        raise CourseError(
            f"another labkit grade is at work in {out}; wait for its end, or name another --out."
        ) from error


def _grade(
    labs: dict[str, Given],
    chosen: Collection[str],
    folder: Path,
    out: Path,
    options: Options,
    say: Callable[[str], None],
) -> int:
    roster = intake.students(options.roster) if options.roster else []
    outputs.check(out)  # before hours of work rather than after them
    ledger = Ledger(out / "records", labs, options.limits, options.unsafe)
    pile = _sorted_out(intake.submissions(folder, options.roster), labs, chosen, ledger, options)
    say(pile.in_words)
    records = pile.known
    for record in _graded(list(pile.jobs.values()), options):
        if not record.problem:
            ledger.keep(record)
        for submission in pile.alike[record.digest, record.lab]:
            records.append(
                replace(record, student=submission.student, path=submission.path, modified=submission.modified)
            )
    returned = {record.student.key for record in records}
    summary = outputs.write(
        out,
        records,
        form=options.form,
        missing=[student for student in roster if student.key not in returned],
        left_aside=[f"{left.path}: {left.why}" for left in intake.left_aside(folder)],
    )
    say("\n".join([*summary.lines(), f"All of it is in {out}; report.html leads to the rest."]))
    return int(any(record.state in ("could not be graded", "partly graded") for record in records))


@dataclass
class _Pile:
    """What was returned, by what is to be done with it.

    Attributes:
        known: records that there are without running anything.
        jobs: (digest, lab) -> what is to be graded.
        alike: (digest, lab) -> all who returned these bytes.
        others: how many are of a lab that is not asked for.
    """

    known: list[Graded] = field(default_factory=list)
    jobs: dict[tuple[str, str], Job] = field(default_factory=dict)
    alike: dict[tuple[str, str], list[Submission]] = field(default_factory=lambda: defaultdict(list))
    others: int = 0

    @property
    def in_words(self) -> str:
        """A line for a terminal."""
        count = len(self.known) + sum(map(len, self.alike.values()))
        left_out = f" Of other labs and left out: {self.others}." if self.others else ""
        return f"{counted(count, 'notebook')}, {len(self.jobs)} to grade.{left_out}"


def _sorted_out(
    submissions: Iterable[Submission],
    labs: Mapping[str, Given],
    chosen: Collection[str],
    ledger: Ledger,
    options: Options,
) -> _Pile:
    pile, limits = _Pile(), _limits(options)
    for submission in submissions:
        problem = submission.problem or too_much(submission.cells)
        stem = "" if problem else lab_of(submission.cells, labs)
        if not stem:
            pile.known.append(ungraded(submission, problem or _OF_NO_LAB.format(labs=", ".join(labs))))
        elif stem not in chosen:  # told from all labs, or it would pass for the one that is asked for
            pile.others += 1
        elif not options.again and (found := ledger.find(submission, stem)):
            pile.known.append(found)
        else:
            key = (submission.digest, stem)
            pile.alike[key].append(submission)
            if key not in pile.jobs:
                pile.jobs[key] = Job(submission, labs[stem], limits, secrets.randbits(63), options.unsafe)
    return pile


def _graded(jobs: Sequence[Job], options: Options) -> Iterator[Graded]:
    """The records of all jobs, with a bar that tells how much time is left."""
    if not jobs:
        return
    records = on_a_cluster(jobs, options.scheduler) if options.scheduler else on_this_machine(jobs, options.jobs)
    yield from tqdm(records, total=len(jobs), unit="notebook", smoothing=0, file=sys.stderr, disable=None)


def _limits(options: Options) -> Limits:
    """As asked for, with this machine's cores shared out among the jobs."""
    cores = 1 if options.scheduler else max(len(os.sched_getaffinity(0)) // options.jobs, 1)
    return replace(options.limits, cores=cores)


def _see_that_it_can_begin(folder: Path, out: Path, options: Options) -> None:
    if not folder.is_dir():
        raise CourseError(f"got {folder}, which is no folder; wanted the folder of the returned notebooks.")
    if out.resolve().is_relative_to(folder.resolve()):  # the next run would take it for returned
        raise CourseError(
            f"got --out {out}, which lies in {folder}; wanted a folder beside it, such as {folder}-marks."
        )
    if not options.unsafe and not options.scheduler and available():
        raise CourseError(
            f"{available()} Without a sandbox, the code of a student can read, change and send away whatever you can. "
            "Where that is no danger, as in a virtual machine of its own, ask for it with --unsafe."
        )
