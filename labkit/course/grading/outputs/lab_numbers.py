"""What the report says in numbers: how points are spread, which exercises are hard, which mistakes are frequent."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import mean, median

from labkit.course.grading.outputs.attempts import Returned
from labkit.course.grading.outputs.feedback import result
from labkit.course.grading.outputs.texts import natural
from labkit.course.grading.records import Mark

#: At most as many bars in a picture of a distribution.
_MOST_BINS = 12


@dataclass(frozen=True)
class Mistake:
    """A mistake that several may have made; ``others`` counts the different messages besides ``message``."""

    name: str
    message: str
    count: int
    others: int


@dataclass(frozen=True)
class ExerciseNumbers:
    """How an exercise went, in numbers of students.

    Attributes:
        exercise: such as "1.3".
        title: a few words.
        maximum: points.
        right: full points.
        part: some, entered by hand.
        wrong: answered for no points.
        unanswered: left as it was.
        open: nobody can say yet.
        mistakes: the most frequent first.
    """

    exercise: str
    title: str
    maximum: int
    right: int
    part: int
    wrong: int
    unanswered: int
    open: int
    mistakes: tuple[Mistake, ...]

    @property
    def students(self) -> int:
        """All who returned the lab."""
        return self.known + self.open

    @property
    def known(self) -> int:
        """Those whose points are known."""
        return self.right + self.part + self.wrong + self.unanswered

    @property
    def mostly_open(self) -> bool:
        """Whether too little is known to call the exercise hard or easy."""
        return self.open >= self.known

    @property
    def hardness(self) -> tuple[object, ...]:
        """A key to sort by: the smallest share of right answers first, what is mostly open last."""
        return (self.mostly_open, self.right / max(self.known, 1), natural(self.exercise))


@dataclass(frozen=True)
class Bin:
    """Notebooks with ``low`` to ``high`` points, both included: wholly graded ones, and ones with open points."""

    low: int
    high: int
    whole: int
    partial: int


@dataclass(frozen=True)
class LabNumbers:
    """How a lab went.

    Attributes:
        lab: the stem.
        title: as in the notebook.
        maximum: points.
        notebooks: that count.
        whole: of them graded wholly.
        ungraded: of them not graded at all.
        mean, median: points of those graded wholly; None if there are none.
        bins: the distribution of points known so far.
        exercises: from the hardest to the easiest.
    """

    lab: str
    title: str
    maximum: int
    notebooks: int
    whole: int
    ungraded: int
    mean: float | None
    median: float | None
    bins: tuple[Bin, ...]
    exercises: tuple[ExerciseNumbers, ...]


def by_lab(returned: Sequence[Returned]) -> list[LabNumbers]:
    """The numbers of each lab, in order; files that are no lab's notebook are left out."""
    ordered = sorted((one for one in returned if one.lab), key=lambda one: natural(one.lab))
    return [_lab(lab, list(group)) for lab, group in groupby(ordered, key=lambda one: one.lab)]


def _lab(lab: str, group: list[Returned]) -> LabNumbers:
    graded = [one.graded for one in group if one.graded.state != "could not be graded"]
    whole = [record.points for record in graded if not record.open_points]
    partial = [record.points for record in graded if record.open_points]
    maximum = max(one.graded.maximum for one in group)
    marks: dict[str, list[Mark]] = defaultdict(list)
    for one in group:
        for mark in one.graded.marks:
            marks[mark.exercise].append(mark)
    exercises = sorted((_exercise(of_one) for of_one in marks.values()), key=lambda numbers: numbers.hardness)
    return LabNumbers(
        lab=lab,
        title=group[0].graded.lab_title,
        maximum=maximum,
        notebooks=len(group),
        whole=len(whole),
        ungraded=len(group) - len(graded),
        mean=mean(whole) if whole else None,
        median=median(whole) if whole else None,
        bins=_bins(whole, partial, maximum),
        exercises=tuple(exercises),
    )


def _bins(whole: Sequence[float], partial: Sequence[float], maximum: int) -> tuple[Bin, ...]:
    """Bins of one width in whole points. The first holds 0, too; a half point goes with the full one above it."""
    width = -(-(maximum + 1) // _MOST_BINS)
    counts: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for kind, all_points in enumerate((whole, partial)):
        for value in all_points:
            counts[-int(-value // 1) // width][kind] += 1
    places = range(maximum // width + 1)
    return tuple(Bin(place * width, min((place + 1) * width - 1, maximum), *counts[place]) for place in places)


def _exercise(marks: Sequence[Mark]) -> ExerciseNumbers:
    results = Counter(result(mark) for mark in marks)
    first = marks[0]
    return ExerciseNumbers(
        exercise=first.exercise,
        title=first.title,
        maximum=first.maximum,
        right=results["right"],
        part=results["in part"],
        wrong=results["wrong"],
        unanswered=results["not answered"],
        open=results["needs manual marking"] + results["could not be graded"],
        mistakes=_mistakes(marks),
    )


def _mistakes(marks: Sequence[Mark]) -> tuple[Mistake, ...]:
    """Those that have a name by it, others by what was said of them."""
    messages: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for mark in marks:
        if result(mark) in ("wrong", "in part") and (mark.mistake or mark.message):
            messages[mark.mistake, "" if mark.mistake else mark.message][mark.message] += 1
    found = [
        Mistake(name, said.most_common(1)[0][0], said.total(), len(said) - 1) for (name, _), said in messages.items()
    ]
    return tuple(sorted(found, key=lambda mistake: (-mistake.count, mistake.name, mistake.message)))
