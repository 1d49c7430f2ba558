"""Exercise 3.12: the total variation of an image, a measure of its noise."""

from collections.abc import Callable

import numpy as np

from labkit.exercises.answers import Plain, array, call_unchanged
from labkit.exercises.comparing import Explains, Slip, compare, gives
from labkit.exercises.core import Case, Exercise


def _cases(rng: np.random.Generator) -> list[Case]:
    return [{"images": rng.normal(size=(count, 1, h, w))} for count, h, w in ((3, 5, 7), (2, 8, 4), (4, 6, 6))]


def _probe(answer: object, case: Case) -> Plain:
    import torch

    return array(call_unchanged(answer, torch.from_numpy(case["images"].copy())))


def _steps(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """From each pixel to its neighbour below, and to that on the right."""
    return np.diff(case["images"], axis=2), np.diff(case["images"], axis=3)


def _mean(values: np.ndarray) -> np.ndarray:
    return values.mean(axis=(1, 2, 3))


def _total(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=(1, 2, 3))


def _variation(
    size: Callable[[np.ndarray], np.ndarray] = np.abs,
    gather: Callable[[np.ndarray], np.ndarray] = _mean,
    directions: slice = np.s_[:],
) -> Callable[[Case], np.ndarray]:
    return lambda case: np.sum([gather(size(steps)) for steps in _steps(case)[directions]], axis=0)


def _wrapped(case: Case) -> np.ndarray:
    images = case["images"]
    return sum((_mean(np.abs(images - np.roll(images, 1, axis))) for axis in (2, 3)), np.zeros(len(images)))


def _pooled(case: Case) -> np.ndarray:
    """One mean over the steps of both directions."""
    flat = [np.abs(steps).reshape(len(steps), -1) for steps in _steps(case)]
    return np.concatenate(flat, axis=1).mean(axis=1)


def _over_batch(answers: list[Plain], cases: list[Case]) -> bool:
    forms = [lambda case: float(_variation()(case).mean()), lambda case: float(_variation()(case).sum())]
    return any(
        all(
            np.size(answer) == 1 and np.isclose(answer, form(case)).all()
            for answer, case in zip(answers, cases, strict=True)
        )
        for form in forms
    )


def _of(*forms: Callable[[Case], np.ndarray]) -> Explains:
    return gives(*forms)


TOTAL_VARIATION = Exercise(
    "3.12",
    "total variation",
    2,
    (
        "How far is each pixel from its neighbour below, and from its neighbour on the right? How many such pairs are "
        "there in a column of H pixels?",
        "Two slices of the same image, shifted by one row, and their difference: images[:, :, 1:] - images[:, :, :-1].",
        "(...).abs().mean(dim=(1, 2, 3)) of the differences down, the same for the differences across (along the last "
        "dimension), and the sum of both.",
    ),
    _cases,
    _probe,
    compare(
        _variation(),
        [
            Slip(
                "over_batch",
                "this is one number for the whole batch; wanted one for each image.",
                lambda answers, cases: _over_batch(list(answers), list(cases)),
            ),
            Slip(
                "squared",
                "you square the differences, so edges cost far more than they should; wanted their size.",
                _of(_variation(np.square)),
            ),
            Slip(
                "signed",
                "your differences keep their sign, so up and down cancel; wanted their size.",
                _of(
                    _variation(lambda steps: steps),
                    _variation(lambda steps: -steps),
                    lambda case: np.abs(_variation(lambda steps: steps)(case)),
                    _variation(gather=lambda steps: np.abs(_mean(steps)), size=lambda steps: steps),
                ),
            ),
            Slip(
                "one_direction",
                "only one direction is there; wanted the differences down and those across.",
                _of(
                    _variation(directions=np.s_[:1]),
                    _variation(directions=np.s_[1:]),
                    lambda case: 2 * _variation(directions=np.s_[:1])(case),
                    lambda case: 2 * _variation(directions=np.s_[1:])(case),
                ),
            ),
            Slip(
                "along_channels",
                "your slices cut along the channels, of which there is one, so nothing is left to take a mean of: "
                "[:, 1:] cuts axis 1; the rows are axis 2, and the columns axis 3.",
                lambda answers, cases: all(np.isnan(answer).all() for answer in answers),
            ),
            Slip(
                "wraps_around",
                "the last row is compared with the first, as if the image were a ring: roll goes round, slices do not.",
                _of(_wrapped),
            ),
            Slip("sum", "these are sums, which grow with the image; wanted means.", _of(_variation(gather=_total))),
            Slip(
                "over_pixels",
                "you divide by the number of pixels; in a column of H there are only H - 1 differences.",
                _of(lambda case: _variation(gather=_total)(case) / case["images"][0].size),
            ),
            Slip(
                "halved",
                "you take the mean of the two directions, or of all differences together; wanted the mean of each, "
                "added.",
                _of(_pooled, lambda case: _variation()(case) / 2),
            ),
        ],
        "these are not the total variations.",
    ),
)
