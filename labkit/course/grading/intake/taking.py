"""From a folder to its submissions: first all paths, to know whose they are, then the notebooks one by one."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from labkit.course.grading.intake import people, reading
from labkit.course.grading.intake import roster as rosters
from labkit.course.grading.intake.finding import find
from labkit.course.grading.intake.places import Found, LeftAside, UnreadableError
from labkit.course.grading.records import Student, Submission


def submissions(folder: Path, roster: Path | None = None) -> Iterator[Submission]:
    """Every notebook that was returned, sorted by path; one at a time is in memory.

    Args:
        folder: files, folders and zip files as they came; nothing is written there and no link is followed. A zip file
            or a notebook will do.
        roster: a CSV file of the course's students, as Canvas or Moodle give it, or one's own.

    Yields:
        one for each, also for those that cannot be read, with their ``problem``. What a program puts there in the
        meantime waits for the next time. The digest is "" where the bytes could not be had.

    Raises:
        CourseError: there is no such folder, or the roster is malformed; said when the first one is asked for.
    """
    rows = rosters.read(roster) if roster else []
    who = people.identify((found.path for found in _notebooks(folder)), rows)
    for found in _notebooks(folder):
        if found.path in who:
            yield _submission(found, who[found.path])


def left_aside(folder: Path) -> list[LeftAside]:
    """What lies in the folder, and in zip files there, that is neither notebook nor zip file, and why.

    Raises:
        CourseError: there is no such folder.
    """
    return [found for found in find(folder) if isinstance(found, LeftAside)]


def _notebooks(folder: Path) -> Iterator[Found]:
    return (found for found in find(folder) if isinstance(found, Found))


def _submission(found: Found, student: Student) -> Submission:
    try:
        data = found.load()
    except UnreadableError as error:
        return Submission(student, found.path, found.modified, "", problem=str(error))
    read = reading.read(data)
    digest = sha256(data).hexdigest()
    return Submission(student, found.path, found.modified, digest, read.cells, read.repairs, read.problem, read.lost)
