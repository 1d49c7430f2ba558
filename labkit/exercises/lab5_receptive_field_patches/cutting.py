"""Exercise 5.7: cut a patch out of an image, also where it hangs over the border."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, array, call_unchanged
from labkit.exercises.comparing import Explains, Slip, compare, gives, same
from labkit.exercises.core import Case, Exercise

#: (H, W, C), top, left, size, fill; None is a call without it.
_FIXED: tuple[tuple[tuple[int, int, int], int, int, int, float | None], ...] = (
    ((9, 7, 3), 3, 1, 4, None),  # inside
    ((8, 6, 3), 4, 0, 4, 0.5),  # flush with the lower left corner
    ((7, 9, 3), -2, 3, 4, None),  # over the upper border
    ((7, 10, 3), 1, -3, 5, 0.25),  # over the left one
    ((8, 6, 1), 5, 4, 5, -1.0),  # over the lower right corner
    ((6, 9, 2), -1, 7, 3, 0.5),  # over the upper right one
    ((6, 8, 3), -9, 2, 4, None),  # wholly outside, above
    ((8, 6, 3), 2, -5, 4, 0.5),  # on the left
    ((6, 8, 3), 3, 8, 3, 0.75),  # on the right, next to the border
    ((6, 5, 3), 11, 9, 4, 0.5),  # below on the right
    ((6, 5, 3), 2, 4, 1, None),  # a single pixel
)
_RANDOM = 4


def _cases(rng: np.random.Generator) -> list[Case]:
    drawn = list(_FIXED)
    for _ in range(_RANDOM):
        height, width, size = (int(n) for n in rng.integers((7, 11, 2), (10, 14, 7)))
        top, left = (int(rng.integers(-size, side)) for side in (height, width))
        drawn.append(((height, width, 3), top, left, size, 0.5))
    names = ("image", "top", "left", "size", "fill")
    return [dict(zip(names, (rng.uniform(0.1, 0.9, shape), *rest), strict=True)) for shape, *rest in drawn]


def _probe(answer: Any, case: Case) -> Plain:
    fill = [] if case["fill"] is None else [case["fill"]]
    return array(call_unchanged(answer, case["image"], case["top"], case["left"], case["size"], *fill))


def _beyond(mode: str, **how: Any) -> Callable[[Case], np.ndarray]:
    """The patch if the image goes on beyond its borders in one of the ways of ``np.pad``."""

    def run(case: Case) -> np.ndarray:
        margin = case["size"] + max(abs(case["top"]), abs(case["left"]))
        larger = np.pad(case["image"], ((margin, margin), (margin, margin), (0, 0)), mode, **how)  # type: ignore[call-overload]
        rows, columns = (slice(case[name] + margin, case[name] + margin + case["size"]) for name in ("top", "left"))
        return larger[rows, columns]

    return run


def _patch(case: Case) -> np.ndarray:
    """(size, size, C)."""
    return _beyond("constant", constant_values=case["fill"] or 0.0)(case)


def _sliced(case: Case, least: float = -np.inf, least_end: float = -np.inf) -> np.ndarray:
    """A slice of the image that begins and ends no earlier than told."""
    size = case["size"]
    starts = case["top"], case["left"]
    return case["image"][tuple(slice(max(start, least), max(start + size, least_end)) for start in starts)]


def _part_inside(case: Case) -> np.ndarray:
    return _sliced(case, 0, 0)


def _into_the_corner(case: Case) -> np.ndarray:
    """The part that is inside, at the upper left of the patch whatever was cut off."""
    part = _part_inside(case)
    patch = np.full_like(_patch(case), case["fill"] or 0.0)
    patch[: part.shape[0], : part.shape[1]] = part
    return patch


def _pushed_inside(case: Case) -> np.ndarray:
    """The window as if it were moved back onto the image."""
    top, left = (
        int(np.clip(case[name], 0, side - case["size"]))
        for name, side in zip(("top", "left"), case["image"].shape, strict=False)
    )
    return _patch(case | {"top": top, "left": left})


def _moved(by: Callable[[int], int]) -> Callable[[Case], np.ndarray]:
    """The patch whose corner is further down and to the right by something made of the size."""
    return lambda case: _patch(case | {name: case[name] + by(case["size"]) for name in ("top", "left")})


def _touches(case: Case) -> bool:
    return bool(_part_inside(case).size)


def _right_where_it_touches(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(same(answer, _patch(case)) for answer, case in zip(answers, cases, strict=True) if _touches(case))


def _where_it_touches(*wrongs: Callable[[Case], Plain]) -> Explains:
    """Explains answers that are what one of the forms gives, wherever the patch touches the image."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        touching = [pair for pair in zip(answers, cases, strict=True) if _touches(pair[1])]
        return gives(*wrongs)([answer for answer, _ in touching], [case for _, case in touching])

    return explains


def _from_the_end(case: Case) -> np.ndarray:
    """The patch pixel by pixel, where indices below zero count from the end, and only others are left out."""
    height, width, _ = case["image"].shape
    rows, columns = (case[name] + np.arange(case["size"]) for name in ("top", "left"))
    known = np.outer((rows >= -height) & (rows < height), (columns >= -width) & (columns < width))
    return np.where(known[..., None], case["image"][rows % height][:, columns % width], case["fill"] or 0.0)


def _without_channels(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether the channels have become one or more than they were, or stand in front."""
    return all(
        answer.shape in ((size, size), (channels, size, size)) or (answer.ndim == 3 and answer.shape[2] > channels)
        for answer, case in zip(answers, cases, strict=True)
        for size, channels in ((case["size"], case["image"].shape[2]),)
    )


CUT = Exercise(
    "5.7",
    "a patch at the border",
    3,
    (
        "What does Python make of image[-2:2], and what of image[90:110] if there are 96 rows? Neither is an error.",
        "Begin with a patch that is all fill (np.full). Which of its rows have a row in the image? And what if none "
        "has: try top = -30 with a size of 20.",
        "Or make the image larger first: np.pad(image, ((size, size), (size, size), (0, 0)), constant_values=fill) "
        "moves every pixel by size. What is then to become of a window that begins even further out?",
        "first, last = max(top, 0), min(top + size, height); rows first to last of the image are rows first - top to "
        "last - top of the patch. The same for columns; and only if first < last is there anything to copy.",
    ),
    _cases,
    _probe,
    compare(
        _patch,
        [
            Slip(
                "plain_slice",
                "this is a plain slice. Where it begins at a negative number Python counts from the other end, and "
                "where it ends beyond the image it stops short.",
                gives(_sliced),
            ),
            Slip(
                "clipped",
                "your patch is cut off at the border, so not all patches are of one size; wanted fill where there is "
                "no image.",
                gives(_part_inside, lambda case: _sliced(case, 0)),
            ),
            Slip(
                "pushed_inside",
                "you push the window back onto the image. That shows another place than the unit saw; wanted fill "
                "where there is no image.",
                gives(_pushed_inside),
            ),
            Slip(
                "swapped",
                "rows and columns stand in each other's place: top is a row, left a column.",
                gives(
                    lambda case: _patch(case | {"top": case["left"], "left": case["top"]}),
                    lambda case: _patch(case).swapaxes(0, 1),
                ),
            ),
            Slip(
                "edge_repeated",
                "beyond the border you repeat the image's own pixels; a network without padding has never seen such a "
                "place. Wanted fill.",
                _where_it_touches(*map(_beyond, ("edge", "reflect", "symmetric"))),
            ),
            Slip(
                "wraps_round",
                "beyond the border your patch goes on at the opposite side of the image: a negative index counts from "
                "the end.",
                _where_it_touches(_beyond("wrap"), _from_the_end),
            ),
            Slip(
                "fill_ignored",
                "beyond the border is always the same value, whatever `fill` says.",
                _where_it_touches(*(_beyond("constant", constant_values=value) for value in (0.0, 0.5, 1.0))),
            ),
            Slip(
                "into_the_corner",
                "what is left of the image stands in the upper left corner of the patch, even where the patch hangs "
                "over that very corner: pixels must stay in their places.",
                gives(_into_the_corner),
            ),
            Slip(
                "centred",
                "your patch has (top, left) in its middle; wanted there its upper left corner.",
                gives(_moved(lambda size: -(size // 2)), _moved(lambda size: -((size + 1) // 2))),
            ),
            Slip(
                "one_off",
                "your patch is a row and a column too large, too small, or too far along: from top on, size of them.",
                gives(
                    lambda case: _patch(case | {"size": case["size"] + 1}),
                    lambda case: _patch(case | {"size": case["size"] - 1}),
                    _moved(lambda size: 1),
                    _moved(lambda size: -1),
                ),
            ),
            Slip(
                "no_channels",
                "the channels are gone, or more than they were, or stand elsewhere; wanted (size, size, C). (np.pad "
                "pads them too unless told (0, 0) for them.)",
                _without_channels,
            ),
            Slip(
                "wholly_outside",
                "right wherever the patch touches the image. One that lies wholly outside has no pixel of it: nothing "
                "but fill, in the same shape.",
                _right_where_it_touches,
            ),
        ],
        "this is not the patch that was asked for.",
    ),
)
