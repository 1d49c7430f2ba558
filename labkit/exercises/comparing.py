"""A judge that compares: what is the same, which known mistake explains a difference, and how to tell it.

What is expected is computed from the inputs alone, and no message gives it away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from labkit.exercises.answers import Plain, kind_of, plain
from labkit.exercises.core import Case, Judge, Verdict

#: Whether a mistake leads to these answers to these cases.
Explains: TypeAlias = Callable[[Sequence[Plain], Sequence[Case]], bool]
#: (answer, case) -> the entries of the answer as they are compared. What can be told from data is told by the judge: a
#: probe that only said so could be made to say anything.
Reading: TypeAlias = Callable[[dict[str, Plain], Case], dict[str, Plain]]


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
    explains: Explains


def same(a: Plain, b: Plain, tolerance: float = 1e-4) -> bool:
    """Whether two plain values agree: structure and shapes exactly, numbers within the tolerance."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and bool(np.allclose(a, b, rtol=tolerance, atol=tolerance, equal_nan=True))
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
    reading: Reading = lambda answer, case: answer,
) -> Judge:
    """A judge that compares with what it computes itself; the first slip that fits explains a difference.

    Args:
        expected: case -> the right plain data.
        slips: known mistakes, the likeliest first.
        otherwise: the message when none fits; it is followed by the first difference.
        right: the message of a right answer.
        reading: what is done with an answer's entries before they are compared.
    """

    def judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
        answers = read(reading, answers, cases)
        wanted = [plain(expected(case)) for case in cases]
        if all(same(got, want) for got, want in zip(answers, wanted, strict=True)):
            return Verdict("right", right)
        different = next((got, want) for got, want in zip(answers, wanted, strict=True) if not same(got, want))
        # A slip may rely on the form of the answers: the kind, and a dict's entries.
        if all(_form(got) == _form(want) for got, want in zip(answers, wanted, strict=True)):
            for slip in slips:
                if _explains(slip, answers, cases):
                    return Verdict("wrong", slip.message, slip.name)
        return Verdict("wrong", f"{otherwise} {difference(*different)}", "other")

    return judge


def _explains(slip: Slip, answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether a slip explains answers of the right form; what its arithmetic cannot even be done with, it does not.

    Arrays of the right form may still have any shape and type, and numbers may be nan.
    """
    try:
        return slip.explains(answers, cases)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return False


def gives(*wrongs: Callable[[Case], Plain]) -> Explains:
    """For a slip: the mistake as a function, or several forms of it.

    It explains answers that are all what one of the forms gives.
    """

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        pairs = list(zip(answers, cases, strict=True))
        return any(all(same(got, plain(wrong(case))) for got, case in pairs) for wrong in wrongs)

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
            return f"Got the entries {_shortened(str(sorted(got)))}, wanted {sorted(want)}."
        key = next(key for key in want if not same(got[key], want[key]))
        return f"In {key!r}: {difference(got[key], want[key])}"
    if isinstance(want, list) and isinstance(got, list):
        if len(got) != len(want):
            return f"Got {len(got)} entries, wanted {len(want)}."
        place = next(i for i, (x, y) in enumerate(zip(got, want, strict=True)) if not same(x, y))
        return f"Entry {place} differs: {difference(got[place], want[place])}"
    if _is_number(want) and _is_number(got):
        if np.isnan(got):
            return "Got nan, which is no number."
        return f"Got {got:.4g}, which is too {'small' if got < want else 'large'}."
    if type(want) is not type(got):
        return f"Got {kind_of(got)}, wanted {kind_of(want)}."
    return f"Got {_shortened(repr(got))}."


def _shortened(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[:most]} ..."


def _is_number(value: Plain) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _form(value: Plain) -> Any:
    if isinstance(value, dict):
        return {key: _form(item) for key, item in value.items()}
    return "number" if _is_number(value) else type(value)


def read(reading: Reading, answers: Sequence[Plain], cases: Sequence[Case]) -> list[Plain]:
    """The answers as they are compared; one without entries stays what it is."""
    pairs = zip(answers, cases, strict=True)
    return [reading(answer, case) if isinstance(answer, dict) else answer for answer, case in pairs]


def whole(*entries: str) -> Reading:
    """One more entry, "whole": whether these are arrays of whole numbers."""
    return lambda answer, case: answer | {"whole": all(_is_whole(answer.get(name)) for name in entries)}


def as_it_was(entry: str, of_case: str, told: str) -> Reading:
    """In place of what an argument was after the call, ``told``: whether it is still what the case holds."""

    def read(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
        others = {name: value for name, value in answer.items() if name != entry}
        after = answer.get(entry)
        return others | {told: isinstance(after, np.ndarray) and np.array_equal(after, case[of_case])}

    return read


def _is_whole(value: Plain) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "iu"


def in_part(*wrongs: Callable[[Case], dict[str, Plain]]) -> Explains:
    """For a slip: answers that agree with one of these forms in all the entries that the form names."""
    return lambda answers, cases: any(
        all(
            same(answer[name], value)
            for answer, case in zip(answers, cases, strict=True)
            for name, value in wrong(case).items()
        )
        for wrong in wrongs
    )
