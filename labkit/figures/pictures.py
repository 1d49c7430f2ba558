"""Sheets of pictures: examples, filters, activation maps, and the images that units like best.

Images are uint8 or floats in [0, 1], channels last (H, W, 3). Arrays may be NumPy's or PyTorch's.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from labkit.figures.canvas import (
    Picture,
    array,
    class_numbers,
    coloured,
    colours_for,
    in_rows,
    in_style,
    pixels,
    sheet,
)
from labkit.figures.drawing import Drawing

if TYPE_CHECKING:  # the methods bring PyTorch, which drawing their results does not need
    from labkit.methods.filters import FilterImages

# Filters have a handful of weights: small pictures do, and all filters of a layer fit on one sheet.
FILTER_SIDES = (20, 60)


@in_style
def examples(
    images: Any,
    labels: Any,
    classes: Sequence[str],
    masks: Any = None,
    per_class: int = 5,
    title: str = "Examples of each class",
) -> Drawing:
    """The first images of each class, one class a row.

    Args:
        images: (N, H, W, 3).
        labels: integers (N,), which count the classes from 0.
        classes: their names.
        masks: bool (N, H, W), true on the object; drawn as an outline.
        per_class: how many images a row.
        title: the figure's.

    Raises:
        ValueError: shapes that do not go together, or a label without a name.
    """
    images = pixels("images", array("images", images, "N", "H", "W", 3))
    labels = class_numbers(labels, classes, len(images))
    masks = None if masks is None else array("masks", masks, *images.shape[:3]).astype(bool)
    chosen = [np.flatnonzero(labels == number)[:per_class] for number in range(len(classes))]
    cells = [[Picture(images[i], outline=None if masks is None else masks[i]) for i in row] for row in chosen]
    figure = sheet(cells, title, rows=classes, sides=(64, 96))
    counts = np.bincount(labels, minlength=len(classes))
    told = ", ".join(
        f"{name} {len(row)} of {count:,}" for name, row, count in zip(classes, chosen, counts, strict=True)
    )
    size = ""
    if masks is not None:
        covered = masks.mean(axis=(1, 2))
        size = (
            f" The outlined objects cover from {covered.min():.0%} to {covered.max():.0%} of an image, "
            f"median {np.median(covered):.0%}."
        )
    return Drawing(
        figure,
        "each row holds images of one class; ask what they share besides the object, such as the background"
        + ("." if masks is None else ", and compare it with the outline, which is the object's true place."),
        f"{title}. Images of {images.shape[1]} x {images.shape[2]} pixels, by class: {told}.{size}",
    )


@in_style
def filter_grid(filters: "FilterImages", title: str, channels: int = 1) -> Drawing:
    """The weights of a convolution's filters as pictures, in colour or in grey.

    Args:
        filters: images in [0, 1], 0.5 for a weight of 0: in colour (F, h, w, 3) or in grey, one per input
            channel (F, C, h, w); and limit (F,), the size of the weight drawn as 0 or 1.
        title: the figure's.
        channels: of filters in grey, how many input channels to show: 1 gives a grid of all filters, more
            a row for each filter.

    Raises:
        ValueError: another shape, or a number of channels that the filters do not have.
    """
    images = array("filters.images", filters.images, "F", "h or C", "w or h", "3 or w")
    limit = array("filters.limit", filters.limit, len(images))
    in_colour = images.shape[1] == images.shape[2] and images.shape[3] == 3
    inputs = 1 if in_colour else images.shape[1]
    if not 1 <= channels <= inputs:
        raise ValueError(f"channels: got {channels}; these filters have {inputs} to show.")
    # From here on both kinds are (F, channels, h, w, 3).
    images = images[:, None] if in_colour else images[:, :channels, ..., None].repeat(3, axis=-1)
    painted = pixels("filters.images", images)

    alike = np.allclose(limit, limit[0])
    names = [f"{i}" if alike else f"{i}: ±{limit[i]:.2f}" for i in range(len(images))]
    end = (limit[0] if alike else 0) or 1
    meaning = ("weight" if alike else "share of the limit") + (", by colour" if in_colour else "")
    bar = (ScalarMappable(Normalize(-end, end), colormaps["gray"]), meaning)
    if channels == 1:
        cells = in_rows([Picture(*cell) for cell in zip(painted[:, 0], names, strict=True)], 8)
        figure = sheet(cells, title, sides=FILTER_SIDES, bar=bar)
    else:
        cells = [[Picture(one) for one in row] for row in painted]
        rows, columns = [f"filter {name}" for name in names], [f"{channel}" for channel in range(channels)]
        figure = sheet(cells, title, rows=rows, columns=columns, sides=FILTER_SIDES, bar=bar)

    weights = (2.0 * images - 1) * limit.reshape(-1, 1, 1, 1, 1)
    sizes = np.abs(weights).max(axis=(1, 2, 3, 4))
    shown = "in colour" if in_colour else f"in grey, {channels} of {inputs} input channels"
    own = "" if alike else "; each filter has its own scale, whose limit stands by its number"
    return Drawing(
        figure,
        "mid-grey is a weight of 0; a tint is a colour whose weights are larger than those of the others, and a "
        f"filter without any tint looks at brightness alone{own}."
        if in_colour
        else "mid-grey is a weight of 0, darker is negative and brighter positive; a dark side beside a bright one "
        f"is an edge that the filter answers to{own}.",
        f"{title}. {len(images)} filters of {weights.shape[2]} x {weights.shape[3]} weights, {shown}. The largest "
        f"weight of a filter lies between {sizes.min():.3f} (filter {sizes.argmin()}) and {sizes.max():.3f} "
        f"(filter {sizes.argmax()}); {(weights > 0).mean():.0%} of the weights are positive.",
    )


@in_style
def activation_maps(image: Any, maps: Any, title: str) -> Drawing:
    """An image, and beside it what every unit of a layer makes of it, in the same colours.

    Args:
        image: (H, W, 3).
        maps: activations (U, h, w).
        title: the figure's.

    Raises:
        ValueError: another shape.
    """
    image = pixels("image", array("image", image, "H", "W", 3))
    maps = array("maps", maps, "U", "h", "w")
    colours = colours_for(maps)
    painted = coloured(maps, colours)
    cells = [Picture(image, "image"), *(Picture(one, f"unit {unit}") for unit, one in enumerate(painted))]
    peaks = maps.max(axis=(1, 2))
    strongest = ", ".join(f"unit {unit} with {peaks[unit]:.2f}" for unit in np.argsort(-peaks, kind="stable")[:3])
    return Drawing(
        sheet(in_rows(cells, 9), title, sides=(64, 96), bar=(colours, "activation")),
        "each map is one unit, brighter where it is more active, on the same scale for all; look for the parts of the "
        "image that a unit answers to, and for units that stay silent."
        if maps.min() >= 0
        else "each map is one unit, orange where its value is positive and blue where negative, on the same scale for "
        "all; look for the parts of the image that a unit answers to.",
        f"{title}. {len(maps)} maps of {maps.shape[1]} x {maps.shape[2]} values. The highest peaks: {strongest}. "
        f"Units that are nowhere above 0: {(peaks <= 0).sum()}.",
    )


@in_style
def top_images(
    images: Any,
    values: Any,
    units: Sequence[int],
    title: str,
    labels: Any = None,
    classes: Sequence[str] | None = None,
    positions: Any = None,
    field: int = 5,
) -> Drawing:
    """The images that activate some units most, one unit a row, best first.

    Args:
        images: (U, k, H, W, 3).
        values: their activations (U, k).
        units: the number of each unit.
        title: the figure's.
        labels: the class of each image (U, k), where ``classes`` gives the names.
        classes: names of the classes.
        positions: row and column (U, k, 2), in pixels of the image, of the centre of the unit's receptive
            field where it was most active; where the activation is 0 no place is marked.
        field: the side of that field in pixels.

    Raises:
        ValueError: shapes that do not go together, or labels without names.
    """
    images = pixels("images", array("images", images, "U", "k", "H", "W", 3))
    values = array("values", values, *images.shape[:2])
    array("units", units, len(images))
    positions = None if positions is None else array("positions", positions, *images.shape[:2], 2)
    if (labels is None) != (classes is None):
        raise ValueError("got labels without classes, or classes without labels; wanted both or neither.")
    names = None
    if labels is not None and classes is not None:
        names = np.array(classes)[class_numbers(labels, classes, *values.shape)]

    cells, parts = [], []
    for row, unit in enumerate(units):
        reached = [f"{value:.2f}" for value in values[row]]
        told = f"unit {unit} from {reached[0]} to {reached[-1]}"
        captions = reached
        if names is not None:
            captions = [f"{name} {value}" for name, value in zip(names[row], reached, strict=True)]
            counts = Counter(names[row].tolist()).most_common()
            told += f" ({', '.join(f'{name} {count}' for name, count in counts)})"
        pictures = [Picture(image, caption) for image, caption in zip(images[row], captions, strict=True)]
        if positions is not None:
            where = zip(positions[row], values[row], strict=True)
            spots = [_square(centre, field, images.shape[2:4]) if value else None for centre, value in where]
            pictures = [replace(picture, outline=spot) for picture, spot in zip(pictures, spots, strict=True)]
        cells.append(pictures)
        parts.append(told)
    return Drawing(
        sheet(cells, title, rows=[f"unit {unit}" for unit in units], sides=(64, 96)),
        "each row is one unit, its strongest image first, the activation beneath; what the images of a row share, in "
        "object, colour or texture, is a guess at what the unit answers to"
        + ("." if positions is None else ", and the outlined square is the part of the image that it saw."),
        f"{title}. The {images.shape[1]} images with the highest activations: {'; '.join(parts)}.",
    )


def _square(centre: np.ndarray, side: int, shape: tuple[int, ...]) -> np.ndarray:
    """The mask (H, W) of a square around a place, cut off at the image's border."""
    row, column = (round(float(place)) - side // 2 for place in centre)
    mask = np.zeros(shape, dtype=bool)
    mask[max(row, 0) : max(row + side, 0), max(column, 0) : max(column + side, 0)] = True
    return mask
