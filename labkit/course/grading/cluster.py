"""Jobs on the machines of a Dask cluster, for a course of more students than one machine has hours.

A worker that is lost loses nothing: Dask gives its jobs to another, and each record is taken once. Every worker needs
this very labkit, bubblewrap, and one thread, since a job brings processes of its own:

    dask worker ADDRESS --nthreads 1
"""

from collections.abc import Iterator, Sequence

from labkit.course import CourseError
from labkit.course.grading.grading import Job, grade
from labkit.course.grading.ledger import code_fingerprint
from labkit.course.grading.records import Graded
from labkit.course.grading.sealed import available
from labkit.course.grading.workers import failed

_SECONDS_TO_CONNECT = 20


def on_a_cluster(jobs: Sequence[Job], address: str) -> Iterator[Graded]:
    """Grade, and give back each record as soon as it is there.

    Args:
        jobs: what to grade.
        address: of the cluster's scheduler, such as "tcp://10.0.0.1:8786".

    Raises:
        CourseError: Dask is not installed, nobody answers, or a worker cannot grade as this machine would.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise CourseError(
            "--scheduler needs Dask, which is not installed: pip install 'labkit[cluster]', here and on each worker."
        ) from error
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise CourseError(
            f"no Dask scheduler answers at {address} ({error}); start one with 'dask scheduler' and give its address."
        ) from error
    with client:
        try:
            workers = client.run(_about, all(job.unsafe for job in jobs))
        except Exception as error:  # of whatever kind a worker without labkit, or with another Python, makes it
            raise CourseError(
                f"a worker of {address} cannot grade ({error}); install the same Python and labkit there as here."
            ) from error
        fingerprint = code_fingerprint()  # of every source file, so it is made once
        _see_that_it_can(workers, fingerprint, address)
        # Neither pure nor twice the same key: a job is graded anew, whatever another batch left on the cluster.
        futures = {client.submit(_grade, job, fingerprint, pure=False): job for job in jobs}
        for future in as_completed(futures, loop=client.loop):
            if future.cancelled():
                raise CourseError(
                    f"the scheduler at {address} was lost; start it and its workers again, and then this command: what "
                    "is graded stays so."
                )
            lost = future.exception()
            yield failed(futures[future], lost) if isinstance(lost, Exception) else future.result()
            future.release()


def _grade(job: Job, fingerprint: str) -> Graded:
    """Grade, on a worker that may have come after all others were asked."""
    if code_fingerprint() != fingerprint:
        raise CourseError("a worker has another labkit than the machine that sends the notebooks")
    return grade(job)


def _about(unsafe: bool) -> tuple[str, str]:
    """What a worker says of itself: the code that it grades by, and why it has no sandbox."""
    return code_fingerprint(), "" if unsafe else available()


def _see_that_it_can(workers: dict[str, tuple[str, str]], fingerprint: str, address: str) -> None:
    if not workers:
        raise CourseError(f"the scheduler at {address} has no workers; start some with 'dask worker {address}'.")
    for worker, (code, without_sandbox) in workers.items():
        if code != fingerprint:
            raise CourseError(f"the worker {worker} has another labkit than this machine; install the same on both.")
        if without_sandbox:
            raise CourseError(f"the worker {worker} has no sandbox: {without_sandbox}")
