"""What figures of matplotlib stand on: their style, charts with axes, and sheets of small pictures.

Figures are made without pyplot, so that none is shown twice and no state is shared with a student's own plots.
A sheet is painted pixel by pixel: each of its pictures is enlarged by a whole number, so that the pixels of
a 32 x 32 image, or the nine weights of a filter, stay the sharp squares that they are.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from labkit.figures import drawing

DPI = 100
#: Of a chart or sheet without its labels, in pixels.
WIDTH = 820
#: What the pictures of a sheet may take together before they get smaller; a sheet of many rows is higher.
HEIGHT = 800
GAP, LINE = 6, 15
#: Of a caption's letters: their size in points, and their width on average in pixels.
LETTERS, LETTER = 8, 6
#: For ordered values from zero on; its lightness rises all the way.
SEQUENTIAL = matplotlib.colormaps["cividis"]
#: For values on both sides of zero, which is white.
DIVERGING = LinearSegmentedColormap.from_list("labkit_diverging", [drawing.PALETTE[0], "#FFFFFF", drawing.PALETTE[1]])
#: For ordered values behind black text.
PALE = LinearSegmentedColormap.from_list("labkit_pale", drawing.PALE)
#: The colour of outlines; a black line inside keeps it apart from any image.
OUTLINE = tuple(round(255 * part) for part in to_rgb(drawing.PALETTE[4]))

INK = "#222222"
FRAME = "#BBBBBB"
#: Decorates what makes a figure: the style holds there alone, whatever a notebook has set.
in_style = matplotlib.rc_context(
    {
        "font.family": "DejaVu Sans",  # comes with matplotlib, so figures look alike everywhere
        "font.size": 10,
        "axes.titlesize": 12,
        "axes.titlelocation": "left",
        "axes.titlepad": 10,
        "axes.labelsize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.facecolor": "white",
        "axes.edgecolor": INK,
        "axes.labelcolor": INK,
        "axes.prop_cycle": cycler(color=drawing.PALETTE),
        "figure.dpi": DPI,
        "figure.facecolor": "white",
        "grid.color": "#DDDDDD",
        "legend.frameon": False,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
    }
)


@dataclass(frozen=True)
class Picture:
    """One cell of a sheet.

    Attributes:
        pixels: uint8 (H, W, 3).
        caption: beneath it, short; it may have several lines, and a line too long for the picture is broken.
        outline: bool (H, W), which a line is drawn around; where it touches the picture's border there is none.
    """

    pixels: np.ndarray
    caption: str = ""
    outline: np.ndarray | None = None


def array(name: str, values: Any, *shape: str | int) -> np.ndarray:
    """Take a tensor or sequence as an array, and refuse another shape than the wanted one.

    Args:
        name: of the argument, for the message.
        values: NumPy array, nested sequence, or a PyTorch tensor on any device.
        shape: a number for each axis whose length is fixed, a letter for every other.

    Raises:
        ValueError: other axes, or none at all along one of them.
    """
    found = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    wanted = f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
    fits = found.ndim == len(shape) and all(
        length == want if isinstance(want, int) else length > 0 for length, want in zip(found.shape, shape, strict=True)
    )
    if not fits:
        raise ValueError(f"{name}: got the shape {found.shape}; wanted {wanted}, with no empty axis.")
    return found


def class_numbers(labels: Any, classes: Sequence[str], *shape: str | int) -> np.ndarray:
    """Labels as an array of integers.

    Raises:
        ValueError: another shape, or a label that has no name among the classes.
    """
    labels = array("labels", labels, *shape).astype(int)
    if labels.min() < 0 or labels.max() >= len(classes):
        raise ValueError(f"labels: got {labels.min()} to {labels.max()}; wanted 0 to {len(classes) - 1}, as classes.")
    return labels


def pixels(name: str, images: np.ndarray) -> np.ndarray:
    """Images as uint8, from uint8 or from floats in [0, 1].

    Raises:
        ValueError: other numbers.
    """
    if images.dtype == np.uint8:
        return images
    if not np.issubdtype(images.dtype, np.floating) or images.min() < -1e-6 or images.max() > 1 + 1e-6:
        raise ValueError(
            f"{name}: got {images.dtype} from {images.min()} to {images.max()}; wanted uint8, or floats in [0, 1]."
        )
    return np.round(255 * images.clip(0, 1)).astype(np.uint8)


def colours_for(values: np.ndarray) -> ScalarMappable:
    """The colours of some values: from zero to the largest, or the same on both sides of zero if any is negative."""
    limit = float(np.abs(values).max()) or 1.0
    if values.min() < 0:
        return ScalarMappable(Normalize(-limit, limit), DIVERGING)
    return ScalarMappable(Normalize(0, limit), SEQUENTIAL)


def coloured(values: np.ndarray, colours: ScalarMappable) -> np.ndarray:
    """Values (...) as pixels, uint8 (..., 3)."""
    shares = np.asarray(colours.norm(values))
    return np.asarray(colours.cmap(shares, bytes=True))[..., :3]


def chart(title: str, height: int = 420, columns: int = 1) -> tuple[Figure, Sequence[Axes]]:
    """An empty figure with axes side by side.

    Args:
        title: of the first of them, so of the whole where there is but one.
        height: in pixels.
        columns: how many axes.
    """
    figure = Figure(figsize=(WIDTH / DPI, height / DPI), layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False)[0]
    axes[0].set_title(title)
    return figure, axes


def in_rows(pictures: Sequence[Picture], columns: int) -> list[list[Picture | None]]:
    """Pictures one after the other, for a sheet of so many columns."""
    return [list(pictures[start : start + columns]) for start in range(0, len(pictures), columns)]


def sheet(
    cells: Sequence[Sequence[Picture | None]],
    title: str,
    *,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    sides: tuple[int, int] = (64, 128),
    block: int | None = None,
    framed: bool = False,
    bar: tuple[ScalarMappable, str] | None = None,
) -> Figure:
    """Pictures in rows and columns.

    Args:
        cells: row by row; rows may be short, and None leaves a place empty.
        title: the figure's.
        rows: a label for each row, or none.
        columns: a heading for each column, or none.
        sides: the least and the largest side of a picture, in pixels; the width of the page goes before the least.
        block: put a wider gap behind every so many columns.
        framed: draw a thin frame around each picture, for pictures as white as the page.
        bar: a colour bar: its colours and what they mean.
    """
    pictures = [cell for row in cells for cell in row if cell is not None]
    across = max(len(row) for row in cells)
    largest = max(max(picture.pixels.shape[:2]) for picture in pictures)
    room = min(sides[1], WIDTH // across - GAP, max(sides[0], HEIGHT // len(cells) - GAP - LINE))
    side = largest * max(1, room // largest)

    lefts = [number * (side + GAP) + 3 * GAP * (number // block if block else 0) for number in range(across)]
    tops, bottom = [], 0
    for row in cells:
        tops.append(bottom)
        lines = [_fitted(cell.caption, side).count("\n") + 1 for cell in row if cell is not None and cell.caption]
        bottom += side + GAP + LINE * max(lines, default=0)
    canvas = np.full((bottom - GAP, lefts[-1] + side, 3), 255, dtype=np.uint8)
    height, width, _ = canvas.shape

    figure = Figure(figsize=(width / DPI, height / DPI))
    axes = figure.add_axes((0, 0, 1, 1))
    for top, row in zip(tops, cells, strict=True):
        for left, cell in zip(lefts, row, strict=False):
            if cell is not None:
                painted = _painted(cell, side)
                canvas[top : top + len(painted), left : left + painted.shape[1]] = painted
                caption = _fitted(cell.caption, side)
                axes.text(left + painted.shape[1] / 2, top + len(painted) + 2, caption,
                          fontsize=_size(caption, side), ha="center", va="top")  # fmt: skip
                if framed:
                    frame = Rectangle((left, top), painted.shape[1], len(painted))
                    axes.add_patch(frame).set(fill=False, edgecolor=FRAME, linewidth=0.8, clip_on=False)
    axes.imshow(canvas, extent=(0, width, height, 0), interpolation="nearest")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labeltop=True, labelbottom=False)
    axes.set_xticks([left + side / 2 for left in lefts[: len(columns)]], columns)
    axes.set_yticks([top + side / 2 for top in tops[: len(rows)]], rows)
    axes.set_title(title)
    if bar is not None:
        _beside(figure, *bar)
    return figure


def _fitted(caption: str, side: int) -> str:
    """A caption whose lines are no longer than a picture of this side, as far as its words allow."""
    return "\n".join(
        textwrap.fill(line, max(6, side // LETTER), break_long_words=False) for line in caption.split("\n")
    )


def _size(caption: str, side: int) -> int:
    """The size of a caption's letters: smaller where a long word would run into the next picture's caption."""
    longest = max(map(len, caption.split()), default=1)
    return min(LETTERS, max(LETTERS - 3, LETTERS * side // (LETTER * longest)))


def _beside(figure: Figure, colours: ScalarMappable, label: str) -> None:
    """A colour bar at the right of a sheet; it takes the sheet's height, but no more than the eye needs."""
    width, height = figure.get_size_inches()
    share = min(1.0, 2.4 / height)
    axes = figure.add_axes((1 + 0.15 / width, 1 - share, 0.12 / width, share))
    figure.colorbar(colours, cax=axes, label=label)


def _painted(picture: Picture, side: int) -> np.ndarray:
    """A picture enlarged to a side, or to the nearest whole multiple below it, with its outline."""
    times = max(1, side // max(picture.pixels.shape[:2]))
    large = picture.pixels.repeat(times, 0).repeat(times, 1)
    if picture.outline is not None:
        mask = picture.outline.repeat(times, 0).repeat(times, 1)
        within = _grown(mask)
        large[_grown(_grown(within)) & ~within] = OUTLINE
        large[within & ~mask] = 0
    return large


def _grown(mask: np.ndarray) -> np.ndarray:
    """A mask and the pixels that touch it."""
    padded = np.pad(mask, 1)
    return padded[1:-1, 1:-1] | padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
