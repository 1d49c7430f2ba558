"""Exercise 5.9: how often a channel's top patches come from one class."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, array, call_unchanged
from labkit.exercises.comparing import Explains, Slip, compare, gives
from labkit.exercises.core import Case, Exercise

_ALL_CLASSES, _ALL_PATCHES = 7, 16  # of the lab's photographs, and of each of its channels
#: (C, k) and how many classes there are: among them a single channel, and a single patch of each.
_SHAPES = ((6, 9, 4), (11, 5, 7), (8, 16, 7), (1, 7, 3), (5, 1, 4))


def _cases(rng: np.random.Generator) -> list[Case]:
    """In the first case there is a channel whose patches are all of one class."""
    found = [{"classes": rng.integers(0, several, shape)} for *shape, several in _SHAPES]
    found[0]["classes"][2] = 3
    return found


def _counts(classes: np.ndarray) -> np.ndarray:
    """(rows, classes) how often each class stands in each row."""
    return np.stack([(classes == number).sum(axis=1) for number in range(classes.max() + 1)], axis=1)


def _most(classes: np.ndarray) -> np.ndarray:
    return _counts(classes).max(axis=1)


def _different(classes: np.ndarray) -> np.ndarray:
    return (_counts(classes) > 0).sum(axis=1)


def _shares(classes: np.ndarray) -> np.ndarray:
    return _most(classes) / classes.shape[1]


def _of_one_class(classes: np.ndarray) -> np.ndarray:
    """The share of the class that is the most frequent of all patches together."""
    return np.mean(classes == np.bincount(classes.ravel()).argmax(), axis=1)


def _of(rule: Callable[[np.ndarray], Any]) -> Callable[[Case], Plain]:
    return lambda case: np.asarray(rule(case["classes"]), dtype=float)


def _says(*rules: Callable[[np.ndarray], Any]) -> Explains:
    return gives(*map(_of, rules))


def _for_every_class(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether each channel has several numbers, the largest of which is the wanted share or count."""
    if not all(answer.ndim == 2 and answer.shape[1] > 1 for answer in answers):
        return False
    return _says(_shares, _most)([answer.max(axis=1) for answer in answers], cases)


AGREEMENT = Exercise(
    "5.9",
    "how far a channel's patches agree",
    3,
    (
        "Take one channel, one row of `classes`. How often does each class stand in it, and which count matters?",
        "np.bincount(row) counts how often each number stands in a row; the largest count, divided by how many there "
        "are, is the share.",
        "np.array([np.bincount(row).max() / len(row) for row in classes]).",
    ),
    _cases,
    lambda answer, case: array(call_unchanged(answer, case["classes"])),
    compare(
        _of(_shares),
        [
            Slip(
                "counts",
                "these are counts; wanted shares, from 0 to 1, which do not depend on k.",
                _says(_most),
            ),
            Slip(
                "percent",
                "these are percentages; wanted shares, from 0 to 1.",
                _says(lambda c: 100 * _shares(c)),
            ),
            Slip(
                "first_patch",
                "you count the class of the first patch; the most frequent class may be another.",
                _says(lambda c: np.mean(c == c[:, :1], axis=1), lambda c: np.sum(c == c[:, :1], axis=1)),
            ),
            Slip(
                "different_classes",
                "you count how many different classes there are; wanted how often the most frequent one comes.",
                _says(
                    _different,
                    lambda c: _different(c) / c.shape[1],
                    lambda c: 1 / _different(c),
                    lambda c: 1 - _different(c) / c.shape[1],
                ),
            ),
            Slip(
                "which_class",
                "these are the numbers of the most frequent classes; wanted how large a share each has.",
                _says(lambda c: _counts(c).argmax(axis=1), lambda c: _counts(c).argmax(axis=1) / c.shape[1]),
            ),
            Slip(
                "one_number",
                "this is one number for all channels; wanted one for each, the mean comes later. (A return within a "
                "loop ends it at the first.)",
                lambda answers, cases: all(answer.shape == () for answer in answers),
            ),
            Slip(
                "each_class",
                "these are numbers for every class; wanted the largest of each channel alone.",
                _for_every_class,
            ),
            Slip(
                "other_axis",
                "you compare channels with each other, rank by rank; wanted the patches of each channel, one row.",
                _says(lambda c: _shares(c.T), lambda c: _most(c.T), lambda c: _most(c.T) / c.shape[1]),
            ),
            Slip(
                "one_class_for_all",
                "you count one and the same class in all channels; each channel has its own most frequent class.",
                _says(_of_one_class, lambda c: np.mean(c == 0, axis=1), lambda c: np.mean(c == 1, axis=1)),
            ),
            Slip(
                "divided_by_another",
                "you divide by a number of classes or of channels, or by one that is always the same; wanted by the "
                "number of patches in a row of `classes`.",
                _says(
                    lambda c: _most(c) / _different(c),
                    lambda c: _most(c) / len(np.unique(c)),
                    lambda c: _most(c) / (c.max() + 1),
                    lambda c: _most(c) / _ALL_CLASSES,
                    lambda c: _most(c) / len(c),
                    lambda c: _most(c) / _ALL_PATCHES,
                ),
            ),
            Slip(
                "pairs",
                "this is how often two patches agree; wanted the share of the most frequent class.",
                _says(lambda c: ((_counts(c) / c.shape[1]) ** 2).sum(axis=1)),
            ),
            Slip(
                "disagreement",
                "these are the shares of all other classes together; wanted that of the most frequent.",
                _says(lambda c: 1 - _shares(c)),
            ),
        ],
        "these are not the shares of the most frequent classes.",
    ),
)
