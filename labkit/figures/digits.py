"""Sheets of grey images: examples of digits, ten optimised digits, and grids of any optimised images.

Images are (..., 1, H, W) as in PyTorch, (..., H, W, 1) as in Keras, or (..., H, W); arrays or tensors.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from labkit.datasets.mnist import CLASSES
from labkit.figures.canvas import Picture, array, class_numbers, in_style, pixels, sheet
from labkit.figures.drawing import Drawing
from labkit.figures.ink import calm, grey, inked

SIDES = (56, 112)


@in_style
def examples_of_digits(images: Any, labels: Any, per_class: int = 10, title: str = "Examples of each digit") -> Drawing:
    """The first images of each digit, one digit a row.

    Args:
        images: (N, ...), uint8 or floats in [0, 1].
        labels: integers (N,) from 0 to 9.
        per_class: how many images a row.
        title: the figure's.

    Raises:
        ValueError: shapes that do not go together, other values, or a label that is no digit.
    """
    images = pixels("images", grey("images", images, "N"))
    labels = class_numbers(labels, CLASSES, len(images))
    painted = inked(images / 255, (0,)).pixels
    cells = [[Picture(painted[i]) for i in np.flatnonzero(labels == digit)[:per_class]] for digit in range(10)]
    present = np.unique(labels)
    ink = {CLASSES[digit]: images[labels == digit].mean() / 255 for digit in present}
    told = ", ".join(
        f"{name} {len(row)} of {count:,}"
        for name, row, count in zip(CLASSES, cells, np.bincount(labels, minlength=10), strict=True)
    )
    most, least = max(ink, key=ink.__getitem__), min(ink, key=ink.__getitem__)
    return Drawing(
        sheet(cells, title, rows=CLASSES, sides=(56, 56), framed=True),
        "each row holds images of one digit, dark is ink; look for what all of a row share, and for a digit that could "
        "pass for another.",
        f"{title}. Images of {images.shape[1]} x {images.shape[2]} pixels, by digit: {told}. Most ink has {most} "
        f"({ink[most]:.0%} of the paper), least {least} ({ink[least]:.0%}).",
    )


@in_style
def ten_digits(
    rows: Mapping[str, Any], confidences: Mapping[str, Any] | None, title: str, one_range: bool = False
) -> Drawing:
    """An image for each of the ten digits, one kind of image a row.

    Images in [0, 1] are drawn as ink on paper. If any value lies outside, all are drawn in colours with white for
    0, and each row has a range of its own, which stands beside it.

    Args:
        rows: kind, such as "MLP" or "untrained", -> the images (10, ...) of the digits 0 to 9.
        confidences: kind -> the probability (10,) that the network gives to the digit; written beneath.
        title: the figure's.
        one_range: give all rows one range of colours, to compare how strong they are; a faint row gets pale.

    Raises:
        ValueError: no rows, shapes that do not go together, or confidences of other kinds.
    """
    if not rows:
        raise ValueError("rows: got none; wanted at least one kind of images.")
    if confidences is not None and set(confidences) != set(rows):
        raise ValueError(f"confidences: got {list(confidences)}; wanted one for each of {list(rows)}.")
    taken = [grey(f"rows[{kind!r}]", images, 10) for kind, images in rows.items()]
    if len({images.shape for images in taken}) > 1:
        raise ValueError(f"rows: got the shapes {[images.shape for images in taken]}; wanted images of one size.")
    values = np.stack(taken)
    found = inked(values, (0, 1) if one_range else (1,))
    cells, names, parts = [], [], []
    for number, kind in enumerate(rows):
        captions, told = [""] * 10, f"{kind}: {_in_words(values[number])}"
        if confidences is not None:
            sure = array(f"confidences[{kind!r}]", confidences[kind], 10)
            captions = [f"{share:.1%}" for share in sure]
            told += f", confidence {', '.join(f'{d} {share}' for d, share in zip(CLASSES, captions, strict=True))}"
        cells.append([Picture(*cell) for cell in zip(found.pixels[number], captions, strict=True)])
        names.append(kind if found.limits is None else f"{kind}\n±{found.limits[number]:.2g}")
        parts.append(told)
    own = ""
    if found.limits is not None:
        own = ", and each row has its own range of colours, written beside: compare its patterns, not its strength"
    beneath = "" if confidences is None else "; beneath stands the confidence that the network has in the digit"
    return Drawing(
        sheet(cells, title, rows=names, columns=CLASSES, sides=SIDES, framed=True, bar=found.bar),
        f"{found.reading}{own}; look for strokes that belong to the digit, and compare the rows{beneath}.",
        f"{title}. An image for each digit, {len(rows)} kinds. {'; '.join(parts)}. {_SCALE_OF_CALM}",
    )


@in_style
def image_grid(
    images: Any,
    row_names: Sequence[str],
    column_names: Sequence[str],
    captions: Sequence[Sequence[str]] | None,
    title: str,
    one_range: bool = False,
) -> Drawing:
    """Images in rows and columns, such as digits by regulariser, pairs of digits, or the filters of a layer.

    Images in [0, 1] are drawn as ink on paper. If any value lies outside, all are drawn in colours with white for
    0, and each image has a range of its own, whose end stands beneath it.

    Args:
        images: (R, C, ...).
        row_names: R names, or none.
        column_names: C names, or none.
        captions: R rows of C short texts to stand beneath, such as confidences.
        title: the figure's.
        one_range: give all images one range of colours, to compare how strong they are.

    Raises:
        ValueError: shapes or numbers of names that do not go together.
    """
    values = grey("images", images, "R", "C")
    for argument, names, wanted in (
        ("row_names", row_names, len(values)),
        ("column_names", column_names, len(values[0])),
    ):
        if len(names) not in (0, wanted):
            raise ValueError(f"{argument}: got {len(names)}; wanted {wanted}, as images has, or none.")
    texts = np.full(values.shape[:2], "", dtype=object)
    if captions is not None:
        texts = array("captions", captions, *values.shape[:2]).astype(object)
    found = inked(values, (0, 1) if one_range else ())
    beneath = texts
    if found.limits is not None:
        limits = np.array([[f"±{limit:.2g}" for limit in row] for row in found.limits], dtype=object)
        beneath = texts + np.where(texts == "", "", "\n") + limits
    cells = [[Picture(*cell) for cell in zip(*row, strict=True)] for row in zip(found.pixels, beneath, strict=True)]
    rows = row_names or [f"row {number}" for number in range(1, len(values) + 1)]
    columns = column_names or [f"column {number}" for number in range(1, len(values[0]) + 1)]
    parts = [
        f"{rows[r]}, {columns[c]}: {_in_words(values[r, c])}" + (f", {texts[r, c]}" if texts[r, c] else "")
        for r, c in np.ndindex(texts.shape)
    ]
    own = ""
    if found.limits is not None:
        own = ", and each image has its own range of colours, written beneath: compare patterns, not strength"
    return Drawing(
        sheet(cells, title, rows=row_names, columns=column_names, sides=SIDES, framed=True, bar=found.bar),
        f"{found.reading}{own}; compare along a row and down a column, for shapes that stay and shapes that vanish.",
        f"{title}. {len(values)} x {len(values[0])} images. {'; '.join(parts)}. {_SCALE_OF_CALM}",
    )


_SCALE_OF_CALM = "Neighbours are alike by 0.00 in noise and by 1.00 in a calm drawing."


def _in_words(images: np.ndarray) -> str:
    """What can be said of images (..., H, W) in numbers."""
    return f"values from {images.min():.2f} to {images.max():.2f}, neighbours alike {calm(images):z.2f}"
