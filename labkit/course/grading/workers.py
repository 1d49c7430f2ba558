"""Jobs at the same time on the cores of this machine; whatever becomes of one, all others are graded."""

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from labkit.course.grading.grading import Job, grade, ungraded
from labkit.course.grading.records import Graded
from labkit.exercises.core import error_in_words


def on_this_machine(jobs: Sequence[Job], workers: int) -> Iterator[Graded]:
    """Grade, and give back each record as soon as it is there.

    A process in which a judge crashed takes those beside it with it; what was lost with it is graded once more, each
    in a process of its own.

    Args:
        jobs: what to grade.
        workers: how many at the same time.
    """
    lost = []
    for job, record in _at_once(jobs, workers):
        if record:
            yield record
        else:
            lost.append(job)
    for job in lost:
        for _, record in _at_once([job], 1):
            yield record or ungraded(job.submission, "the process that judged its answers crashed.", job.lab)


def _at_once(jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Graded | None]]:
    """Each job with its record; None if its process is gone."""
    # Not forked: the libraries that the judges compute with do not survive it.
    pool = ProcessPoolExecutor(min(workers, len(jobs)) or 1, mp_context=get_context("spawn"), initializer=_quiet)
    try:
        futures = {pool.submit(grade, job): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], _record(futures[future], future)
    finally:
        pool.shutdown(cancel_futures=True)


def _record(job: Job, future: "Future[Graded]") -> Graded | None:
    error = future.exception()
    if isinstance(error, BrokenProcessPool):
        return None
    if isinstance(error, Exception):
        return failed(job, error)
    return future.result()


def failed(job: Job, error: Exception) -> Graded:
    """The record of a job in which labkit itself failed."""
    logging.getLogger(__name__).error("grading %s failed", job.submission.path, exc_info=error)
    return ungraded(job.submission, f"labkit failed with {error_in_words(error)}.", job.lab)


def _quiet() -> None:
    """What a library says of itself does not belong into the progress bar."""
    logging.disable(logging.WARNING)
