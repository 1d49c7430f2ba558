"""Several notebooks of one student for one lab: the latest counts, and none is forgotten."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from labkit.course.grading.outputs.texts import counted, natural
from labkit.course.grading.records import Graded, Mark, Student

_UNGRADED = "could not be graded"


@dataclass(frozen=True)
class Returned:
    """All that a student returned for a lab.

    Attributes:
        graded: the attempt that counts; its marks are the effective ones once the marking sheet is merged.
        automatic: the same as it was graded, before any mark was entered by hand.
        earlier: the other attempts, the latest first.
        look: reasons why a person should look, a sentence each, besides those of ``graded``.
    """

    graded: Graded
    automatic: Graded
    earlier: tuple[Graded, ...] = ()
    look: tuple[str, ...] = ()

    @property
    def student(self) -> Student:
        """Who returned it."""
        return self.graded.student

    @property
    def lab(self) -> str:
        """The stem, "" if the content is that of no lab."""
        return self.graded.lab

    def pairs(self) -> Iterable[tuple[Mark, Mark]]:
        """(effective, automatic) mark of each exercise."""
        return zip(self.graded.marks, self.automatic.marks, strict=True)


def by_student_and_lab(records: Iterable[Graded]) -> list[Returned]:
    """Group records and choose the attempt that counts: the latest, of two of one time the last by its path.

    Args:
        records: all that were graded.

    Returns:
        by lab, then by the student's name, in natural order. Files that are no lab's notebook each count as one.

    Raises:
        ValueError: a student's key cannot be the name of a file.
    """
    groups: dict[tuple[str, ...], list[Graded]] = defaultdict(list)
    for record in records:
        if not re.fullmatch(r"[A-Za-z0-9_-]+", record.student.key):  # files are called by it
            raise ValueError(f"got the student key {record.student.key!r}; wanted letters, digits, '-' and '_' alone.")
        # Two files of no lab are no two attempts at the same thing.
        group = (record.student.key, record.lab) if record.lab else (record.student.key, "", record.path)
        groups[group].append(record)
    return sorted((_returned(group) for group in groups.values()), key=_place)


def by_student(returned: Iterable[Returned]) -> list[tuple[Student, dict[str, Returned]]]:
    """(student, lab -> what was returned for it), by name; files of no lab name their student alone."""
    found: dict[str, tuple[Student, dict[str, Returned]]] = {}
    for one in returned:
        _, by_lab = found.setdefault(one.student.key, (one.student, {}))
        if one.lab:
            by_lab[one.lab] = one
    return sorted(found.values(), key=lambda pair: (natural(pair[0].name), pair[0].key))


def _returned(group: list[Graded]) -> Returned:
    latest, *earlier = sorted(group, key=lambda record: (record.modified, natural(record.path)), reverse=True)
    look = []
    better = next((record for record in earlier if record.state != _UNGRADED), None)
    if latest.state == _UNGRADED and better:
        look.append(
            f"the latest of {len(group)} notebooks could not be graded, while an earlier one could: {better.path}."
        )
    tied = [record.path for record in earlier if record.modified == latest.modified and record.digest != latest.digest]
    if tied:
        look.append(f"{counted(len(tied), 'other notebook')} of the very same time: {', '.join(tied)}.")
    return Returned(latest, latest, tuple(earlier), tuple(look))


def _place(returned: Returned) -> tuple[object, ...]:
    student = returned.student
    return (not returned.lab, natural(returned.lab), natural(student.name), student.key, natural(returned.graded.path))
