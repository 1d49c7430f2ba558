"""Jobs at the same time on the cores of this machine; whatever becomes of one, all others are graded."""

import logging
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from threading import Thread

from labkit.course.grading.grading import Job, grade, ungraded
from labkit.course.grading.records import Graded
from labkit.exercises.core import error_in_words

_SECONDS_TO_END = 5


def on_this_machine(jobs: Sequence[Job], workers: int) -> Iterator[Graded]:
    """Grade, and give back each record as soon as it is there.

    A process in which a judge crashed takes those beside it with it; what was lost with it is graded once more, each
    in a process of its own.

    Args:
        jobs: what to grade.
        workers: how many at the same time.
    """
    waiting = deque(jobs)
    while waiting:
        lost = []
        for job, record in _at_once(waiting, workers):
            if record:
                yield record
            else:
                lost.append(job)
        for job in lost:
            for _, record in _at_once(deque([job]), 1):
                yield record or ungraded(job.submission, "the process that judged its answers crashed.", job.lab)


def _at_once(waiting: deque[Job], workers: int) -> Iterator[tuple[Job, Graded | None]]:
    """Each job with its record; None if its process is gone, and then no more of those that wait are begun."""
    # Not forked: the libraries that the judges compute with do not survive it.
    pool = ProcessPoolExecutor(min(workers, len(waiting)), mp_context=get_context("spawn"), initializer=_begin)
    at_work = dict[Future[Graded], Job]()
    broken, stopped = False, True
    try:
        while at_work or (waiting and not broken):
            while waiting and not broken and len(at_work) < workers:
                job = waiting.popleft()
                try:
                    at_work[pool.submit(grade, job)] = job
                except BrokenProcessPool:
                    waiting.appendleft(job)
                    broken = True
            for future in wait(at_work, return_when=FIRST_COMPLETED).done:
                job = at_work.pop(future)
                record = _record(job, future)
                broken = broken or record is None
                yield job, record
        stopped = False
    finally:
        if stopped:  # nobody waits for what is at work
            for process in active_children():
                process.terminate()
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


def _begin() -> None:
    """Begin a process of the pool: quiet, since what a library says of itself does not belong into the progress bar."""
    logging.disable(logging.WARNING)
    # Whoever stops the grading tells the process above, which ends these; then they end their sandboxes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    Thread(target=_end_with, args=(parent_process(),), daemon=True).start()


def _end_with(parent: BaseProcess | None) -> None:
    """End with the process above, however that came to its end."""
    if parent:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_SECONDS_TO_END)
        os._exit(1)
