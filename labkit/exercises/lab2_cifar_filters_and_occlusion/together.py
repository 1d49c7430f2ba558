"""Exercise 2.9: mistakes in the occlusion map that often come together."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain
from labkit.exercises.comparing import Explains
from labkit.exercises.core import Case, Verdict
from labkit.exercises.lab2_cifar_filters_and_occlusion import sliding
from labkit.exercises.lab2_cifar_filters_and_occlusion.sliding import drawn, occlusion_map

#: Of each mistake, what it changes in the right steps, and how to tell it.
_MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "edge_left_out": ({"starts": sliding.inside}, "windows over the lower and right edge are missing (exercise 2.8)"),
    "sum": ({"draw": sliding.total}, "drops are added up where their mean was wanted: count the windows of each pixel"),
    "last_window_wins": ({"draw": sliding.last_wins}, "the last window overwrites the others; wanted their mean"),
    "piles_up": ({"pile_up": True}, "the occluder stays where it was: take a fresh copy for every window"),
}
_TOGETHER = (
    ("edge_left_out", "sum", "piles_up"),
    ("edge_left_out", "last_window_wins", "piles_up"),
    ("edge_left_out", "sum"),
    ("edge_left_out", "last_window_wins"),
    ("edge_left_out", "piles_up"),
    ("sum", "piles_up"),
    ("last_window_wins", "piles_up"),
)


def several_at_once(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict | None:
    """The verdict on answers that several of these mistakes explain, and none alone; None if they do not."""
    for names in _TOGETHER:
        if _explain(names)(answers, cases):
            told = "; ".join(_MISTAKES[name][1] for name in names)
            return Verdict("wrong", f"{len(names)} things at once: {told}.", "+".join(names))
    return None


def _explain(names: Sequence[str]) -> Explains:
    changes = {step: change for name in names for step, change in _MISTAKES[name][0].items()}
    means = [{"draw": sliding.mean(fill)} for fill in (np.nan, 0.0)]
    return drawn(*(occlusion_map(**(mean | changes)) for mean in means), untouched=(True, False))
