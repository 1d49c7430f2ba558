"""Exercise 2.8: how many windows of an occluder there are along one side of an image."""

from collections.abc import Callable

import numpy as np

from labkit.exercises.answers import Plain, call, number
from labkit.exercises.comparing import Slip, compare, gives
from labkit.exercises.core import Case, Exercise


def _cases(rng: np.random.Generator) -> list[Case]:
    drawn = [(32, 8, 2), (32, 11, 4), (10, 3, 3), (9, 9, 2), (20, 5, 5)]
    for _ in range(4):
        window = int(rng.integers(2, 12))
        drawn.append((int(rng.integers(window, 40)), window, int(rng.integers(1, window + 1))))
    return [{"size": size, "window": window, "stride": stride} for size, window, stride in drawn]


def windows_needed(size: int, window: int, stride: int) -> int:
    """How many windows along a side reach its end: the last may overhang."""
    return -(-(size - window) // stride) + 1


def _count(rule: Callable[[int, int, int], float]) -> Callable[[Case], Plain]:
    return lambda case: float(rule(case["size"], case["window"], case["stride"]))


WINDOW_COUNT = Exercise(
    "2.8",
    "count the windows",
    2,
    (
        "Draw a side of 10 pixels with windows of 3 at every third pixel. Which is the first window that reaches the "
        "far edge?",
        "Behind the first window size - window pixels are left, and each further window covers stride more of them.",
        "The first window, and math.ceil((size - window) / stride) more.",
    ),
    _cases,
    lambda answer, case: number(call(answer, case["size"], case["window"], case["stride"])),
    compare(
        _count(windows_needed),
        [
            Slip(
                "overhanging_left_out",
                "the window that overhangs the edge is left out, so pixels at the edge are never hidden: round up, not "
                "down.",
                gives(_count(lambda size, window, stride: (size - window) // stride + 1)),
            ),
            Slip(
                "first_forgotten",
                "one is missing: you count the steps between the windows, or your range ends too early.",
                gives(
                    _count(lambda size, window, stride: windows_needed(size, window, stride) - 1),
                    _count(lambda size, window, stride: (size - window) // stride),
                ),
            ),
            Slip(
                "starts_everywhere",
                "you count every start on the image, also of windows that begin where another has already reached the "
                "edge: they hide nothing new.",
                gives(_count(lambda size, window, stride: -(-size // stride))),
            ),
            Slip(
                "centres",
                "you count the windows whose middle is on the image; some of them hide nothing new at the edge.",
                gives(_count(lambda size, window, stride: len(range(window // 2, size, stride)))),
            ),
            Slip(
                "window_forgotten",
                "the window's own size must matter: how many steps are left when the first window stands?",
                gives(
                    _count(lambda size, window, stride: size // stride),
                    _count(lambda size, window, stride: size / stride),
                    _count(lambda size, window, stride: size // stride + 1),
                ),
            ),
            Slip(
                "both_sides",
                "these are all windows of a square image; wanted those along one side.",
                gives(_count(lambda size, window, stride: windows_needed(size, window, stride) ** 2)),
            ),
            Slip(
                "not_whole",
                "half a window is none: wanted a whole number.",
                gives(_count(lambda size, window, stride: (size - window) / stride + 1)),
            ),
        ],
        "the number of windows is not what was expected.",
    ),
)
