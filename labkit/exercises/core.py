"""What an exercise is: a probe that turns an answer into plain data, and a judge that looks at that data alone.

The two halves never share more than plain data, so they can run in different processes: the probe beside
the student's code, the judge where the student's code cannot reach. The judge computes what it expects from
the inputs, never from the answer.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

#: What a probe gives back: None, bool, int, float, str, numeric arrays, and lists and dicts of these.
Plain = Any
Case = dict[str, Plain]
State = Literal["right", "wrong", "unanswered", "for a reader"]


class Unanswered(Exception):
    """The answer is still the stub."""


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
class Slip:
    """A mistake that is known by what it leads to.

    Attributes:
        name: such as "no_offset".
        message: to the student, without the answer in it.
        explains: (answers, cases) -> whether this mistake leads to these answers.
    """

    name: str
    message: str
    explains: Callable[[Sequence[Plain], Sequence[Case]], bool]


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
    """The probe's half: plain data, or ``{"raised": ...}`` in words if the answer breaks.

    Raises:
        Unanswered: the answer is still the stub.
    """
    if answer is ...:
        raise Unanswered
    try:
        return plain(exercise.probe(answer, case))
    except Unanswered:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a student's code raises is told to the student
        return {"raised": _in_words(error)}


def judge(exercise: Exercise, answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """The judge's half."""
    raised = [a["raised"] for a in answers if isinstance(a, dict) and "raised" in a]
    if raised:
        return Verdict("wrong", f"your code stopped with {raised[0]}.", "raised")
    return exercise.judge(answers, cases)


def call(function: Any, *arguments: Any) -> Any:
    """Call a student's function.

    Raises:
        Unanswered: it is a stub, or gives back what a stub gives.
        TypeError: it is no function, or gives nothing back.
    """
    if function is ...:
        raise Unanswered
    if not callable(function):
        raise TypeError(f"got {_kind(function)} where a function was wanted: hand over its name, without brackets")
    result = function(*arguments)
    if result is ... or (isinstance(result, tuple) and any(part is ... for part in result)):
        raise Unanswered
    return result


def array(value: Any) -> np.ndarray:
    """A tensor, an array, a number or a list of numbers as a NumPy array.

    Raises:
        TypeError: something else, above all None from a forgotten ``return``.
    """
    if value is None:
        raise TypeError("got None where numbers were wanted: is a return missing?")
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    result = np.asarray(value)
    if result.dtype.kind not in "biuf":
        raise TypeError(f"got {_kind(value)} where numbers were wanted")
    return result


def plain(value: Any) -> Plain:
    """The value if it is plain data.

    Raises:
        TypeError: it is not, in whole or in part.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is np.ndarray and value.dtype.kind in "biuf":
        return value
    if type(value) in (list, tuple):
        return [plain(item) for item in value]
    if type(value) is dict and all(type(key) is str for key in value):
        return {key: plain(item) for key, item in value.items()}
    raise TypeError(f"got {_kind(value)} where a number, a text, an array or a list of these was wanted")


def same(a: Plain, b: Plain, tolerance: float = 1e-4) -> bool:
    """Whether two plain values agree: structure and shapes exactly, numbers within the tolerance."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        a, b = np.asarray(a), np.asarray(b)
        if a.shape != b.shape or a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
            return False
        return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key], tolerance) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(same(x, y, tolerance) for x, y in zip(a, b, strict=True))
    if _is_number(a) and _is_number(b):
        return bool(np.isclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))
    return type(a) is type(b) and a == b


def compare(
    expected: Callable[[Case], Plain],
    slips: Sequence[Slip] = (),
    otherwise: str = "not what was expected.",
    right: str = "",
) -> Callable[[Sequence[Plain], Sequence[Case]], Verdict]:
    """A judge that compares with what it computes itself, and explains a difference by the first slip that fits.

    Args:
        expected: case -> the right plain data.
        slips: known mistakes, the likeliest first.
        otherwise: the message when none fits; it is followed by the first difference.
        right: the message of a right answer.
    """

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        wanted = [plain(expected(case)) for case in cases]
        if all(same(got, want) for got, want in zip(answers, wanted, strict=True)):
            return Verdict("right", right)
        for slip in slips:
            if slip.explains(answers, cases):
                return Verdict("wrong", slip.message, slip.name)
        different = next(
            (got, want) for got, want in zip(answers, wanted, strict=True) if not same(got, want)
        )
        return Verdict("wrong", f"{otherwise} {difference(*different)}", "other")

    return judge


def gives(wrong: Callable[[Case], Plain]) -> Callable[[Sequence[Plain], Sequence[Case]], bool]:
    """For a slip: the mistake as a function; it explains answers that are all what the mistake gives."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        return all(same(got, plain(wrong(case))) for got, case in zip(answers, cases, strict=True))

    return explains


def difference(got: Plain, want: Plain) -> str:
    """In what two plain values differ, told by shape and kind and never by the wanted values."""
    if isinstance(want, np.ndarray) and isinstance(got, np.ndarray):
        if got.shape != want.shape:
            return f"Got shape {got.shape}, wanted {want.shape}."
        share = np.mean(~np.isclose(got, want, rtol=1e-4, atol=1e-4))
        return f"The shape {got.shape} is right, but {share:.0%} of the values are not."
    if isinstance(want, dict) and isinstance(got, dict):
        if got.keys() != want.keys():
            return f"Got the entries {sorted(got)}, wanted {sorted(want)}."
        key = next(key for key in want if not same(got[key], want[key]))
        return f"In {key!r}: {difference(got[key], want[key])}"
    if isinstance(want, list) and isinstance(got, list):
        if len(got) != len(want):
            return f"Got {len(got)} entries, wanted {len(want)}."
        place = next(i for i, (x, y) in enumerate(zip(got, want, strict=True)) if not same(x, y))
        return f"Entry {place} differs: {difference(got[place], want[place])}"
    if _is_number(want) and _is_number(got):
        return f"Got {got:.4g}, which is too {'small' if got < want else 'large'}."
    if type(want) is not type(got):
        return f"Got {_kind(got)}, wanted {_kind(want)}."
    return f"Got {got!r}."


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
            raise TypeError(f"got {_kind(answer)} where a text in quotes was wanted")
        text = " ".join(answer.split())
        if not text or text == "YOUR ANSWER HERE":
            raise Unanswered
        return text

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        count = len(answers[0].split())
        if count < least:
            return Verdict("wrong", f"{count} words are too few to judge by: say why, with numbers.", "too_short")
        return Verdict("for a reader", f"{count} words, kept for your instructor. Compare with a neighbour's.")

    return Exercise(exercise_id, title, points, hints, lambda rng: [{}], probe, judge)


def _is_number(value: Plain) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _kind(value: Any) -> str:
    return {"NoneType": "None", "str": "a text"}.get(type(value).__name__, f"a value of type {type(value).__name__}")


def _in_words(error: Exception) -> str:
    """The error and the student's line it came from; the frames of this file are left out."""
    text = f"{type(error).__name__}: {error}".strip().rstrip(".:")
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "labkit" not in f.filename and f.line]
    return f"{text}, at `{frames[0].line.strip()}`" if frames and frames[0].line else text
