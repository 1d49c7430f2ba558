"""Plain data as JSON and back, for data that come from a process which nobody can trust.

A list stays a list; ``{"dict": {...}}`` is a dictionary, ``{"array": [dtype, shape, base64]}`` an array. Nothing is
evaluated or unpickled, every type is exact, and every size is known before memory is spent on it.
"""

import base64
import json
import math
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain

_DTYPES = {
    np.dtype(name).str: np.dtype(name)
    for name in ("?", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8")
}
_DEEPEST, _MOST_DIMENSIONS, _MOST_PARTS = 20, 16, 1_000_000
_LARGEST_INT = 2**63


class Malformed(ValueError):  # noqa: N818 - a ValueError by its base
    """The text is not what ``encode`` makes; the message says in what."""


def encode(value: Plain) -> str:
    """Plain data as a text of ASCII letters.

    Raises:
        Malformed: it is no plain data, or holds a whole number or an array of more than 64 bits a number.
    """
    return json.dumps(_wrapped(value), separators=(",", ":"))


def decode(text: str, most: int) -> Plain:
    """The plain data in a text.

    Args:
        text: from anywhere.
        most: letters; a longer text is refused unread.

    Raises:
        Malformed: anything is not as ``encode`` makes it, too long, too deep, or of too many parts.
    """
    if len(text) > most:
        raise Malformed(f"got {len(text)} letters, wanted at most {most}")
    if text.count(",") + text.count("[") + text.count("{") > _MOST_PARTS:
        raise Malformed(f"got more than {_MOST_PARTS} parts")
    try:
        return _unwrapped(json.loads(text, object_pairs_hook=_only_entry), 0)
    except (ValueError, RecursionError) as error:  # no JSON, base64 or shape; an int of too many digits
        raise Malformed(str(error)) from error


def _wrapped(value: Plain) -> Any:
    kind = type(value)
    if value is None or kind in (bool, float):
        return value
    if kind is int:
        if not -_LARGEST_INT <= value < _LARGEST_INT:
            raise Malformed("got a whole number of more than 64 bits")
        return value
    if kind is str:
        return value.encode("utf-8", "replace").decode("utf-8")  # half of a pair of surrogates is no letter
    if kind is np.ndarray:
        little = value.dtype.newbyteorder("<")
        if little.str not in _DTYPES:
            raise Malformed(f"got an array of {value.dtype}")
        data = base64.b64encode(np.ascontiguousarray(value, little).tobytes()).decode("ascii")
        return {"array": [little.str, list(value.shape), data]}
    if kind is list:
        return [_wrapped(item) for item in value]
    if kind is dict and all(type(key) is str for key in value):
        return {"dict": {_wrapped(key): _wrapped(item) for key, item in value.items()}}
    raise Malformed(f"got a value of type {kind.__name__}")


def _only_entry(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The entries of a JSON object; a name that stands twice is refused, since readers differ in which one counts."""
    if len({name for name, _ in pairs}) != len(pairs):
        raise Malformed("got one name twice")
    return dict(pairs)


def _unwrapped(value: Any, depth: int) -> Plain:
    if depth > _DEEPEST:
        raise Malformed(f"got more than {_DEEPEST} levels")
    if isinstance(value, list):
        return [_unwrapped(item, depth + 1) for item in value]
    if isinstance(value, str):
        value.encode("utf-8")
        return value
    if isinstance(value, int) and not -_LARGEST_INT <= value < _LARGEST_INT:
        raise Malformed("got a whole number of more than 64 bits")
    if isinstance(value, dict):
        if value.keys() == {"dict"} and isinstance(value["dict"], dict):
            return {_unwrapped(key, depth): _unwrapped(item, depth + 1) for key, item in value["dict"].items()}
        if value.keys() == {"array"}:
            return _array(value["array"])
        raise Malformed("got an object that is neither a dictionary nor an array")
    return value


def _array(parts: Any) -> np.ndarray:
    if not isinstance(parts, list) or [type(part) for part in parts] != [str, list, str]:
        raise Malformed("wanted an array as dtype, shape and base64")
    name, shape, data = parts
    if name not in _DTYPES:
        raise Malformed("got an array of another dtype")
    if len(shape) > _MOST_DIMENSIONS or any(type(size) is not int or not 0 <= size < 2**31 for size in shape):
        raise Malformed("got an array of another shape")
    dtype, content = _DTYPES[name], base64.b64decode(data, validate=True)
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise Malformed("got an array whose numbers do not fill its shape")
    if dtype.kind == "b" and not set(content) <= {0, 1}:
        raise Malformed("got an array of bool with another byte")
    return np.frombuffer(content, dtype).reshape(shape).copy()
