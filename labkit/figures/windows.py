"""What a unit sees of an image: how its window grows from layer to layer, and which of its pixels count.

A rectangle is (top, left, bottom, right) in pixels of the image, bottom and right not included any more, as
slices have it. It may reach over the image's border; what lies there is drawn as a chequered pattern.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke

from labkit.figures.canvas import INK, SEQUENTIAL, array, chart, in_style, pixels
from labkit.figures.drawing import Drawing, colour_of
from labkit.figures.tiles import chequered

#: How much more than the largest window is shown close up, as a share of its longer side.
AROUND = 0.15
#: From one label to the next, as a share of the height of the axes.
LABEL = 0.09
DASHES = ("-", (0, (4, 1.5)), (0, (1.5, 1.5)), (0, (5, 1.5, 1.5, 1.5)))

Box = tuple[int, int, int, int]


@in_style
def growing_window(image: Any, rectangles: Mapping[str, Sequence[int]], title: str) -> Drawing:
    """An image, and on it what one unit of each layer sees.

    Args:
        image: (H, W, 3), uint8 or floats in [0, 1].
        rectangles: layer -> (top, left, bottom, right); layers that see the same share a label.
        title: the figure's.

    Raises:
        ValueError: no rectangle, an empty one, another shape of the image, or pixels with other values.
    """
    image = pixels("image", array("image", image, "H", "W", 3))
    layers: dict[Box, list[str]] = {}
    for layer, given in rectangles.items():
        layers.setdefault(_box(f"rectangles[{layer!r}]", given), []).append(layer)
    if not layers:
        raise ValueError("rectangles: got none; wanted at least one layer with its (top, left, bottom, right).")
    drawn = sorted(layers, key=_area)
    whole = _hull([(0, 0, *image.shape[:2]), drawn[-1]])
    figure, (left, right) = chart(title, 440, columns=2)
    for axes, view, boxes in ((left, whole, drawn[-1:]), (right, _around(_hull(drawn)), drawn)):
        _show(axes, image, view)
        for number, box in enumerate(boxes, start=len(drawn) - len(boxes)):
            _outline(axes, box, number)
    left.set_ylabel("row of pixels")
    _labelled(right, {box: f"{', '.join(layers[box])}: {_size(box)}" for box in drawn[::-1]})
    told = [f"{', '.join(layers[box])}: {_size(box)}, {_place(box)}" for box in drawn]
    return Drawing(
        figure,
        "left, the outlined part of the image is all that a unit of the last layer sees; right the same closer, with "
        "what a unit of each layer before it sees, the layer next to the image innermost"
        + ("; what is chequered lies outside the image." if whole != (0, 0, *image.shape[:2]) else "."),
        f"{title}. An image of {image.shape[0]} x {image.shape[1]} pixels, and what one unit sees of it. "
        f"{'; '.join(told)}.",
    )


@in_style
def support(gradient: Any, rectangle: Sequence[int], title: str) -> Drawing:
    """How much each pixel moves a unit, with the rectangle that arithmetic says it sees.

    Args:
        gradient: the size of the unit's gradient for each pixel (H, W), at least 0.
        rectangle: (top, left, bottom, right).
        title: the figure's.

    Raises:
        ValueError: another shape, values below 0, a gradient of nothing but zeros, or an empty rectangle.
    """
    gradient = array("gradient", gradient, "H", "W").astype(float)
    if not gradient.min() >= 0 or gradient.max() == 0:
        raise ValueError(
            f"gradient: got values from {gradient.min():.3g} to {gradient.max():.3g}; wanted sizes, at least 0 and "
            "somewhere above. Take absolute values, and another unit where all are 0."
        )
    box = _box("rectangle", rectangle)
    shares = gradient / gradient.sum()
    figure, (left, right) = chart(title, 440, columns=2)
    view = _around(_hull([box, _reached(gradient)]))
    shown = left.imshow(np.ma.masked_equal(gradient / gradient.max(), 0), cmap=SEQUENTIAL, vmin=0, vmax=1,
                        extent=(0, gradient.shape[1], gradient.shape[0], 0))  # fmt: skip
    _view(left, view)
    left.set_ylabel("row of pixels")
    _outline(left, box, 1)
    figure.colorbar(shown, ax=left, label="gradient, share of the largest", location="bottom", shrink=0.8)

    sides = {"row": (shares.sum(axis=1), box[0], box[2]), "column": (shares.sum(axis=0), box[1], box[3])}
    for number, (name, (profile, start, stop)) in enumerate(sides.items()):
        middle = (start + stop) / 2
        right.stairs(100 * profile, np.arange(len(profile) + 1) - middle, color=colour_of(2 * number), linewidth=2,
                     linestyle=DASHES[number], baseline=None, label=name)  # fmt: skip
        for edge in (start - middle, stop - middle):
            right.axvline(edge, color=colour_of(1), linewidth=1.5, linestyle=DASHES[1])
    reach = max(view[2] - view[0], view[3] - view[1]) / 2
    right.set_xlim(-reach, reach)
    right.set_xlabel("pixels from the middle of the rectangle")
    right.set_ylabel("share of the whole gradient (%)")
    right.grid(axis="y")
    right.legend(title="sum of each")
    return Drawing(
        figure,
        "left, white pixels do not move the unit at all, and the brighter a pixel the more it counts; the orange "
        "rectangle is what arithmetic says the unit sees, so colour should reach all its sides and never leave it. "
        "Right, the same summed up row by row and column by column, with the rectangle's edges dashed.",
        f"{title}. {_compared(gradient > 0, box)} {_concentrated(shares, box)}",
    )


def _box(name: str, given: Sequence[int]) -> Box:
    top, left, bottom, right = (int(number) for number in array(name, given, 4))
    if bottom <= top or right <= left:
        raise ValueError(
            f"{name}: got (top, left, bottom, right) = {(top, left, bottom, right)}; wanted bottom over top and right "
            "over left, both not included any more."
        )
    return top, left, bottom, right


def _area(box: Box) -> int:
    return max(0, box[2] - box[0]) * max(0, box[3] - box[1])


def _size(box: Box) -> str:
    return f"{box[2] - box[0]} x {box[3] - box[1]}"


def _place(box: Box) -> str:
    return f"rows {box[0]} to {box[2] - 1}, columns {box[1]} to {box[3] - 1}"


def _hull(boxes: Sequence[Box]) -> Box:
    """The smallest rectangle around all."""
    tops, lefts, bottoms, rights = zip(*boxes, strict=True)
    return min(tops), min(lefts), max(bottoms), max(rights)


def _around(box: Box) -> Box:
    """A rectangle and a little around it."""
    more = round(AROUND * max(box[2] - box[0], box[3] - box[1])) + 1
    return box[0] - more, box[1] - more, box[2] + more, box[3] + more


def _reached(gradient: np.ndarray) -> Box:
    """The smallest rectangle around all that is not 0."""
    rows, columns = (np.flatnonzero(gradient.any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _show(axes: Axes, image: np.ndarray, view: Box) -> None:
    """Part of an image; what of the view lies outside is chequered."""
    height, width = image.shape[:2]
    top, left, bottom, right = _hull([view, (0, 0, height, width)])
    canvas = chequered(bottom - top, right - left)
    canvas[-top : height - top, -left : width - left] = image
    axes.imshow(canvas, extent=(left, right, bottom, top), interpolation="nearest")
    _view(axes, view)


def _view(axes: Axes, view: Box) -> None:
    axes.set_xlim(view[1], view[3])
    axes.set_ylim(view[2], view[0])
    axes.set_xlabel("column of pixels")


def _outline(axes: Axes, box: Box, number: int) -> None:
    """A rectangle's outline; black around it keeps it apart from any image."""
    rectangle = Rectangle((box[1], box[0]), box[3] - box[1], box[2] - box[0], clip_on=False)
    rectangle.set(fill=False, edgecolor=colour_of(number), linewidth=1.8, linestyle=DASHES[number % len(DASHES)])
    rectangle.set_path_effects([withStroke(linewidth=3.4, foreground="black")])
    axes.add_patch(rectangle)


def _labelled(axes: Axes, labels: Mapping[Box, str]) -> None:
    """Labels beside the axes, from top to bottom, each with a line to the upper right corner of its rectangle."""
    step = min(LABEL, 0.94 / max(1, len(labels) - 1))
    line = {"arrowstyle": "-", "color": INK, "linewidth": 0.8, "relpos": (0, 0.5), "shrinkB": 0}
    for number, (box, label) in enumerate(labels.items()):
        axes.annotate(
            label, (box[3], box[0]), (1.08, 0.97 - number * step), textcoords="axes fraction", va="center", fontsize=9,
            annotation_clip=False, arrowprops=line,
        )  # fmt: skip


def _compared(moves: np.ndarray, box: Box) -> str:
    """Where pixels move the unit, bool (H, W), against where they should."""
    height, width = moves.shape
    reached = _reached(moves)
    beyond = moves.sum() - moves[_slices(box)].sum()
    if beyond:
        verdict = f"{beyond} of the pixels lie outside it, so it is wrong."
    elif reached == (max(box[0], 0), max(box[1], 0), min(box[2], height), min(box[3], width)):
        verdict = "The pixels reach all its sides and none lies outside."
    else:
        verdict = "None of the pixels lies outside, but they do not reach all its sides."
    return (
        f"Of {height} x {width} pixels {moves.sum()} move the unit, within {_place(reached)}. The computed rectangle "
        f"is {_size(box)}: {_place(box)}. {verdict}"
    )


def _concentrated(shares: np.ndarray, box: Box) -> str:
    """How much of the gradient the middle of a rectangle has, and how much its rim."""
    top, left, bottom, right = box
    down, aside = (bottom - top) // 4, (right - left) // 4
    middle = (top + down, left + aside, bottom - down, right - aside)
    inner = (top + 1, left + 1, bottom - 1, right - 1)
    rim = shares[_slices(box)].sum() - shares[_slices(inner)].sum()
    return (
        f"Its middle, {_size(middle)} pixels, takes {_area(middle) / _area(box):.0%} of its area and has "
        f"{shares[_slices(middle)].sum():.0%} of the gradient; its outermost ring of pixels "
        f"{1 - _area(inner) / _area(box):.0%} and {rim:.1%}."
    )


def _slices(box: Box) -> tuple[slice, slice]:
    """Where a rectangle lies in an image."""
    top, left, bottom, right = (max(0, edge) for edge in box)
    return slice(top, bottom), slice(left, right)
