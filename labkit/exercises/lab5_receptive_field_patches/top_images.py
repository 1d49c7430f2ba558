"""Exercise 5.4: the images that excite each channel most, the best first."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call_unchanged
from labkit.exercises.comparing import Explains, Slip, compare, gives, read, same, whole
from labkit.exercises.core import Case, Exercise, Verdict

# (N, C, k): among them a single image, and all images.
_SHAPES = ((9, 4, 3), (12, 7, 5), (7, 3, 1), (6, 4, 6), (10, 4, 4), (8, 3, 3))
_ALL_NEGATIVE, _TIED = 4, 5

#: (N, C) values and k -> the numbers of images, (k, C) if they are right.
Ranking: TypeAlias = Callable[[np.ndarray, int], np.ndarray]


def _cases(rng: np.random.Generator) -> list[Case]:
    """In one case all values are negative; in the last, images 1 and 4 share the largest value of each channel."""
    found: list[Case] = []
    for place, (n, channels, k) in enumerate(_SHAPES):
        size = n * channels
        zero = size if place == _ALL_NEGATIVE else int(0.6 * size)
        found.append({"values": ((rng.permutation(size) - zero - 0.3) / 7).reshape(n, channels), "k": k})
    tied = found[_TIED]["values"]
    tied[[1, 4]] = tied.max(axis=0) + 0.5
    return found


def _probe(answer: Any, case: Case) -> Plain:
    found = call_unchanged(answer, case["values"], case["k"])
    if isinstance(found, tuple) and len(found) == 2:
        raise Misfit("got two things where the numbers of the images alone were wanted: leave the values out")
    return {"indices": array(found)}


def _falling(values: np.ndarray, axis: int = 0) -> np.ndarray:
    """The numbers of all, the largest first."""
    return np.argsort(-values, axis=axis, kind="stable")


def _best(values: np.ndarray, k: int) -> np.ndarray:
    return _falling(values)[:k]


def _says(numbers: Ranking, whole: bool = True) -> Callable[[Case], Plain]:
    return lambda case: {"indices": numbers(case["values"], case["k"]), "whole": whole}


def _values_at(answer: Plain, case: Case, turned: bool = False) -> np.ndarray | None:
    """The values of the images that the answer names, or None if it names none for each channel."""
    indices = answer["indices"].T if turned else answer["indices"]
    values = case["values"]
    if answer.get("whole") is not True or indices.dtype.kind not in "iu" or indices.ndim != 2:
        return None
    if indices.shape[1] != values.shape[1] or np.any((indices < 0) | (indices >= len(values))):
        return None
    return np.take_along_axis(values, indices, axis=0)


def _picks(*rankings: Ranking, turned: bool = False, in_order: bool = True) -> Explains:
    """For a slip: the values of the images are those of such a ranking, so that equal values may change places."""

    def fits(answer: Plain, case: Case, ranking: Ranking) -> bool:
        got = _values_at(answer, case, turned)
        wanted = np.take_along_axis(case["values"], ranking(case["values"], case["k"]), axis=0)
        if got is None or got.shape != wanted.shape:
            return False
        return same(got, wanted) if in_order else same(np.sort(got, axis=0), np.sort(wanted, axis=0))

    return lambda answers, cases: any(
        all(fits(answer, case, ranking) for answer, case in zip(answers, cases, strict=True)) for ranking in rankings
    )


def _numbers(*rankings: Ranking) -> Explains:
    """For a slip: the answers themselves are what such a ranking gives."""
    return gives(*(_says(ranking) for ranking in rankings))


def _repeats(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return any(
        _values_at(answer, case) is not None and any(len(set(column)) < len(column) for column in answer["indices"].T)
        for answer, case in zip(answers, cases, strict=True)
    )


def _one_list(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(answer["indices"].shape == (case["k"],) for answer, case in zip(answers, cases, strict=True))


def _among_the_best(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether each channel has the numbers below k, in any order."""
    return all(
        answer["indices"].shape == (case["k"], case["values"].shape[1])
        and bool(np.all(np.sort(answer["indices"], axis=0) == np.arange(case["k"])[:, None]))
        for answer, case in zip(answers, cases, strict=True)
    )


_SLIPS = (
    Slip(
        "values",
        "these are the values themselves; wanted the numbers of the images that have them.",
        gives(
            _says(lambda v, k: np.sort(v, axis=0)[::-1][:k], whole=False),
            _says(lambda v, k: np.sort(v, axis=0)[::-1][:k].T, whole=False),
            _says(lambda v, k: np.sort(v, axis=0)[-k:], whole=False),
            _says(lambda v, k: np.sort(-v, axis=0)[:k], whole=False),
        ),
    ),
    Slip(
        "broken_numbers",
        "the numbers are floats; indexing takes whole numbers.",
        gives(_says(_best, whole=False)),
    ),
    Slip(
        "over_channels",
        "you rank the channels of each image; wanted the images of each channel: the other axis. (NumPy takes the last "
        "axis unless told.)",
        _numbers(
            lambda v, k: _falling(v, axis=1)[:, :k],
            lambda v, k: _falling(v, axis=1)[:, :k].T,
            lambda v, k: _falling(v, axis=1)[:k],
            lambda v, k: np.argsort(v, axis=1)[:, -k:],
            lambda v, k: np.argsort(v, axis=1)[:, -k:].T,
            lambda v, k: np.argsort(v, axis=1)[-k:],
            lambda v, k: np.argsort(v, axis=1)[::-1][:k],
        ),
    ),
    Slip(
        "one_list",
        "you make one list for all channels together; wanted one for each channel.",
        _one_list,
    ),
    Slip("transposed", "channels and ranks stand in each other's place; wanted (k, C).", _picks(_best, turned=True)),
    Slip(
        "picked_for_all",
        "you have too many dimensions: indexing with an array of numbers picks whole rows, once for each of them. "
        "np.take_along_axis picks for each channel in its own column.",
        lambda answers, cases: all(answer["indices"].ndim > 2 for answer in answers),
    ),
    Slip(
        "numbers_among_the_best",
        "your numbers count among the k best, from 0 to k - 1; wanted the numbers of the images. The order tells which "
        "of the numbers that you found before comes first: apply it to them.",
        _among_the_best,
    ),
    Slip("twice", "the same image stands twice in the list of a channel.", _repeats),
    Slip(
        "rising_order",
        "the right images, but the largest must come first.",
        _picks(lambda v, k: _best(v, k)[::-1]),
    ),
    Slip(
        "unsorted",
        "the right images, but not from the largest to the smallest. np.argpartition only promises that the k are the "
        "right ones: sort them afterwards.",
        _picks(_best, in_order=False),
    ),
    Slip(
        "smallest",
        "these are the images with the smallest values, not the largest.",
        _picks(lambda v, k: _falling(v)[-k:], in_order=False),
    ),
    Slip(
        "by_size",
        "you go by the size without the sign, so a strongly negative value wins; wanted the largest.",
        _picks(lambda v, k: _best(np.abs(v), k), in_order=False),
    ),
    Slip(
        "one_rank_off",
        "you are off by one: the best image is missing, or the number of images is not k.",
        _picks(
            lambda v, k: _falling(v)[1 : k + 1],
            lambda v, k: _falling(v)[: k + 1],
            lambda v, k: _falling(v)[: k - 1],
            in_order=False,
        ),
    ),
    Slip(
        "all_images",
        "these are all images; wanted the k best of each channel, as many as the argument `k` says.",
        _picks(lambda v, k: _falling(v), in_order=False),
    ),
)


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """Images with equal values may come in any order: then there is more than one right answer."""
    answers = read(whole("indices"), answers, cases)
    compared = compare(_says(_best), _SLIPS, "these are not the images with the k largest values.")
    return compared([_in_our_order(answer, case) for answer, case in zip(answers, cases, strict=True)], cases)


def _in_our_order(answer: Plain, case: Case) -> Plain:
    """Our numbers in place of others that are as good."""
    well_formed = isinstance(answer, dict) and isinstance(answer.get("indices"), np.ndarray)
    if well_formed and _picks(_best)([answer], [case]) and not _repeats([answer], [case]):
        return _says(_best)(case)
    return answer


TOP_IMAGES = Exercise(
    "5.4",
    "the k best images",
    3,
    (
        "Each channel has a column of its own, with one row for each image. Along which axis do you rank?",
        "np.argsort sorts upwards, so the largest stand last; np.argsort(-values, axis=0) has them first.",
        "np.argsort(-values, axis=0)[:k] has the shape (k, C). With np.argpartition, sort the k that it finds once "
        "more, by their values (np.take_along_axis).",
    ),
    _cases,
    _probe,
    _judge,
)
