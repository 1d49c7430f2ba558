"""What an exercise is: a probe that makes plain data of an answer, and a judge that looks at that data alone.

The two halves never share more than plain data, so they can run in different processes: the probe beside
the student's code, the judge where the student's code cannot reach. The judge computes what it expects from
the inputs, never from the answer.
"""

import os
import sysconfig
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

#: What a probe gives back: None, bool, int, float, str, numeric arrays, and lists and dicts of these.
Plain = Any
Case = dict[str, Plain]
State = Literal["right", "wrong", "unanswered", "for a reader"]

# Lines of these files are not the student's: labkit itself, and all that is installed.
_NOT_THEIRS = (
    f"{Path(__file__).parents[1]}{os.sep}",
    *(f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "purelib", "platlib")),
)


class Unanswered(Exception):  # noqa: N818 - no error: most answers begin so
    """The answer is still the stub."""


class Misfit(TypeError):  # noqa: N818 - a TypeError by its base
    """The answer is not the kind of thing that was asked for; the message says so to the student."""


@dataclass(frozen=True)
class Verdict:
    """What a judge says.

    Attributes:
        state: "right", "wrong", "unanswered", or "for a reader" for answers in words.
        message: to the student: what is wrong and what to look at.
        mistake: a short name of the mistake, the same for all who make it; "" where none is known.
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
    """

    id: str
    title: str
    points: int
    hints: tuple[str, ...]
    cases: Callable[[np.random.Generator], list[Case]]
    probe: Callable[[Any, Case], Plain]
    judge: Callable[[Sequence[Plain], Sequence[Case]], Verdict]


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
    cases = exercise.cases(np.random.default_rng(seed))
    try:
        answers = [collect(exercise, answer, case) for case in cases]
    except Unanswered:
        return Verdict("unanswered", "not answered yet.")
    return judge(exercise, answers, cases)


def collect(exercise: Exercise, answer: Any, case: Case) -> Plain:
    """The probe's half: plain data.

    In its place, in words: ``{"raised": ...}`` if the answer breaks, ``{"misfit": ...}`` if it is of a
    wrong kind.

    Raises:
        Unanswered: the answer is still the stub.
    """
    if answer is ...:
        raise Unanswered
    try:
        return plain(exercise.probe(answer, case))
    except Unanswered:
        raise
    except Misfit as error:
        return {"misfit": str(error)}
    except Exception as error:  # noqa: BLE001 - whatever a student's code raises is told to the student
        return {"raised": _in_words(error)}


def judge(exercise: Exercise, answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """The judge's half."""
    for kind, lead in (("raised", "your code stopped with "), ("misfit", "")):
        told = [a[kind] for a in answers if isinstance(a, dict) and a.keys() == {kind}]
        if told:
            end = "" if str(told[0]).endswith("?") else "."
            return Verdict("wrong", f"{lead}{told[0]}{end}", kind)
    return exercise.judge(answers, cases)


def call(function: Any, *arguments: Any) -> Any:
    """Call a student's function.

    Raises:
        Unanswered: it is a stub, or gives back what a stub gives.
        Misfit: it is no function, or gives nothing back.
    """
    if function is ...:
        raise Unanswered
    if not callable(function):
        raise Misfit(f"got {kind_of(function)} where a function was wanted: hand over its name, without brackets")
    result = function(*arguments)
    if result is ... or (isinstance(result, (tuple, list)) and any(part is ... for part in result)):
        raise Unanswered
    if result is None:
        raise Misfit("your function gives back None: is a return missing?")
    return result


def array(value: Any) -> np.ndarray:
    """A tensor, an array, a number or a list of these as a NumPy array.

    Raises:
        Misfit: something else, such as a text or lists of unequal lengths.
    """
    if isinstance(value, (list, tuple)):
        parts = [array(part) for part in value]
        if len({part.shape for part in parts}) > 1:
            raise Misfit("got a list with parts of different shapes where an array was wanted")
        return np.array(parts)
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    result = np.asarray(value)
    if result.dtype.kind not in "biuf":
        raise Misfit(f"got {kind_of(value)} where numbers were wanted")
    return result


def number(value: Any) -> float:
    """A single number, also as a tensor or an array with one entry.

    Raises:
        Misfit: something else.
    """
    result = array(value)
    if result.size != 1:
        raise Misfit(f"got numbers of shape {result.shape} where a single one was wanted")
    return float(result.item())


def plain(value: Any) -> Plain:
    """The value if it is plain data.

    Raises:
        Misfit: it is not, in whole or in part. A subclass is not either: it might claim to equal anything.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        return value
    if type(value) in (list, tuple):
        return [plain(item) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: plain(item) for key, item in value.items()}
    raise Misfit(f"got {kind_of(value)} where a number, a text, an array or a list of these was wanted")


def in_words(exercise_id: str, title: str, points: int, hints: tuple[str, ...], least: int = 15) -> Exercise:
    """An open question, answered in words and read by a person.

    Args:
        exercise_id: such as "1.6".
        title: a few words.
        points: at most.
        hints: what to look at.
        least: fewer words than this are hardly an answer.
    """

    def probe(answer: Any, case: Case) -> Plain:
        if not isinstance(answer, str):
            raise Misfit(f"got {kind_of(answer)} where a text in quotes was wanted")
        text = " ".join(answer.split())
        if not text or text == "YOUR ANSWER HERE":
            raise Unanswered
        return text

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        count = len(str(answers[0]).split())
        if count < least:
            told = "one word" if count == 1 else f"{count} words"
            return Verdict("wrong", f"{told}: too short to judge by. Say why, with numbers.", "too_short")
        return Verdict("for a reader", f"{count} words, kept for your instructor. Compare with a neighbour's.")

    return Exercise(exercise_id, title, points, hints, lambda rng: [{}], probe, judge)


def kind_of(value: Any) -> str:
    """What sort of thing a value is, in words for a message."""
    return {"NoneType": "None", "str": "a text"}.get(type(value).__name__, f"a value of type {type(value).__name__}")


def _in_words(error: Exception) -> str:
    """The error and the innermost of the student's lines that led to it."""
    text = f"{type(error).__name__}: {error}".strip().rstrip(".:")
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f.line for f in frames if f.line and not f.filename.startswith(_NOT_THEIRS)]
    return f"{text}, at `{lines[-1].strip()}`" if lines else text
