"""What an exercise is: a probe that makes plain data of an answer, and a judge that looks at that data alone.

The two halves never share more than plain data, so they can run in different processes: the probe beside
the student's code, the judge where the student's code cannot reach. The judge computes what it expects from
the inputs, never from the answer.
"""

import os
import re
import sysconfig
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from labkit.exercises.answers import Misfit, Plain, Unanswered, plain, remarks_kept

Case = dict[str, Plain]
Judge = Callable[[Sequence[Plain], Sequence["Case"]], "Verdict"]
State = Literal["right", "wrong", "unanswered", "for a reader"]

# Lines of these files are not the student's: labkit itself, and all that is installed.
_NOT_THEIRS = (
    f"{Path(__file__).parents[1]}{os.sep}",
    *(f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "purelib", "platlib")),
)
# No probe makes more of what it hands over: together so many parts, numbers in arrays, letters; dimensions of each.
_MOST_PARTS, _MOST_NUMBERS, _MOST_LETTERS, _MOST_DIMENSIONS = 50_000, 1_000_000, 200_000, 8
# Of an error's text, in letters.
_LONGEST = 400
# What is said of any answer of which this was remarked.
_REMARKS = {
    "changes_handed": "your function changes what it was handed, which others still need: work on a copy.",
}
# What makes a terminal print in bold or in colour, as Keras does in its errors.
_ANSI_STYLE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class Verdict:
    """What a judge says.

    Attributes:
        state: "right", "wrong", "unanswered", or "for a reader" for answers in words.
        message: to the student: what is wrong and what to look at.
        mistake: a short name of the mistake, the same for all who make it; several are joined by "+", and "" is
            none that is known.
    """

    state: State
    message: str
    mistake: str = ""


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes:
        id: lab and number, "1.3"; it stands in the code of the answer's cell and never changes.
        title: a few words.
        points: for the right answer.
        hints: from the nudge to all but the answer.
        cases: random generator -> the inputs to probe with, plain data.
        probe: (answer, case) -> plain data. It may raise; the student is then told what was raised.
        judge: (probed data of all cases, cases) -> verdict.
        for_a_reader: whether a person gives the points, and the judge only sees whether there is something to read.
        remarks: what the probe may remark -> how a student is told; see ``labkit.exercises.answers.remark``.
    """

    id: str
    title: str
    points: int
    hints: tuple[str, ...]
    cases: Callable[[np.random.Generator], list[Case]]
    probe: Callable[[Any, Case], Plain]
    judge: Judge
    for_a_reader: bool = False
    remarks: Mapping[str, str] = field(default_factory=dict)

    def drawn(self, seed: int | Sequence[int]) -> list[Case]:
        """Inputs to probe with, in an order that is drawn too, so that none is known by its place."""
        rng = np.random.default_rng(seed)
        cases = self.cases(rng)
        return [cases[place] for place in rng.permutation(len(cases))]


@dataclass(frozen=True)
class Lab:
    """A lab as its exercises see it.

    Attributes:
        stem: the name of its files.
        title: as in the notebook.
        framework: "torch" or "keras".
        minutes_work: what a student should expect.
        seconds_run: a run of the solution from end to end, measured on two cores with the sample.
        exercises: by id, in the notebook's order.
    """

    stem: str
    title: str
    framework: Literal["torch", "keras"]
    minutes_work: int
    seconds_run: int
    exercises: Mapping[str, Exercise] = field(default_factory=dict)

    @property
    def points(self) -> int:
        """All points there are."""
        return sum(exercise.points for exercise in self.exercises.values())


def examine(exercise: Exercise, answer: Any, seed: int = 0) -> Verdict:
    """Probe an answer and judge what comes out.

    Args:
        exercise: which one.
        answer: a function, a value or a text, as the exercise asks.
        seed: of the inputs.
    """
    cases = exercise.drawn(seed)
    try:
        answers = [collect(exercise, answer, case) for case in cases]
    except Unanswered as left:
        return Verdict("unanswered", str(left) or "not answered yet.")
    return judge(exercise, answers, cases)


def collect(exercise: Exercise, answer: Any, case: Case) -> Plain:
    """The probe's half: plain data, within ``{"answer": ..., "remarks": [...]}`` if the probe has remarked something.

    In its place, in words: ``{"raised": ...}`` if the answer breaks, ``{"misfit": ...}`` if it is of a
    wrong kind.

    Raises:
        Unanswered: the answer is still the stub.
    """
    if answer is ...:
        raise Unanswered
    try:
        with remarks_kept() as remarks:
            answered = plain(exercise.probe(answer, case))
        return {"answer": answered, "remarks": remarks} if remarks else answered
    except Unanswered:
        raise
    except Misfit as error:
        return {"misfit": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever a student's code raises is told to the student
        return {"raised": error_in_words(error)}


def judge(exercise: Exercise, answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """The judge's half. The answers may be any plain data, of any size: in grading they come from who knows where."""
    if _too_much(answers):
        return Verdict("wrong", "what your answer gives is far larger than what was asked for.", "other")
    for kind, lead in (("raised", "your code stopped with "), ("misfit", "")):
        told = [a[kind] for a in answers if isinstance(a, dict) and a.keys() == {kind} and isinstance(a[kind], str)]
        if told:
            end = "" if told[0].endswith("?") else "."
            return Verdict("wrong", f"{lead}{told[0]}{end}", kind)
    pairs = [_with_remarks(answer) for answer in answers]
    verdict = exercise.judge([answer for answer, _ in pairs], cases)
    noted = {name for _, names in pairs for name in names}
    told = [text for name, text in (_REMARKS | dict(exercise.remarks)).items() if name in noted]
    if verdict.state in ("right", "wrong") and told:
        return replace(verdict, message=" ".join([verdict.message, "One thing more:", *told]).strip())
    return verdict


def _with_remarks(answer: Plain) -> tuple[Plain, list[str]]:
    match answer:
        case {"answer": answered, "remarks": list(remarks), **others} if not others:
            return answered, [name for name in remarks if isinstance(name, str)]
    return answer, []


def _too_much(answers: Sequence[Plain]) -> bool:
    """Whether answers are so large that a judge, who compares them many times, would take long over them."""
    parts = numbers = letters = 0
    left = list(answers)
    while left:
        value = left.pop()
        parts += 1
        if isinstance(value, str):
            letters += len(value)
        elif isinstance(value, np.ndarray):
            numbers += value.size
            if value.ndim > _MOST_DIMENSIONS:
                return True
        elif isinstance(value, (list, dict)):
            if parts + len(left) + len(value) > _MOST_PARTS:
                return True
            left += [*value, *value.values()] if isinstance(value, dict) else value
        if numbers > _MOST_NUMBERS or letters > _MOST_LETTERS:
            return True
    return False


def error_in_words(error: Exception) -> str:
    """An error, and the innermost line that led to it of all that is not installed: in a notebook, the student's."""
    text = _ANSI_STYLE.sub("", f"{type(error).__name__}: {error}").strip().rstrip(".:")
    if len(text) > _LONGEST:  # some hold a whole array
        text = f"{text[:_LONGEST]} [...]"
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.line for f in frames if f.line and not f.filename.startswith(_NOT_THEIRS)]
    return f"{text}, at `{lines[-1].strip()}`" if lines else text
