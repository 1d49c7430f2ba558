"""Answers that are a few numbers, each with a name: read, and compared one by one."""

from collections.abc import Callable
from typing import Any

from labkit.exercises.answers import Plain, entries, number
from labkit.exercises.comparing import Explains
from labkit.exercises.core import Case


def numbers_of(wanted: str) -> Callable[[Any, Case], Plain]:
    """A probe that reads a dictionary of numbers; ``wanted`` says in its message what was asked for."""
    return lambda answer, case: {name: number(value) for name, value in entries(answer, wanted).items()}


def says(entry: str, *wrongs: float) -> Explains:
    """For a slip: this entry is one of these numbers."""
    return lambda answers, cases: answers[0][entry] in wrongs
