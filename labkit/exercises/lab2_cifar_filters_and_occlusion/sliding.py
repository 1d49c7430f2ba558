"""The occlusion map of a small formula, window by window: the right steps, and those that go wrong.

Where do windows start, what does each of them say, and how is the map drawn from that? Each question has one right
answer, which is the default of ``occlusion_map``, and wrong ones, which students give.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, array
from labkit.exercises.comparing import Explains, gives
from labkit.exercises.core import Case
from labkit.exercises.lab2_cifar_filters_and_occlusion.window_count import windows_needed

#: (size, window, stride) -> the first pixels of the windows along a side.
Starts = Callable[[int, int, int], Sequence[int]]
#: (score of the whole image, score of the occluded image) -> what the window says.
Says = Callable[[float, float], float]
#: (height, width) -> the lengths that rows and columns of windows are counted for.
Sides = Callable[[int, int], tuple[int, int]]
#: (what the windows say, their rows, their columns, size of the image) -> the map.
Draw = Callable[[np.ndarray, list[slice], list[slice], tuple[int, int]], np.ndarray]


def score(formula: str, images: Any, weights: Any) -> Any:
    """(N,) what the formula makes of images (N, C, H, W), arrays or tensors: "linear" or "squared"."""
    linear = (images * weights).sum((1, 2, 3))
    return linear if formula == "linear" else linear**2 + linear


# Where windows start


def needed(size: int, window: int, stride: int) -> Sequence[int]:
    """The right way: up to the first that reaches the edge."""
    return [i * stride for i in range(windows_needed(size, window, stride))]


def everywhere(size: int, window: int, stride: int) -> Sequence[int]:
    """Also where another has reached the edge already."""
    return range(0, size, stride)


def inside(size: int, window: int, stride: int) -> Sequence[int]:
    """None that overhangs."""
    return range(0, size - window + 1, stride)


def inside_but_last(size: int, window: int, stride: int) -> Sequence[int]:
    """None that overhangs or touches the edge."""
    return range(0, size - window, stride)


def moved_in(size: int, window: int, stride: int) -> Sequence[int]:
    """The one that would overhang is moved back."""
    return [min(start, size - window) for start in needed(size, window, stride)]


def centred(starts: Starts) -> Starts:
    """The starts taken for the windows' centres."""
    return lambda size, window, stride: [start - window // 2 for start in starts(size, window, stride)]


# How the map is drawn


def mean(fill: float = np.nan) -> Draw:
    """The right way: for each pixel the mean of the windows that cover it; ``fill`` where none does."""

    def draw(said: np.ndarray, rows: list[slice], columns: list[slice], size: tuple[int, int]) -> np.ndarray:
        sums, covers = (total(values, rows, columns, size) for values in (said, np.ones_like(said)))
        return np.where(covers > 0, sums / np.maximum(covers, 1), fill)

    return draw


def total(said: np.ndarray, rows: list[slice], columns: list[slice], size: tuple[int, int]) -> np.ndarray:
    """The sum in the mean's place."""
    drawn = np.zeros(size)
    for i, j in np.ndindex(*said.shape):
        drawn[rows[i], columns[j]] += said[i, j]
    return drawn


def last_wins(said: np.ndarray, rows: list[slice], columns: list[slice], size: tuple[int, int]) -> np.ndarray:
    """Each window overwrites those before it."""
    drawn = np.zeros(size)
    for i, j in np.ndindex(*said.shape):
        drawn[rows[i], columns[j]] = said[i, j]
    return drawn


def grid(said: np.ndarray, rows: list[slice], columns: list[slice], size: tuple[int, int]) -> np.ndarray:
    """One number for each window."""
    return said


def stretched(**how: Any) -> Draw:
    """The grid enlarged to the image's size, as the original course did it."""

    def draw(said: np.ndarray, rows: list[slice], columns: list[slice], size: tuple[int, int]) -> np.ndarray:
        import torch

        return array(torch.nn.functional.interpolate(torch.from_numpy(said)[None, None], size, **how)[0, 0])

    return draw


_MEAN = mean()


def occlusion_map(
    starts: Starts = needed,
    says: Says = np.subtract,
    draw: Draw = _MEAN,
    sides: Sides = lambda height, width: (height, width),
    baseline: float | None = None,
    pile_up: bool = False,
) -> Callable[[Case], np.ndarray]:
    """Case -> map (H, W), by these steps.

    Args:
        starts: where windows start.
        says: what a window says, of two scores.
        draw: the map of what all of them say.
        sides: which lengths their starts are counted for.
        baseline: what a window is filled with; None takes the case's.
        pile_up: whether the windows before stay hidden.
    """

    def run(case: Case) -> np.ndarray:
        image, (_, height, width) = case["image"], case["image"].shape
        rows, columns = (
            [slice(max(start, 0), start + case["window"]) for start in starts(side, case["window"], case["stride"])]
            for side in sides(height, width)
        )
        occluded = image.copy()
        said = np.zeros((len(rows), len(columns)))
        for i, j in np.ndindex(*said.shape):
            occluded = occluded if pile_up else image.copy()
            occluded[:, rows[i], columns[j]] = case["baseline"] if baseline is None else baseline
            said[i, j] = says(*score(case["formula"], np.stack([image, occluded]), case["weights"]).tolist())
        return draw(said, rows, columns, (height, width))

    return run


def drawn(*maps: Callable[[Case], np.ndarray], untouched: tuple[bool, ...] = (True,)) -> Explains:
    """Answers that are one of these maps, with an image that is left as it was, or not."""

    def answer(of_case: Callable[[Case], np.ndarray], kept: bool) -> Callable[[Case], Plain]:
        return lambda case: {"map": of_case(case), "untouched": kept}

    return gives(*(answer(of_case, kept) for of_case in maps for kept in untouched))
