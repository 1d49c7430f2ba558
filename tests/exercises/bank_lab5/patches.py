"""5.7: a patch at the border."""

import contextlib

import numpy as np


def cut_by_padding(image, top, left, size, fill=0.0):
    margin = size + max(abs(top), abs(left))
    larger = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), constant_values=fill)
    return larger[top + margin :][:size, left + margin :][:, :size]


def cut_by_pasting(image, top, left, size, fill=0.0):
    height, width, channels = image.shape
    patch = np.full((size, size, channels), fill, dtype=image.dtype)
    first_row, last_row = max(top, 0), min(top + size, height)
    first_column, last_column = max(left, 0), min(left + size, width)
    if first_row < last_row and first_column < last_column:
        patch[first_row - top : last_row - top, first_column - left : last_column - left] = image[
            first_row:last_row, first_column:last_column
        ]
    return patch


def cut_by_loops(image, top, left, size, fill=0.0):
    height, width, channels = image.shape
    return [
        [
            image[row, column] if 0 <= row < height and 0 <= column < width else [fill] * channels
            for column in range(left, left + size)
        ]
        for row in range(top, top + size)
    ]


def cut_by_mask(image, top, left, size, fill=0.0):
    rows, columns = np.mgrid[top : top + size, left : left + size]
    height, width, _ = image.shape
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return np.where(inside[..., None], image[rows % height, columns % width], fill)


def cut_in_tensorflow(image, top, left, size, fill=0.0):
    import tensorflow as tf

    margin = size + max(abs(top), abs(left))
    larger = tf.pad(image, [[margin, margin], [margin, margin], [0, 0]], constant_values=fill)
    return tf.image.crop_to_bounding_box(larger, top + margin, left + margin, size, size)


def padded(mode):
    def cut(image, top, left, size, fill=0.0):
        margin = size + max(abs(top), abs(left))
        larger = np.pad(image, ((margin, margin), (margin, margin), (0, 0)), mode=mode)
        return larger[top + margin : top + margin + size, left + margin : left + margin + size]

    return cut


def changed(before=lambda *given: given, after=lambda patch: patch):
    """The right patch of other arguments, or changed behind."""
    return lambda image, top, left, size, fill=0.0: after(cut_by_pasting(image, *before(top, left, size, fill)))


def plain_slice(image, top, left, size, fill=0.0):
    return image[top : top + size, left : left + size]


def clipped(image, top, left, size, fill=0.0):
    height, width, _ = image.shape
    return image[max(0, top) : max(0, min(height, top + size)), max(0, left) : max(0, min(width, left + size))]


def clipped_starts(image, top, left, size, fill=0.0):
    return image[max(0, top) : top + size, max(0, left) : left + size]


def pushed_inside(image, top, left, size, fill=0.0):
    top = min(max(top, 0), image.shape[0] - size)
    left = min(max(left, 0), image.shape[1] - size)
    return image[top : top + size, left : left + size]


def into_the_corner(image, top, left, size, fill=0.0):
    part = clipped(image, top, left, size)
    patch = np.full((size, size, image.shape[2]), fill)
    patch[: part.shape[0], : part.shape[1]] = part
    return patch


def by_negative_indices(image, top, left, size, fill=0.0):
    height, width, _ = image.shape
    return image[np.arange(top, top + size) % height][:, np.arange(left, left + size) % width]


def empty_outside(image, top, left, size, fill=0.0):
    patch = cut_by_pasting(image, top, left, size, fill)
    return patch if clipped(image, top, left, size).size else patch[:0, :0]


def zeros_outside(image, top, left, size, fill=0.0):
    touches = clipped(image, top, left, size).size
    return cut_by_pasting(image, top, left, size, fill) if touches else np.ones((size, size, image.shape[2]))


def paints_the_image(image, top, left, size, fill=0.0):
    image[0] = fill
    return cut_by_pasting(image, top, left, size, fill)


def pads_all(image, top, left, size, fill=0.0):
    """The channels too."""
    margin = size + max(abs(top), abs(left))
    larger = np.pad(image, margin, constant_values=fill)
    return larger[top + margin : top + margin + size, left + margin : left + margin + size]


def pads_all_a_little(image, top, left, size, fill=0.0):
    larger = np.pad(image, size, constant_values=fill)
    return larger[top + size : top + 2 * size, left + size : left + 2 * size]


def padded_a_little(mode):
    """A margin of one patch, and what stands there is not fill."""

    def cut(image, top, left, size, fill=0.0):
        larger = np.pad(image, ((size, size), (size, size), (0, 0)), mode=mode)
        return larger[top + size : top + 2 * size, left + size : left + 2 * size]

    return cut


def while_there_is_an_error(image, top, left, size, fill=0.0):
    patch = np.full((size, size, image.shape[2]), fill)
    for row in range(size):
        for column in range(size):
            with contextlib.suppress(IndexError):
                patch[row, column] = image[top + row, left + column]
    return patch


def small_margin(image, top, left, size, fill=0.0):
    """A margin of one patch is too little for a patch that lies further out."""
    larger = np.pad(image, ((size, size), (size, size), (0, 0)), constant_values=fill)
    return larger[top + size : top + 2 * size, left + size : left + 2 * size]


def pads_by_what_hangs_over(image, top, left, size, fill=0.0):
    height, width, _ = image.shape
    over = ((-top, top + size - height), (-left, left + size - width), (0, 0))
    return np.pad(image, over, constant_values=fill)


RIGHT = {
    "5.7": [cut_by_padding, cut_by_pasting, cut_by_loops, cut_by_mask, cut_in_tensorflow],
}

WRONG = {
    "5.7": [
        (plain_slice, "plain_slice"),
        (clipped, "clipped"),
        (clipped_starts, "clipped"),
        (pushed_inside, "pushed_inside"),
        (changed(lambda top, left, size, fill: (left, top, size, fill)), "swapped"),
        (changed(after=lambda patch: patch.swapaxes(0, 1)), "swapped"),
        (padded("edge"), "edge_repeated"),
        (padded("reflect"), "edge_repeated"),
        (padded("symmetric"), "edge_repeated"),
        (padded_a_little("edge"), "edge_repeated"),
        (padded("wrap"), "wraps_round"),
        (by_negative_indices, "wraps_round"),
        (while_there_is_an_error, "wraps_round"),
        (padded("constant"), "fill_ignored"),
        (padded_a_little("constant"), "fill_ignored"),
        (changed(lambda top, left, size, fill: (top, left, size, 1.0)), "fill_ignored"),
        (into_the_corner, "into_the_corner"),
        (changed(lambda top, left, size, fill: (top - size // 2, left - size // 2, size, fill)), "centred"),
        (changed(lambda top, left, size, fill: (top, left, size + 1, fill)), "one_off"),
        (changed(lambda top, left, size, fill: (top, left, size - 1, fill)), "one_off"),
        (changed(lambda top, left, size, fill: (top - 1, left - 1, size, fill)), "one_off"),
        (changed(after=lambda patch: patch.mean(axis=2)), "no_channels"),
        (changed(after=lambda patch: patch[:, :, 0]), "no_channels"),
        (pads_all, "no_channels"),
        (pads_all_a_little, "no_channels"),
        (changed(after=lambda patch: patch.transpose(2, 0, 1)), "no_channels"),
        (empty_outside, "wholly_outside"),
        (zeros_outside, "wholly_outside"),
        (small_margin, "wholly_outside"),
        (changed(after=lambda patch: 255 * patch), "other"),
        (changed(after=lambda patch: patch[None]), "other"),
        (lambda image, top, left, size, fill=0.0: np.zeros((size, size, image.shape[2])), "other"),
        (paints_the_image, "other"),
        (lambda image, top, left, size, fill=0.0: None, "misfit"),
        (lambda image, top, left, size, fill=0.0: "patch", "misfit"),
        (pads_by_what_hangs_over, "raised"),
        (lambda image, top, left, size: plain_slice(image, top, left, size), "raised"),
        (np.zeros((4, 4, 3)), "misfit"),
    ],
}

STUBS = {}
