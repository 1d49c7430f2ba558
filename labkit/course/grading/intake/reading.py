"""The bytes of a returned notebook as cells: whatever is whole in it is read, and what was mended is said."""

from dataclasses import dataclass
from typing import BinaryIO

from labkit.course.grading.intake import parsing
from labkit.course.grading.intake.cells import returned_cells
from labkit.course.grading.intake.decoding import decode
from labkit.course.grading.intake.places import NOTEBOOK_BYTES, UnreadableError
from labkit.course.grading.records import ReturnedCell

#: Sentences about single cells that one notebook may have; more of them help nobody.
REPAIRS = 20


@dataclass(frozen=True)
class Reading:
    """What is in a file; the attributes are those of ``Submission``."""

    cells: tuple[ReturnedCell, ...] = ()
    repairs: tuple[str, ...] = ()
    problem: str = ""
    lost: str = ""


def read(data: bytes) -> Reading:
    """The cells of a notebook of any version and encoding, or why there are none."""
    try:
        text, guessed = decode(data)
        parsed = parsing.parse(text)
    except UnreadableError as error:
        return Reading(problem=str(error))
    cells, repairs = returned_cells(parsed.data)
    if not cells:
        return Reading(problem="got a notebook without cells; wanted the student's work: ask for it again.")
    said = [*guessed, *parsed.repairs, *repairs]
    if len(said) > REPAIRS:
        said[REPAIRS:] = [f"{len(said) - REPAIRS} more cells had to be mended."]
    return Reading(cells, tuple(said), lost=parsed.lost)


def holds_notebook(file: BinaryIO) -> bool:
    """Whether a file of another name is a notebook; so large a one as would not be read is none."""
    begin = file.read(100).lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if not begin.startswith(b"{"):
        return False
    file.seek(0)
    try:
        text, _ = decode(file.read(NOTEBOOK_BYTES))
    except UnreadableError:
        return False
    return parsing.looks_like_notebook(text)
