"""One unit seen four ways on one page: its weights, its best patches, the input made for it, and what it needs."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from labkit.figures.canvas import DIVERGING, DPI, INK, WIDTH, array, coloured, in_style, pixels
from labkit.figures.drawing import Drawing
from labkit.figures.tiles import checked, columns_of, mean_colour, tiled

#: The side of a view, and the room for the title, above a view for its name, and beneath it for a colour bar; pixels.
SIDE, TITLE, ABOVE, BELOW = 384, 30, 30, 62
#: Beneath each patch, for its activation, and between tiles.
ROOM, LINE = 16, 4
#: How bright the grey image under a map is where it is black, so that the map's colours show there too.
LIGHTEST_BLACK = 0.45
#: The grey between the tiles of weights, which are white where a weight is 0.
BETWEEN = 200


@in_style
def four_views(
    weights: Any,
    patches: Any,
    inside: Any,
    values: Any,
    optimised: Any,
    image: Any,
    heat: Any,
    title: str,
) -> Drawing:
    """One unit, or channel, of a convolution seen four ways.

    Args:
        weights: of its kernel (h, w, D), one tile for each of its D input channels.
        patches: the pieces of images that it likes best (k, p, q, 3), best first.
        inside: bool (k, p, q), false where a patch reaches over its image's border.
        values: their activations (k,).
        optimised: the input that was made for it (H, W, 3), in [0, 1].
        image: its best image (H, W, 3).
        heat: how much its activation drops where that image is covered (H, W).
        title: the figure's.

    Raises:
        ValueError: shapes that do not go together, or pixels with other values.
    """
    weights = array("weights", weights, "h", "w", "D").astype(float).transpose(2, 0, 1)
    painted, inside, values = checked(patches, inside, values, "k")
    optimised = pixels("optimised", array("optimised", optimised, "H", "W", 3))
    image = pixels("image", array("image", image, "H", "W", 3))
    heat = array("heat", heat, *image.shape[:2]).astype(float)
    signs, drops = _signed(weights), _signed(heat)

    figure = Figure(figsize=(WIDTH / DPI, (TITLE + 2 * (ABOVE + SIDE + BELOW)) / DPI))
    tiles, _ = tiled(coloured(weights, signs), (LINE, LINE), _times(weights, LINE), fill=BETWEEN)
    framed = np.pad(tiles, ((LINE, 0), (LINE, LINE), (0, 0)), constant_values=BETWEEN)
    axes = _panel(figure, 0, framed, f"its weights: a tile for each of {len(weights)} input channels")
    axes.set_title(title, pad=ABOVE)
    _bar(figure, axes, signs, "weight")

    pieces, spots = tiled(painted, (ROOM, LINE), _times(painted, ROOM))
    axes = _panel(figure, 1, pieces, "its strongest patches, the activation beneath")
    for (row, column), value in zip(spots, values, strict=True):
        axes.text(column, row + 2, f"{value:.2f}", fontsize=8, ha="center", va="top")

    _panel(figure, 2, _enlarged(optimised), "an input that was made for it")

    covered = _enlarged(_tinted(image, coloured(heat, drops)))
    axes = _panel(figure, 3, covered, "its best image: what its activation needs")
    if heat.max() > 0:
        centres = [(np.arange(side) + 0.5) * len(covered) / len(image) for side in heat.shape]
        axes.contour(centres[1], centres[0], heat, levels=[heat.max() / 2], colors=INK, linewidths=1.2)
    _bar(figure, axes, drops, "drop of the activation where covered")

    largest = np.argsort(-np.abs(weights).sum(axis=(1, 2)), kind="stable")[:3]
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    return Drawing(
        figure,
        "four answers to what the unit likes: what it is made of, what it found among the images, what was made for "
        "it, and what of its best image it cannot do without, where a line is drawn at half of the largest drop; ask "
        "where the four agree in colour, direction and place."
        + ("" if inside.all() else " What is chequered lies outside the image."),
        f"{title}. Weights of {weights.shape[1]} x {weights.shape[2]} for {len(weights)} input channels, from "
        f"{weights.min():.3f} to {weights.max():.3f}, {(weights > 0).mean():.0%} positive, largest for the channels "
        f"{', '.join(map(str, largest))}. {len(painted)} patches with activations from {values[0]:.2f} to "
        f"{values[-1]:.2f}, {mean_colour(painted[inside])}. The input made for it: {mean_colour(optimised)}. Its best "
        f"image: largest drop {heat.max():.2f} at row {row}, column {column}; the drop is more than half as large on "
        f"{(heat > max(heat.max() / 2, 0)).mean():.0%} of the image.",
    )


def _signed(values: np.ndarray) -> ScalarMappable:
    """Colours for values that may have a sign, with white for 0."""
    limit = float(np.abs(values).max()) or 1.0
    return ScalarMappable(Normalize(-limit, limit), DIVERGING)


def _times(tiles: np.ndarray, beneath: int) -> int:
    """How many times larger tiles (k, h, w, ...) may be drawn in a view, with room beneath each."""
    columns = columns_of(len(tiles))
    rows = -(-len(tiles) // columns)
    high, wide = SIDE // rows - beneath, SIDE // columns - LINE
    return max(1, min(high // tiles.shape[1], wide // tiles.shape[2]))


def _enlarged(picture: np.ndarray) -> np.ndarray:
    """A picture as large as it may be in a view."""
    times = max(1, SIDE // max(picture.shape[:2]))
    return picture.repeat(times, 0).repeat(times, 1)


def _tinted(image: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """An image in pale grey, with other colours laid over it as by a felt pen: white leaves it as it is."""
    grey = image.mean(axis=2, keepdims=True) / 255
    return np.rint(colours * (LIGHTEST_BLACK + (1 - LIGHTEST_BLACK) * grey)).astype(np.uint8)


def _panel(figure: Figure, number: int, picture: np.ndarray, name: str) -> Axes:
    """One of the four views, from the upper left to the lower right, with its picture pixel by pixel."""
    row, column = divmod(number, 2)
    width, height = DPI * figure.get_size_inches()
    top = TITLE + ABOVE + row * (ABOVE + SIDE + BELOW)
    place = (column * (width - SIDE) / width, 1 - (top + SIDE) / height, SIDE / width, SIDE / height)
    axes = figure.add_axes(place)
    high, wide, _ = picture.shape
    axes.imshow(picture, extent=(0, wide, high, 0), interpolation="nearest")
    side = max(SIDE, high, wide)
    axes.set_xlim(0, side)
    axes.set_ylim(side, 0)
    axes.set_axis_off()
    axes.text(0, -8, name, fontsize=10)
    return axes


def _bar(figure: Figure, beside: Axes, colours: ScalarMappable, label: str) -> None:
    """A colour bar beneath a view."""
    place = beside.get_position()
    height = DPI * figure.get_size_inches()[1]
    axes = figure.add_axes((place.x0, place.y0 - 18 / height, place.width, 10 / height))
    figure.colorbar(colours, cax=axes, orientation="horizontal", label=label, ticks=MaxNLocator(5))
