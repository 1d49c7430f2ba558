"""Exercise 5.3: the largest activation of each map, and where it is."""

from collections.abc import Callable
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call_unchanged
from labkit.exercises.comparing import Slip, compare, in_part, whole
from labkit.exercises.core import Case, Exercise

# (N, H, W, C), so that no two dimensions can be taken for each other, and a place fits into the wrong shapes too:
# N >= W and C >= H. Then a single row with a single channel, and a single image with a single column.
_SHAPES = ((7, 4, 5, 6), (9, 6, 3, 8), (5, 3, 4, 3), (6, 1, 5, 1), (1, 3, 1, 4))
#: How many of the activations are negative: in one case all, in another few, so that the smallest is not the one of
#: the largest size.
_NEGATIVE = (0.6, 0.3, 1, 0.6, 0.6)


def _cases(rng: np.random.Generator) -> list[Case]:
    """No two activations of a case are of one size."""
    found = []
    for shape, negative in zip(_SHAPES, _NEGATIVE, strict=True):
        size = int(np.prod(shape))
        zero = int(negative * size)
        found.append({"activations": (rng.permutation(size) - zero - 0.3).reshape(shape).astype(np.float32) / 7})
    return found


def _probe(answer: Any, case: Case) -> Plain:
    found = call_unchanged(answer, case["activations"])
    if not isinstance(found, (tuple, list)):
        raise Misfit("got one thing where three were wanted: values, rows and columns, in this order")
    if len(found) == 2:
        raise Misfit(
            "got two things where three were wanted: values, rows and columns. A number in a flattened map is still "
            "to be taken apart (np.unravel_index)"
        )
    if len(found) != 3:
        raise Misfit(f"got {len(found)} things where three were wanted: values, rows and columns, in this order")
    return dict(zip(("values", "rows", "columns"), map(array, found), strict=True))


def _flat(activations: np.ndarray) -> np.ndarray:
    """(N, H * W, C) each map as one row after the other."""
    n, height, width, channels = activations.shape
    return activations.reshape(n, height * width, channels)


def _largest(activations: np.ndarray) -> np.ndarray:
    return _flat(activations).argmax(axis=1)


def _places(
    width: Callable[[tuple[int, ...]], int] = lambda shape: shape[2],
    choose: Callable[[np.ndarray], np.ndarray] = _largest,
) -> Callable[[Case], dict[str, Plain]]:
    """Rows and columns of the chosen places in maps as wide as they are, or as they are taken for."""

    def run(case: Case) -> dict[str, Plain]:
        rows, columns = np.divmod(choose(case["activations"]), width(case["activations"].shape))
        return {"rows": rows, "columns": columns}

    return run


def _right(case: Case) -> dict[str, Plain]:
    return {"values": _flat(case["activations"]).max(axis=1), **_places()(case), "whole": True}


def _column_by_column(case: Case) -> dict[str, Plain]:
    """Places that were counted row by row, taken apart as if they had been counted column by column."""
    columns, rows = np.divmod(_largest(case["activations"]), case["activations"].shape[1])
    return {"rows": rows, "columns": columns}


def _mixed(case: Case) -> dict[str, Plain]:
    """The largest of maps that were laid out without moving the channels in front of rows and columns."""
    n, _, _, channels = case["activations"].shape
    return {"values": case["activations"].reshape(n, channels, -1).max(axis=2)}


def _over(*axes: int) -> Callable[[Case], dict[str, Plain]]:
    """The largest values over other dimensions than rows and columns."""
    return lambda case: {"values": np.asarray(case["activations"].max(axis=axes))}


def _of_each_line(case: Case) -> dict[str, Plain]:
    return {name: case["activations"].argmax(axis=axis) for name, axis in (("rows", 1), ("columns", 2))}


def _each(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Case], dict[str, Plain]]:
    """All three right, but changed alike."""
    return lambda case: {name: change(value) for name, value in _right(case).items() if name != "whole"}


def _swapped(case: Case) -> dict[str, Plain]:
    right = _right(case)
    return {"rows": right["columns"], "columns": right["rows"]}


BEST_PLACES = Exercise(
    "5.3",
    "the largest activation, and where",
    3,
    (
        "For each image and channel there is one map of H x W numbers. Over which two dimensions do you look for the "
        "largest, and which two stay?",
        "argmax takes one axis. activations.reshape(n, height * width, channels) lays each map out as one row of "
        "numbers, and leaves images and channels as they are.",
        "np.unravel_index(numbers, (height, width)) gives rows and columns of such numbers, as many as there are.",
        "flat = activations.reshape(n, height * width, channels); values = flat.max(axis=1); rows, columns = "
        "np.unravel_index(flat.argmax(axis=1), (height, width)).",
    ),
    _cases,
    _probe,
    compare(
        _right,
        [
            Slip(
                "over_channels",
                "you take the largest over the channels; wanted the largest of each channel's own map, over its rows "
                "and columns.",
                in_part(_over(3)),
            ),
            Slip(
                "whole_image",
                "you take the largest of all channels together; each channel has a map, and a place, of its own.",
                in_part(_over(1, 2, 3)),
            ),
            Slip(
                "over_images",
                "you take the largest over all images; wanted one place in each image.",
                in_part(_over(0, 1, 2), _over(0), _over(0, 1, 2, 3)),
            ),
            Slip(
                "axes_mixed",
                "your reshape mixes channels with rows and columns: numbers stay in their order, in which the channels "
                "come last. Keep them last, or transpose first.",
                in_part(_mixed),
            ),
            Slip(
                "transposed",
                "images and channels stand in each other's place; wanted (N, C).",
                in_part(_each(np.transpose)),
            ),
            Slip(
                "starts_with_zeros",
                "where a map has nothing above 0 you find a 0 that is not in it: begin with the map's own numbers.",
                in_part(lambda case: {"values": np.maximum(_right(case)["values"], 0)}),
            ),
            Slip(
                "by_size",
                "you go by the size without the sign, so a strongly negative activation wins; wanted the largest.",
                in_part(_places(choose=lambda activations: _largest(np.abs(activations)))),
            ),
            Slip(
                "smallest",
                "these are the places of the smallest activations; wanted the largest.",
                in_part(_places(choose=lambda activations: _largest(-activations))),
            ),
            Slip(
                "numbers_as_values",
                "where the values belong you give back numbers of places: argmax says where, max says how large.",
                in_part(lambda case: {"values": _largest(case["activations"])}),
            ),
            Slip("swapped", "rows and columns stand in each other's place.", in_part(_swapped)),
            Slip(
                "flat_number",
                "in the rows or the columns stand numbers of the flattened map: np.unravel_index takes them apart.",
                in_part(
                    lambda case: {"rows": _largest(case["activations"])},
                    lambda case: {"columns": _largest(case["activations"])},
                ),
            ),
            Slip(
                "height_as_width",
                "your rows and columns are those of maps with another shape: the shape for np.unravel_index is that of "
                "one map, rows first, which is (H, W), and its places are counted row by row.",
                in_part(_places(lambda shape: shape[1]), _column_by_column),
            ),
            Slip(
                "channels_as_width",
                "your rows and columns are those of maps as wide as there are channels: the shape for np.unravel_index "
                "is that of one map, (H, W).",
                in_part(_places(lambda shape: shape[3])),
            ),
            Slip(
                "each_line",
                "argmax along one axis gives the best row of every column, or the best column of every row; wanted the "
                "one best place of the map: make one axis of the two first.",
                in_part(_of_each_line),
            ),
            Slip(
                "broken_places",
                "rows or columns are floats; indexing takes whole numbers. (Division that leaves the rest out is //.)",
                in_part(
                    lambda case: _right(case) | {"whole": False},
                    lambda case: {"rows": _largest(case["activations"]) / case["activations"].shape[2]},
                ),
            ),
        ],
        "these are not the largest activations and their places.",
        reading=whole("rows", "columns"),
    ),
)
