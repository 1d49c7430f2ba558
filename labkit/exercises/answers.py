"""What a probe makes plain data with: calling a student's function, and refusing what is of a wrong kind."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

#: What a probe gives back: None, bool, int, float, str, numeric arrays, and lists and dicts of these.
Plain = Any


class Unanswered(Exception):  # noqa: N818 - no error: most answers begin so
    """The answer is still the stub, or holds a piece of it; a message, if there is one, says which."""


class Misfit(TypeError):  # noqa: N818 - a TypeError by its base
    """The answer is not the kind of thing that was asked for; the message says so to the student."""


_remarks: ContextVar[list[str] | None] = ContextVar("remarks", default=None)


@contextmanager
def remarks_kept() -> Iterator[list[str]]:
    """A list to which all that is remarked within is added."""
    kept: list[str] = []
    token = _remarks.set(kept)
    try:
        yield kept
    finally:
        _remarks.reset(token)


def remark(name: str) -> None:
    """Note of an answer what can be seen only where it runs, such as a tensor that hangs on its graph.

    Where it runs somebody may have taken out this very line, so no points depend on a remark: a right answer stays
    right, and its author is told.

    Args:
        name: one of the exercise's ``remarks``, or of those that all exercises have.
    """
    kept = _remarks.get()
    if kept is not None and name not in kept:
        kept.append(name)


def call(function: Any, *arguments: Any) -> Any:
    """Call a student's function.

    Raises:
        Unanswered: it is a stub, or gives back what a stub gives.
        Misfit: it is no function, or gives nothing back.
    """
    if function is ...:
        raise Unanswered
    if not callable(function):
        raise Misfit(f"got {kind_of(function)} where a function was wanted: hand over its name alone, without brackets")
    result = function(*arguments)
    if result is ... or (isinstance(result, (tuple, list)) and any(part is ... for part in result)):
        raise Unanswered
    if result is None:
        raise Misfit("your function gives back None: is a return missing?")
    return result


def call_unchanged(function: Any, *arguments: Any) -> Any:
    """Call a student's function, and remark if it changes what it was handed.

    Raises:
        Unanswered, Misfit: as ``call``.
    """
    before = copy.deepcopy(arguments)
    # Arrays are handed over as copies: the judge still reads the case, whatever becomes of them.
    handed = [value.copy() if isinstance(value, np.ndarray) else value for value in arguments]
    result = call(function, *handed)
    if not all(_equal(a, b) for a, b in zip(handed, before, strict=True)):
        remark("changes_handed")
    return result


def no_text(value: Any, wanted: str) -> Any:
    """The value unless it is a text, which Python takes for a list of letters.

    Raises:
        Misfit: it is a text; ``wanted`` says what was asked for.
    """
    if isinstance(value, str):
        raise Misfit(f"got one text where {wanted} was wanted")
    return value


def entries(value: Any, wanted: str) -> dict[str, Any]:
    """The entries of a dictionary, none of them still a stub.

    Raises:
        Unanswered: an entry is.
        Misfit: it is no dictionary; ``wanted`` says what was asked for.
    """
    if not isinstance(value, dict):
        raise Misfit(f"got {kind_of(value)} where {wanted} was wanted")
    if any(item is ... for item in value.values()):
        raise Unanswered
    return {str(name): item for name, item in value.items()}


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


def kind_of(value: Any) -> str:
    """What sort of thing a value is, in words for a message."""
    return {"NoneType": "None", "str": "a text"}.get(type(value).__name__, f"a value of type {type(value).__name__}")


def _equal(a: Any, b: Any) -> bool:
    """Whether two values of one type are equal: tensors, arrays and tables entry by entry."""
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)
    if hasattr(a, "detach"):
        return a.shape == b.shape and bool((a == b).all())
    return a.equals(b) if hasattr(a, "equals") else bool(a == b)
