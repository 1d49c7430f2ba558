"""``report.html``: what the instructor wants to know of a run, the urgent first, on one page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from labkit.course.grading.outputs.attempts import Returned, by_student
from labkit.course.grading.outputs.drawing import distribution
from labkit.course.grading.outputs.feedback import total
from labkit.course.grading.outputs.lab_numbers import by_lab
from labkit.course.grading.outputs.marking_sheet import Merged, open_questions
from labkit.course.grading.outputs.pages import render
from labkit.course.grading.outputs.texts import natural, short
from labkit.course.grading.records import Student

# A notebook is slow that took this many times the median of its lab, and this many seconds more.
_SLOW_TIMES, _SLOW_SECONDS = 4, 30


@dataclass(frozen=True)
class Eye:
    """A notebook that needs an eye, with the reasons: (kind in a word or two, sentence)."""

    returned: Returned
    reasons: tuple[tuple[str, str], ...]

    @property
    def urgent(self) -> bool:
        """Whether something speaks against the mark; that it was mended, or ran without a sandbox, alone does not."""
        return any(kind not in ("mended", "slow", "not sealed") for kind, _ in self.reasons)


def page(merged: Merged, missing: Sequence[Student], left_aside: Sequence[str], stale: Sequence[str] = ()) -> str:
    """The page.

    Args:
        merged: with effective marks.
        missing: students who returned nothing.
        left_aside: files that are no notebooks.
        stale: pages of an earlier run that this one did not write.
    """
    returned = merged.returned
    eyes = needing_an_eye(merged)
    students = by_student(returned)
    labs = by_lab(returned)
    return render(
        "report.html",
        labs=labs,
        pictures={numbers.lab: distribution(numbers.bins, short(numbers.lab)) for numbers in labs},
        urgent=[eye for eye in eyes if eye.urgent],
        mended=[eye for eye in eyes if not eye.urgent],
        students=students,
        notebooks=sum(1 + len(one.earlier) for one in returned),
        earlier=[one for one in returned if one.earlier],
        strays=[one for one in returned if not one.lab],
        wholly=sum(one.graded.state in ("graded", "not answered") for one in returned),
        ungraded=sum(one.graded.state == "could not be graded" for one in returned),
        counting=len(returned),
        open=open_questions(merged.questions),
        by_hand=sum(question.mark.by_hand for question in merged.questions),
        gone=merged.gone,
        missing=sorted(missing, key=lambda student: (natural(student.name), student.key)),
        left_aside=sorted(left_aside, key=natural),
        stale=stale,
        total=total,
        unsealed=any_unsealed(returned),
    )


def any_unsealed(returned: Sequence[Returned]) -> bool:
    """Whether any notebook ran without a sandbox."""
    return any(not record.sealed for one in returned for record in (one.graded, *one.earlier))


def needing_an_eye(merged: Merged) -> list[Eye]:
    """Notebooks with a reason to look at them, in their order."""
    seconds: dict[str, list[float]] = {}
    for one in merged.returned:
        seconds.setdefault(one.lab, []).append(one.graded.seconds)
    usual = {lab: median(times) for lab, times in seconds.items()}
    mixed = any(one.graded.sealed for one in merged.returned)
    changed: dict[tuple[str, str], list[str]] = {}
    for question in merged.questions:
        if question.changed:
            changed.setdefault((question.returned.student.key, question.returned.lab), []).append(
                question.mark.exercise
            )
    owners: dict[str, dict[str, str]] = {}  # digest of a file -> student's key -> name
    for one in merged.returned:
        if one.lab and one.graded.state != "not answered":  # as it was given, it is the same for all
            owners.setdefault(one.graded.digest, {})[one.student.key] = one.student.name
    eyes = [Eye(one, tuple(_reasons(one, usual, mixed, changed, owners))) for one in merged.returned]
    return [eye for eye in eyes if eye.reasons]


def _reasons(
    one: Returned,
    usual: Mapping[str, float],
    mixed: bool,
    changed: Mapping[tuple[str, str], Sequence[str]],
    owners: Mapping[str, Mapping[str, str]],
) -> list[tuple[str, str]]:
    record = one.graded
    found = [("not graded", record.problem)] if record.problem else []
    found += [("look", reason) for reason in record.look]
    if one.student.doubt:
        found.append(("student", one.student.doubt))
    found += [("attempts", reason) for reason in one.look]
    others = [name for key, name in owners.get(record.digest, {}).items() if key != one.student.key]
    if others:
        found.append(("same file", f"byte for byte the notebook of {', '.join(others)}."))
    for exercise in changed.get((one.student.key, one.lab), ()):
        found.append(("marking", f"the answer to exercise {exercise} changed since it was marked by hand."))
    if not record.sealed and mixed:
        found.append(("not sealed", "it ran without a sandbox."))
    found += [("mended", repair) for repair in record.repairs]
    if record.seconds > max(_SLOW_TIMES * usual[one.lab], usual[one.lab] + _SLOW_SECONDS):
        found.append(
            ("slow", f"it ran {record.seconds:.0f} s; half of this lab's notebooks need {usual[one.lab]:.0f} s.")
        )
    return found
