"""Exercise 2.9: the occlusion map, and the many ways to draw it in the wrong place.

The networks are small formulas, so that the judge works the map out by itself, window by window.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Plain, array, call
from labkit.exercises.comparing import Slip, as_it_was, compare, read
from labkit.exercises.core import Case, Exercise, Verdict
from labkit.exercises.lab2_cifar_filters_and_occlusion import sliding
from labkit.exercises.lab2_cifar_filters_and_occlusion.sliding import drawn, occlusion_map
from labkit.exercises.lab2_cifar_filters_and_occlusion.together import several_at_once

if TYPE_CHECKING:
    import torch

_SETTINGS = (
    ("linear", (3, 9, 9), 3, 3, 0.0),
    ("linear", (2, 8, 11), 4, 3, 0.5),
    ("squared", (3, 10, 7), 4, 2, 0.25),
    ("squared", (1, 7, 7), 5, 3, 1.0),
)


def _cases(rng: np.random.Generator) -> list[Case]:
    return [
        {
            "formula": formula,
            "weights": rng.normal(size=shape),
            "image": rng.uniform(0.1, 1.0, shape),
            "window": window,
            "stride": stride,
            "baseline": baseline,
        }
        for formula, shape, window, stride, baseline in _SETTINGS
    ]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    image, weights = torch.from_numpy(case["image"].copy()), torch.from_numpy(case["weights"].copy())

    def score(images: "torch.Tensor") -> "torch.Tensor":
        if images.ndim != 4:
            raise ValueError(f"score wants a batch of images (N, C, H, W), and got the shape {tuple(images.shape)}")
        return sliding.score(case["formula"], images, weights)

    found = array(call(answer, score, image, case["window"], case["stride"], case["baseline"]))
    return {"map": found, "image": array(image)}


def _over(divisor: Callable[[int, Case], float]) -> Callable[[Case], np.ndarray]:
    """The sum, divided everywhere by the same, made of the number of windows and the case."""

    def run(case: Case) -> np.ndarray:
        windows = occlusion_map(draw=sliding.grid)(case).size
        return occlusion_map(draw=sliding.total)(case) / divisor(windows, case)

    return run


def _each_fill(*starts: sliding.Starts) -> list[Callable[[Case], np.ndarray]]:
    """With what no window covers as nan, and as 0."""
    return [occlusion_map(several, draw=sliding.mean(fill)) for several in starts for fill in (np.nan, 0.0)]


def _all_zero(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(answer["map"].size and not answer["map"].any() for answer in answers)


def _right(case: Case) -> Plain:
    return {"map": occlusion_map()(case), "untouched": True}


_SLIPS = (
    Slip(
        "changes_image",
        "the map is right, but the image that was handed in is changed, which others still need: work on a copy.",
        drawn(occlusion_map(), untouched=(False,)),
    ),
    Slip(
        "no_copy",
        "your map is 0 everywhere, as if nothing were ever hidden, or in both images at once: "
        "`occluded = image` is no copy, only a second name.",
        _all_zero,
    ),
    Slip(
        "piles_up",
        "the occluder stays where it was, and hides more with each window: begin each time with a fresh copy "
        "of the image.",
        drawn(occlusion_map(pile_up=True), untouched=(True, False)),
    ),
    Slip(
        "sign",
        "the sign is the wrong way round: where hiding lowers the score, the map should be above 0.",
        drawn(occlusion_map(says=lambda whole, occluded: occluded - whole)),
    ),
    Slip(
        "absolute",
        "you drop the sign: a window that raises the score when hidden speaks against the unit, and belongs below 0.",
        drawn(
            lambda case: np.abs(occlusion_map()(case)),
            occlusion_map(says=lambda whole, occluded: abs(whole - occluded)),
        ),
    ),
    Slip(
        "no_difference",
        "this is the score of the occluded images; wanted by how much it drops below that of the whole image.",
        drawn(occlusion_map(says=lambda whole, occluded: occluded)),
    ),
    Slip(
        "relative",
        "you divide by the whole image's score; wanted the drop itself.",
        drawn(occlusion_map(says=lambda whole, occluded: (whole - occluded) / whole)),
    ),
    Slip(
        "baseline_ignored",
        "your occluder is always 0; wanted the baseline that was handed in.",
        drawn(occlusion_map(baseline=0.0)),
    ),
    Slip(
        "sum",
        "you add up the drops of the windows that cover a pixel, so the middle gets more than the edges; "
        "wanted their mean.",
        drawn(occlusion_map(draw=sliding.total)),
    ),
    Slip(
        "same_divisor",
        "you divide by the same number everywhere; pixels at the edge are covered by fewer windows: count for "
        "each pixel.",
        drawn(
            _over(lambda windows, case: windows),
            _over(lambda windows, case: case["window"] ** 2),
            _over(lambda windows, case: (case["window"] / case["stride"]) ** 2),
        ),
    ),
    Slip(
        "last_window_wins",
        "where windows overlap the last one overwrites the others; wanted the mean of all that cover a pixel.",
        drawn(occlusion_map(draw=sliding.last_wins)),
    ),
    Slip(
        "edge_left_out",
        "there are no windows over the lower and right edge, so some pixels are never hidden: let the last "
        "window overhang, and cut it off.",
        drawn(*_each_fill(sliding.inside, sliding.inside_but_last)),
    ),
    Slip(
        "moved_in",
        "your last window is moved back into the image; wanted at its place, and cut off at the edge.",
        drawn(occlusion_map(sliding.moved_in)),
    ),
    Slip(
        "too_many_windows",
        "windows are left that begin where another has already reached the edge; stop with the first that "
        "does (exercise 2.8).",
        drawn(occlusion_map(sliding.everywhere)),
    ),
    Slip(
        "grid",
        "this is one number for each window; wanted one for each pixel.",
        drawn(occlusion_map(draw=sliding.grid)),
    ),
    Slip(
        "stretched",
        "you stretch the grid of windows over the image, so the map is shifted: a window's number belongs "
        "exactly to the pixels that it hides.",
        drawn(
            occlusion_map(draw=sliding.stretched(mode="nearest")),
            occlusion_map(draw=sliding.stretched(mode="bilinear")),
            occlusion_map(draw=sliding.stretched(mode="bilinear", align_corners=True)),
            occlusion_map(draw=sliding.stretched(mode="bicubic")),
        ),
    ),
    Slip(
        "centred",
        "your windows lie around their starts, half a window too far up and left; wanted from the start on.",
        drawn(*_each_fill(*map(sliding.centred, (sliding.needed, sliding.everywhere)))),
    ),
    Slip(
        "same_both_ways",
        "rows and columns of windows are counted for the same length, but not every image is square: use the "
        "height for one and the width for the other.",
        drawn(
            *(
                occlusion_map(sides=sides, draw=sliding.mean(fill))
                for sides in (lambda height, width: (height, height), lambda height, width: (width, width))
                for fill in (np.nan, 0.0)
            )
        ),
    ),
    Slip(
        "transposed",
        "rows and columns stand in each other's place.",
        drawn(lambda case: occlusion_map()(case).T),
    ),
)


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """One mistake, or several that often come together: a first attempt seldom makes one alone."""
    answers = read(as_it_was("image", "image", told="untouched"), answers, cases)
    verdict = compare(_right, _SLIPS, "the map is not what was expected.")(answers, cases)
    return several_at_once(answers, cases) or verdict if verdict.mistake == "other" else verdict


OCCLUSION_MAP = Exercise(
    "2.9",
    "the occlusion map",
    4,
    (
        "Two loops, over the tops and the lefts of the windows. For each window: copy the image, set the window to the "
        "baseline, see how far the score drops.",
        "Keep two sums (H, W): add the drop to all pixels of the window in one, add 1 to them in the other. What do "
        "you divide by what at the end?",
        "The starts are range(0, window_count(H, window, stride) * stride, stride), the same for W. A slice that goes "
        "past the end is cut off by itself.",
        "occluded = image.clone(); occluded[:, top : top + window, left : left + window] = baseline; drop = "
        "score(image[None])[0] - score(occluded[None])[0]; the map is sum / count.",
    ),
    _cases,
    _probe,
    _judge,
)
