"""Figures of occlusion: what was covered, the maps that came of it, and how well these find the object.

Images are uint8 or floats in [0, 1], channels last (H, W, 3). Arrays may be NumPy's or PyTorch's.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from labkit.figures.canvas import DIVERGING, Picture, array, chart, coloured, in_style, pixels, sheet
from labkit.figures.drawing import Drawing, colour_of

SHOWN = 7
#: How bright what lies under the threshold stays.
DIMMED = 0.25
HATCHES = ("", "///", "...", "xxx", "ooo", "---")
MARKERS = "os^Dv"


@in_style
def occluder(image: Any, occluded: Any, title: str) -> Drawing:
    """An image, and some of its copies with a window covered.

    Args:
        image: (H, W, 3).
        occluded: the copies (M, H, W, 3); of many, seven are shown, evenly spread over their order.
        title: the figure's.

    Raises:
        ValueError: another shape.
    """
    image = pixels("image", array("image", image, "H", "W", 3))
    occluded = pixels("occluded", array("occluded", occluded, "M", *image.shape))
    chosen = np.unique(np.linspace(0, len(occluded) - 1, SHOWN).round().astype(int))
    places = [_place(image, occluded[i]) for i in chosen]
    cells = [Picture(image, "image"), *(Picture(occluded[i], place) for i, place in zip(chosen, places, strict=True))]
    return Drawing(
        sheet([cells], title, sides=(64, 96)),
        "the first picture is the whole image, the others hide one window of it each; beneath stand the window's rows "
        "and columns, first to last.",
        f"{title}. {len(chosen)} of {len(occluded)} occluded copies of an image of {image.shape[0]} x "
        f"{image.shape[1]} pixels; covered are {'; '.join(places)}.",
    )


def _place(image: np.ndarray, occluded: np.ndarray) -> str:
    """Where two images differ, in words; a window of the image's own colour is not seen."""
    differs = (image != occluded).any(axis=2)
    if not differs.any():
        return "nothing"
    rows, columns = (np.flatnonzero(differs.any(axis=axis)) for axis in (1, 0))
    return f"{rows[0]}–{rows[-1]}, {columns[0]}–{columns[-1]}"


@in_style
def heat_maps(
    images: Any,
    maps: Any,
    masks: Any = None,
    thresholded: Any = None,
    titles: Sequence[str] | None = None,
    title: str = "Where the score drops",
) -> Drawing:
    """Images, their occlusion maps, and what of the images a threshold keeps.

    Args:
        images: (N, H, W, 3).
        maps: the drop (N, H, W) of a score where a place was covered; every map is drawn in its own scale.
        masks: bool (N, H, W), true on the object; drawn as an outline.
        thresholded: bool (N, H, W), true where the map is over the threshold; the rest of the image is dimmed.
        titles: a caption for each image, such as its class.
        title: the figure's.

    Raises:
        ValueError: shapes that do not go together.
    """
    images = pixels("images", array("images", images, "N", "H", "W", 3))
    shape = images.shape[:3]
    maps = array("maps", maps, *shape)
    masks = None if masks is None else array("masks", masks, *shape).astype(bool)
    thresholded = None if thresholded is None else array("thresholded", thresholded, *shape).astype(bool)
    titles = [f"image {number}" for number in range(len(images))] if titles is None else titles
    array("titles", titles, len(images))

    colours = ScalarMappable(Normalize(-1, 1), DIVERGING)
    limits = np.abs(maps).max(axis=(1, 2))
    cells = []
    for number, image in enumerate(images):
        outline = None if masks is None else masks[number]
        painted = coloured(maps[number] / (limits[number] or 1), colours)
        row = [Picture(image, titles[number]), Picture(painted, f"±{limits[number]:.2f}", outline)]
        if thresholded is not None:
            kept = thresholded[number]
            shown = np.where(kept[..., None], image, DIMMED * image).astype(np.uint8)
            row.append(Picture(shown, f"{kept.mean():.0%} kept", outline))
        cells.append(row)
    heads = ["image", "drop", "kept"][: len(cells[0])]
    pairs = 2 if len(images) > 4 else 1
    rows = [sum(cells[start : start + pairs], []) for start in range(0, len(cells), pairs)]
    figure = sheet(
        rows, title, columns=heads * pairs, sides=(64, 96), block=len(heads),
        bar=(colours, "drop, share of the limit"),
    )  # fmt: skip

    parts = []
    for number, name in enumerate(titles):
        row_, column = np.unravel_index(maps[number].argmax(), shape[1:])
        told = f"{name}: largest drop {maps[number].max():.2f} at row {row_}, column {column}"
        if masks is not None:
            on_it = masks[number][maps[number] == maps[number].max()]  # windows give several pixels the same value
            told += (
                ", on the object" if on_it.all() else ", partly on the object" if on_it.any() else ", beside the object"
            )
        parts.append(told)
    return Drawing(
        figure,
        "orange is where covering the image lowers the score, so what the score rests on, and blue where covering "
        "raises it; each map has its own scale, whose end is written beneath it"
        + ("." if masks is None else ", and the outline is the object's true place."),
        f"{title}. {len(images)} occlusion maps. {'; '.join(parts)}.",
    )


@in_style
def localization(
    scores: pd.DataFrame, errors: pd.DataFrame | None = None, title: str = "How well the maps find the object"
) -> Drawing:
    """Bars: some measures of how well maps find the object, for several kinds of maps.

    Args:
        scores: in [0, 1]; a row for each kind of map, a column for each measure.
        errors: as scores, the length of a whisker to each side, such as the standard error of the mean.
        title: the figure's.

    Raises:
        ValueError: errors with other rows or columns than the scores.
    """
    if errors is not None and not (errors.index.equals(scores.index) and errors.columns.equals(scores.columns)):
        raise ValueError(
            f"errors: got {list(errors.index)} by {list(errors.columns)}; "
            f"wanted the rows and columns of scores, {list(scores.index)} by {list(scores.columns)}."
        )
    figure, (axes,) = chart(title, 380)
    width = 0.8 / len(scores)
    middles = np.arange(len(scores.columns))
    whiskers = [None] * len(scores) if errors is None else errors.to_numpy()
    for number, (kind, heights, whisker) in enumerate(zip(scores.index, scores.to_numpy(), whiskers, strict=True)):
        bars = axes.bar(
            middles + (number - (len(scores) - 1) / 2) * width, heights, 0.9 * width, label=kind, yerr=whisker,
            color=colour_of(number), hatch=HATCHES[number % len(HATCHES)], edgecolor="white", capsize=3,
        )  # fmt: skip
        axes.bar_label(bars, fmt="%.2f", padding=3, fontsize=9)
    axes.set_xticks(middles, scores.columns)
    axes.set_xlabel("measure")
    axes.set_ylabel("mean score")
    axes.set_ylim(0, 1.08)
    axes.grid(axis="y")
    figure.legend(loc="outside lower center", ncols=len(scores))
    parts = [
        f"{measure}: " + ", ".join(f"{kind} {value:.3f}" for kind, value in scores[measure].items())
        for measure in scores
    ]
    return Drawing(
        figure,
        "each group of bars is one measure, higher is better; compare a kind of map with the one beside it that knows "
        "less" + ("." if errors is None else ", and trust a lead only where it is several whiskers long."),
        f"{title}. Mean scores from 0 to 1. {'; '.join(parts)}.",
    )


@in_style
def localization_by_class(
    table: pd.DataFrame, measure: str, title: str | None = None, zero: str | None = None
) -> Drawing:
    """Dots: one measure for each class, for several kinds of maps.

    Args:
        table: a row for each class, a column for each kind of map, the one of interest first.
        measure: what the table holds, such as "pointing game".
        title: the figure's; without one it is made of the measure.
        zero: of a measure that may be negative, what a map does that gets 0, such as "mark everything"; a line
            stands there.
    """
    title = title or f"How well the maps find the object, by class ({measure})"
    table = table.sort_values(table.columns[0])
    figure, (axes,) = chart(title, 140 + 28 * len(table))
    places = np.arange(len(table))
    axes.hlines(places, table.min(axis=1), table.max(axis=1), color="#DDDDDD", linewidth=2)
    for number, kind in enumerate(table):
        axes.plot(
            table[kind], places, MARKERS[number % len(MARKERS)], markersize=8, color=colour_of(number), label=kind
        )
    axes.set_yticks(places, table.index)
    axes.set_xlabel(measure)
    axes.set_ylabel("class")
    axes.grid(axis="x")
    if zero is None:
        axes.set_xlim(-0.03, 1.03)
    else:
        axes.axvline(0, color="black", linewidth=1)
    figure.legend(loc="outside lower center", ncols=len(table.columns))
    first, others = table.columns[0], table.columns[1:]
    parts = [
        f"{name}: " + ", ".join(f"{kind} {score:.2f}" for kind, score in table.loc[name].items())
        for name in table.index[::-1]
    ]
    beaten = [name for name in table.index if not (table.loc[name, first] > table.loc[name, others]).all()]
    lost = f"{first} is not ahead for {', '.join(beaten)}" if beaten else f"{first} is ahead for every class"
    return Drawing(
        figure,
        f"each line is one class, sorted by {first}; where its mark does not lie right of all the others, the map "
        "tells nothing of this class's objects that the others do not"
        + ("." if zero is None else f", and left of the line at 0 it were better to {zero}."),
        f"{title}. {'; '.join(parts)}. {lost}.",
    )


@in_style
def window_scores(table: pd.DataFrame, measure: str, title: str = "The choice of window and baseline") -> Drawing:
    """Lines: a score for each size of the window, one line a baseline.

    Args:
        table: a row for each size of the window in pixels, a column for each baseline.
        measure: what the table holds, such as "energy inside the object".
        title: the figure's.
    """
    figure, (axes,) = chart(title, 380)
    for number, baseline in enumerate(table):
        axes.plot(table.index, table[baseline], marker=MARKERS[number % len(MARKERS)], markersize=7, label=baseline)
    axes.set_xticks(table.index)
    axes.set_xlabel("side of the window (pixels)")
    axes.set_ylabel(measure)
    axes.grid(axis="y")
    figure.legend(loc="outside lower center", ncols=len(table.columns), title="baseline")
    best = table.max().idxmax()
    parts = [
        f"{name}: " + ", ".join(f"{side} pixels {score:.3f}" for side, score in table[name].items()) for name in table
    ]
    return Drawing(
        figure,
        "each line is one way to cover a window, higher is better; a lead that changes sides from one window to "
        "the next says little.",
        f"{title}, by {measure}. {'; '.join(parts)}. Best is {best} with a window of "
        f"{table[best].idxmax()} pixels, {table[best].max():.3f}.",
    )
