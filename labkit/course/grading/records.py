"""What grading knows of a returned notebook, before it is run and after: plain records, kept as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

#: Of one exercise.
MarkState = Literal["graded", "not answered", "needs manual marking", "could not be graded"]
#: Of a notebook as a whole.
State = Literal["graded", "partly graded", "not answered", "needs manual marking", "could not be graded"]


@dataclass(frozen=True)
class Student:
    """Who returned a notebook.

    Attributes:
        key: the same for all notebooks of one student and for no other student: letters, digits, "-" and "_" alone, so
            that a file can be called by it.
        name: as a person writes it.
        row: the student's line of the roster, column -> text; empty without a roster.
        doubt: why somebody should see whether this is the right student; "" if nothing speaks against it.
    """

    key: str
    name: str
    row: Mapping[str, str] = field(default_factory=dict)
    doubt: str = ""


@dataclass(frozen=True)
class ReturnedCell:
    """A cell of a returned notebook, without outputs and metadata; ``kind`` is "code", "markdown" or "raw"."""

    kind: str
    text: str


@dataclass(frozen=True)
class Submission:
    """A returned notebook as it was found.

    Attributes:
        student: who returned it.
        path: within the folder, parts joined by "/"; a zip file is one of the parts.
        modified: when it was last written, in seconds since 1970; what the folder or the zip file says.
        digest: SHA-256 of the file's bytes, as hexadecimal digits.
        cells: in their order; empty if the file could not be read.
        repairs: what had to be mended so that it could be read, a sentence each.
        problem: why it could not be read; "" if it could.
        lost: why cells that the student wrote may be missing, such as "the file ends in the middle"; "" if it is whole.
    """

    student: Student
    path: str
    modified: float
    digest: str
    cells: tuple[ReturnedCell, ...] = ()
    repairs: tuple[str, ...] = ()
    problem: str = ""
    lost: str = ""


@dataclass(frozen=True)
class Mark:
    """What an exercise of a returned notebook has earned.

    Attributes:
        exercise: such as "1.3".
        title: a few words.
        maximum: points for the right answer.
        state: "graded" also where points were entered by hand.
        points: None where nobody can say yet, which is not 0.
        message: to the student: what is wrong and what to look at. It holds no input and no expected value.
        mistake: a short name, the same for all who make it; "" if none is known.
        answer: as the student wrote it, code or words; "" if there is none.
        code: that makes the words of the answer, where they do not all stand in it; else "".
        why: why it could not be graded; "" if it could.
        by_hand: whether the points were entered in the marking sheet.
        comment: of the person who entered them.
    """

    exercise: str
    title: str
    maximum: int
    state: MarkState
    points: float | None
    message: str = ""
    mistake: str = ""
    answer: str = ""
    code: str = ""
    why: str = ""
    by_hand: bool = False
    comment: str = ""


@dataclass(frozen=True)
class Graded:
    """A returned notebook and its marks.

    Attributes:
        student: who returned it.
        path: as in ``Submission``.
        modified: as in ``Submission``.
        digest: as in ``Submission``.
        lab: the stem; "" if the content is that of no lab.
        lab_title: as in the notebook.
        marks: of all exercises of the lab in their order; empty if it is no lab's notebook.
        repairs: what was mended: in the file, and in the notebook where cells were missing, doubled, moved or changed.
        look: reasons why a person should look at the notebook, a sentence each.
        problem: why the notebook as a whole could not be graded; "" if it could.
        seconds: wall time of its sealed runs.
        sealed: whether it ran in a sandbox.
        seed: of the hidden inputs, with which its run can be repeated.
    """

    student: Student
    path: str
    modified: float
    digest: str
    lab: str = ""
    lab_title: str = ""
    marks: tuple[Mark, ...] = ()
    repairs: tuple[str, ...] = ()
    look: tuple[str, ...] = ()
    problem: str = ""
    seconds: float = 0.0
    sealed: bool = True
    seed: int = 0

    @property
    def state(self) -> State:
        """Of the notebook as a whole."""
        states = {mark.state for mark in self.marks}
        if self.problem or not states or states == {"could not be graded"}:
            return "could not be graded"
        if states == {"not answered"}:
            return "not answered"
        if "could not be graded" in states:
            return "partly graded"
        return "needs manual marking" if "needs manual marking" in states else "graded"

    @property
    def points(self) -> float:
        """All that is known to be earned."""
        return sum(mark.points or 0 for mark in self.marks)

    @property
    def open_points(self) -> int:
        """What may still be earned by exercises whose points nobody can say yet."""
        return sum(mark.maximum for mark in self.marks if mark.points is None)

    @property
    def maximum(self) -> int:
        """All that could be earned."""
        return sum(mark.maximum for mark in self.marks)

    def as_plain(self) -> dict[str, Any]:
        """The record for JSON, which ``from_plain`` reads."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The record that ``as_plain`` wrote.

        Raises:
            TypeError, KeyError: it is not of that form.
        """
        made = {
            "student": Student(**plain["student"]),
            "marks": tuple(Mark(**mark) for mark in plain["marks"]),
            "repairs": tuple(plain["repairs"]),
            "look": tuple(plain["look"]),
        }
        return cls(**{**plain, **made})
