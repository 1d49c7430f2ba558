"""Exercises 2.10 and 2.11: how well a map and a mask fall together."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, call_unchanged, number
from labkit.exercises.comparing import Explains, Slip, compare, same
from labkit.exercises.core import Case, Exercise


def _measured(answer: Any, *arrays: np.ndarray) -> float:
    """What the answer makes of copies of these; a division by 0 as a number that is none."""
    import torch

    try:
        return number(call_unchanged(answer, *(torch.from_numpy(a.copy()) for a in arrays)))
    except ZeroDivisionError as error:
        raise Misfit("you divide by 0 where there is nothing to divide; wanted 0 there") from error


def _where(matters: Callable[[Case], bool], *wrongs: Callable[[Case], Any]) -> Explains:
    """``gives`` for the cases that matter: a wrong formula may say anything where there is nothing to measure."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        pairs = [(answer, case) for answer, case in zip(answers, cases, strict=True) if matters(case)]
        return any(all(same(answer, float(wrong(case))) for answer, case in pairs) for wrong in wrongs)

    return explains


# 2.10 energy inside the mask


def _energy_cases(rng: np.random.Generator) -> list[Case]:
    shapes = [(5, 7), (6, 6), (4, 9)]
    cases = [{"map": rng.normal(0.3, 1.0, shape), "mask": rng.uniform(size=shape) < 0.4} for shape in shapes]
    for case in cases:  # neither mask nor its rest is ever empty or without positive mass
        case["mask"][0, :2], case["map"][0, :2] = (True, False), (1.0, 2.0)
    mask = cases[1]["mask"]
    return [*cases, {"map": -rng.uniform(0.1, 1, mask.shape), "mask": mask}, {"map": np.zeros((6, 6)), "mask": mask}]


def _has_mass(case: Case) -> bool:
    return bool((case["map"] > 0).any())


def _energy(case: Case) -> float:
    positive = np.maximum(case["map"], 0.0)
    return float(positive[case["mask"]].sum() / positive.sum()) if _has_mass(case) else 0.0


def _positive(case: Case, inside: bool = True) -> np.ndarray:
    return np.maximum(case["map"], 0.0)[case["mask"] if inside else ~case["mask"]]


ENERGY_INSIDE = Exercise(
    "2.10",
    "energy inside the mask",
    2,
    (
        "Only what lowers the score when hidden counts: what is to become of the numbers below 0?",
        "Of all that is left: how much lies where the mask is True? map[mask] takes just those pixels.",
        "positive = map.clamp(min=0); positive[mask].sum() / positive.sum(), and 0 if that sum is 0.",
    ),
    _energy_cases,
    lambda answer, case: _measured(answer, case["map"], case["mask"]),
    compare(
        _energy,
        [
            Slip(
                "zero_mass",
                "a map with nothing above 0 has no mass to share out: wanted 0 there.",
                lambda answers, cases: (
                    _where(_has_mass, _energy)(answers, cases)
                    and not _where(lambda case: not _has_mass(case), _energy)(answers, cases)
                ),
            ),
            Slip(
                "negatives_counted",
                "what is below 0 takes away from the sum: cut it to 0 first.",
                _where(
                    _has_mass,
                    lambda case: case["map"][case["mask"]].sum() / case["map"].sum(),
                    lambda case: case["map"][case["mask"]].sum() / _positive(case | {"mask": case["map"] > 0}).sum(),
                    lambda case: _positive(case).sum() / case["map"].sum(),
                ),
            ),
            Slip(
                "by_size",
                "what is below 0 is counted by its size; it speaks against the class. Cut it to 0.",
                _where(_has_mass, lambda case: np.abs(case["map"])[case["mask"]].sum() / np.abs(case["map"]).sum()),
            ),
            Slip(
                "means",
                "you divide means, so the mask's size drops out; wanted the sum inside over the sum of all.",
                _where(
                    _has_mass,
                    lambda case: _positive(case).mean() / np.maximum(case["map"], 0).mean(),
                    lambda case: _positive(case).mean() / (_positive(case).mean() + _positive(case, False).mean()),
                ),
            ),
            Slip(
                "not_divided",
                "this is the mass inside, not its share of all mass.",
                _where(_has_mass, lambda case: _positive(case).sum(), lambda case: _positive(case).mean()),
            ),
            Slip(
                "outside",
                "this is the share outside the mask.",
                _where(_has_mass, lambda case: 1 - _energy(case)),
            ),
            Slip(
                "inside_over_outside",
                "you divide by the mass outside; wanted by all mass, inside and outside.",
                _where(_has_mass, lambda case: _positive(case).sum() / _positive(case, False).sum()),
            ),
            Slip(
                "counts_pixels",
                "you count pixels; wanted how much they weigh.",
                _where(
                    _has_mass,
                    lambda case: np.mean(case["mask"][case["map"] > 0]),
                    lambda case: np.mean(case["map"][case["mask"]] > 0),
                    lambda case: np.mean(case["mask"]),
                ),
            ),
        ],
        "the share is not what was expected.",
    ),
)

# 2.11 intersection over union


def _iou_cases(rng: np.random.Generator) -> list[Case]:
    drawn = (((5, 7), 0.6, 0.3), ((9, 6), 0.2, 0.6), ((9, 4), 0.4, 0.4))
    pairs = [(rng.uniform(size=shape) < some, rng.uniform(size=shape) < others) for shape, some, others in drawn]
    for predicted, true in pairs:
        predicted[0, :4], true[0, :4] = (True, True, True, False), (True, False, False, True)
    empty = np.zeros((4, 4), dtype=bool)
    half = np.arange(16).reshape(4, 4) < 8
    pairs += [(half, half), (half, ~half), (half, empty), (empty, empty)]
    return [{"predicted": predicted, "true": true} for predicted, true in pairs]


def _either(case: Case) -> int:
    return int((case["predicted"] | case["true"]).sum())


def _both(case: Case) -> int:
    return int((case["predicted"] & case["true"]).sum())


def _iou(case: Case) -> float:
    return _both(case) / _either(case) if _either(case) else 0.0


def _both_over(size: Callable[[int, int], float]) -> Explains:
    """What both masks hold, divided by something made of their sizes; judged where neither is empty."""
    return _where(
        lambda case: case["predicted"].any() and case["true"].any(),
        lambda case: _both(case) / size(int(case["predicted"].sum()), int(case["true"].sum())),
    )


IOU = Exercise(
    "2.11",
    "intersection over union",
    2,
    (
        "How many pixels are in both masks, and how many in at least one of them?",
        "For masks of bool, a & b is True where both are, a | b where at least one is.",
        "(predicted & true).sum() / (predicted | true).sum(); and what if both are empty?",
    ),
    _iou_cases,
    lambda answer, case: _measured(answer, case["predicted"], case["true"]),
    compare(
        _iou,
        [
            Slip(
                "both_empty",
                "two empty masks share nothing: wanted 0 there.",
                lambda answers, cases: (
                    _where(lambda case: bool(_either(case)), _iou)(answers, cases)
                    and not _where(lambda case: not _either(case), _iou)(answers, cases)
                ),
            ),
            Slip(
                "over_true",
                "you divide by the true mask, so a prediction of the whole image is perfect; wanted the union.",
                _both_over(lambda predicted, true: true),
            ),
            Slip(
                "over_predicted",
                "you divide by the predicted mask, so a single pixel can be perfect; wanted the union.",
                _both_over(lambda predicted, true: predicted),
            ),
            Slip(
                "dice",
                "you divide by both sizes added, where a shared pixel counts twice; wanted the union.",
                _both_over(lambda predicted, true: predicted + true),
            ),
            Slip(
                "dice_doubled",
                "this is Dice's measure, which counts a shared pixel twice above and below; wanted the union below, "
                "each pixel once.",
                _both_over(lambda predicted, true: (predicted + true) / 2),
            ),
            Slip(
                "accuracy",
                "this is the share of pixels on which both agree, so an empty background is rewarded; wanted the "
                "intersection over the union.",
                _where(lambda case: True, lambda case: np.mean(case["predicted"] == case["true"])),
            ),
            Slip(
                "over_image",
                "you divide by all pixels of the image; wanted by those in at least one mask.",
                _where(lambda case: True, lambda case: np.mean(case["predicted"] & case["true"])),
            ),
            Slip(
                "count",
                "this is how many pixels both masks share; wanted a share in [0, 1].",
                _both_over(lambda predicted, true: 1),
            ),
            Slip(
                "distance",
                "this is 1 for masks that share nothing; wanted 1 for equal masks.",
                _where(lambda case: bool(_either(case)), lambda case: 1 - _iou(case)),
            ),
        ],
        "the overlap is not what was expected.",
    ),
)
