"""5.3 and 5.4: the largest activation of each map and its place, and the k best images."""

import numpy as np

# --- 5.3 -----------------------------------------------------------------------------------------------------


def places_by_loops(activations):
    n, height, width, channels = activations.shape
    values = np.empty((n, channels))
    rows, columns = np.empty((n, channels), int), np.empty((n, channels), int)
    for i in range(n):
        for c in range(channels):
            one = activations[i, :, :, c]
            rows[i, c], columns[i, c] = np.unravel_index(one.argmax(), one.shape)
            values[i, c] = one.max()
    return values, rows, columns


def places_by_two_maxima(activations):
    """The best of the rows' maxima is in the best row; the same for columns."""
    return activations.max(axis=(1, 2)), activations.max(axis=2).argmax(axis=1), activations.max(axis=1).argmax(axis=1)


def places_like_the_course(activations):
    shape = activations.shape
    flat = activations.transpose((1, 2, 0, 3)).reshape([-1, shape[0], shape[3]])
    rows, columns = np.unravel_index(np.argmax(flat, axis=0), shape[1:3])
    return [np.max(flat, axis=0), rows, columns]


def places_column_by_column(activations):
    n, height, width, channels = activations.shape
    flat = activations.swapaxes(1, 2).reshape(n, -1, channels).argmax(axis=1)
    return activations.max(axis=1).max(axis=1), flat % height, flat // height


def places_in_tensorflow(activations):
    import tensorflow as tf

    n, height, width, channels = activations.shape
    flat = tf.reshape(activations, (n, height * width, channels))
    best = tf.argmax(flat, axis=1)
    return tf.reduce_max(flat, axis=1), best // width, best % width


def flattened(activations):
    n, height, width, channels = activations.shape
    return activations.reshape(n, height * width, channels)


def places(unravel=None, choose=lambda flat: flat.argmax(axis=1), values=lambda flat: flat.max(axis=1)):
    """The solution, in which one thing or another is wrong."""

    def best(activations):
        flat = flattened(activations)
        rows, columns = (unravel or (lambda number, shape: np.unravel_index(number, shape[1:3])))(
            choose(flat), activations.shape
        )
        return values(flat), rows, columns

    return best


def changed(change):
    return lambda activations: tuple(map(change, places()(activations)))


def beginning_with_zeros(activations):
    n, _, _, channels = activations.shape
    values, rows, columns = np.zeros((n, channels)), np.zeros((n, channels), int), np.zeros((n, channels), int)
    for (i, row, column, c), activation in np.ndenumerate(activations):
        if activation > values[i, c]:
            values[i, c], rows[i, c], columns[i, c] = activation, row, column
    return values, rows, columns


def over_channels(activations):
    best = activations.argmax(axis=-1)
    return activations.max(axis=-1), best, best


def whole_image(activations):
    n = len(activations)
    flat = activations.reshape(n, -1)
    _, rows, columns, _ = np.unravel_index(flat.argmax(axis=1), activations.shape)
    return flat.max(axis=1), rows, columns


def whole_set(activations):
    flat = activations.reshape(-1, activations.shape[-1])
    _, rows, columns = np.unravel_index(flat.argmax(axis=0), activations.shape[:3])
    return flat.max(axis=0), rows, columns


def whole_set_as_one(activations):
    _, row, column, _ = np.unravel_index(activations.argmax(), activations.shape)
    return activations.max(), row, column


def channels_first_by_reshaping(activations):
    n, height, width, channels = activations.shape
    flat = activations.reshape(n, channels, height * width)
    return flat.max(axis=2), *np.unravel_index(flat.argmax(axis=2), (height, width))


def in_place(activations):
    activations -= activations.min()
    return places()(activations)


# --- 5.4 -----------------------------------------------------------------------------------------------------


def top_by_partition(values, k):
    found = np.argpartition(values, -k, axis=0)[-k:]
    order = np.argsort(-np.take_along_axis(values, found, axis=0), axis=0)
    return np.take_along_axis(found, order, axis=0)


def top_turned_round(values, k):
    """Of equal values, the later image comes first."""
    return np.argsort(values, axis=0, kind="stable")[::-1][:k]


def top_by_loops(values, k):
    columns = [sorted(range(len(values)), key=lambda i, c=c: -values[i, c])[:k] for c in range(values.shape[1])]
    return [list(ranks) for ranks in zip(*columns, strict=True)]


def top_in_tensorflow(values, k):
    import tensorflow as tf

    return tf.transpose(tf.math.top_k(tf.transpose(values), k).indices)


def top_by_maxima(values, k):
    left, found = values.copy(), []
    for _ in range(k):
        found.append(left.argmax(axis=0))
        left[found[-1], np.arange(values.shape[1])] = -np.inf
    return np.stack(found).astype(np.int32)


def ranked(rule, **axis):
    """Something made of the numbers in falling order."""
    return lambda values, k: rule(np.argsort(-values, **(axis or {"axis": 0})), k)


def best_by_partition(values, k):
    """The k best as they come, and in which order they should stand."""
    found = np.argpartition(values, -k, axis=0)[-k:]
    return found, np.argsort(-np.take_along_axis(values, found, axis=0), axis=0)


def order_alone(values, k):
    return best_by_partition(values, k)[1]


def picked_for_all(values, k):
    found, order = best_by_partition(values, k)
    return found[order]


def as_partition_may(values, k):
    """The right ones in the order of the images: argpartition may leave them so."""
    return np.sort(top_by_partition(values, k), axis=0)


def top_destroying(values, k):
    values *= -1
    return np.argsort(values, axis=0)[:k]


RIGHT = {
    "5.3": [
        places_by_loops,
        places_by_two_maxima,
        places_like_the_course,
        places_column_by_column,
        places_in_tensorflow,
        places(),
    ],
    "5.4": [
        top_by_partition,
        top_turned_round,
        top_by_loops,
        top_in_tensorflow,
        top_by_maxima,
        ranked(lambda order, k: order[:k]),
    ],
}

WRONG = {
    "5.3": [
        (over_channels, "over_channels"),
        (whole_image, "whole_image"),
        (whole_set, "over_images"),
        (whole_set_as_one, "over_images"),
        (channels_first_by_reshaping, "axes_mixed"),
        (changed(np.transpose), "transposed"),
        (beginning_with_zeros, "starts_with_zeros"),
        (places(choose=lambda flat: abs(flat).argmax(axis=1)), "by_size"),
        (
            places(choose=lambda flat: abs(flat).argmax(axis=1), values=lambda flat: abs(flat).max(axis=1)),
            "by_size",
        ),
        (places(choose=lambda flat: flat.argmin(axis=1), values=lambda flat: flat.min(axis=1)), "smallest"),
        (places(values=lambda flat: flat.argmax(axis=1)), "numbers_as_values"),
        (places(lambda number, shape: np.unravel_index(number, shape[1:3])[::-1]), "swapped"),
        (places(lambda number, shape: (number, number)), "flat_number"),
        (places(lambda number, shape: (number // shape[2], number)), "flat_number"),
        (places(lambda number, shape: np.unravel_index(number, (shape[2], shape[1]))), "height_as_width"),
        (places(lambda number, shape: np.unravel_index(number, shape[:2])), "height_as_width"),
        (places(lambda number, shape: np.unravel_index(number, shape[1:3], order="F")), "height_as_width"),
        (places(lambda number, shape: np.unravel_index(number, shape[2:])), "channels_as_width"),
        (lambda a: (a.max(axis=(1, 2)), a.argmax(axis=1), a.argmax(axis=2)), "each_line"),
        (changed(np.float64), "broken_places"),
        (places(lambda number, shape: (number / shape[2], number % shape[2])), "broken_places"),
        (places(values=lambda flat: flat.mean(axis=1)), "other"),
        (places(lambda number, shape: [part + 1 for part in np.unravel_index(number, shape[1:3])]), "other"),
        (lambda a: (np.zeros(a.shape[::3]), np.zeros(a.shape[::3], int), np.zeros(a.shape[::3], int)), "other"),
        (lambda a: (flattened(a).max(axis=1), flattened(a).argmax(axis=1)), "misfit"),
        (lambda a: flattened(a).max(axis=1), "misfit"),
        (lambda a: (*places()(a), a.shape), "misfit"),
        (in_place, "other"),
        (lambda a: None, "misfit"),
        (places(lambda number, shape: np.unravel_index(number, shape[1])), "raised"),
        (lambda a: a[:, :, :, :, 0], "raised"),
        (np.zeros((3, 2)), "misfit"),
    ],
    "5.4": [
        (lambda values, k: np.argsort(values, axis=0)[-k:], "rising_order"),
        (ranked(lambda order, k: order[:k][::-1]), "rising_order"),
        (as_partition_may, "unsorted"),
        (lambda values, k: np.argsort(values, axis=0)[:k], "smallest"),
        (lambda values, k: np.argsort(-values, axis=0)[-k:], "smallest"),
        (lambda values, k: np.argsort(-abs(values), axis=0)[:k], "by_size"),
        (ranked(lambda order, k: order[:, :k], axis=1), "over_channels"),
        (ranked(lambda order, k: order[:k], axis=-1), "over_channels"),
        (lambda values, k: np.argsort(values)[::-1][:k], "over_channels"),
        (lambda values, k: np.argsort(values)[:, -k:], "over_channels"),
        (ranked(lambda order, k: order[:k].T), "transposed"),
        (lambda values, k: np.sort(values, axis=0)[::-1][:k], "values"),
        (lambda values, k: np.sort(values, axis=0)[-k:], "values"),
        (lambda values, k: np.sort(-values, axis=0)[:k], "values"),
        (ranked(lambda order, k: order[:k].astype(float)), "broken_numbers"),
        (lambda values, k: np.argsort(values, axis=0)[-1:-k:-1], "one_rank_off"),
        (ranked(lambda order, k: order[1 : k + 1]), "one_rank_off"),
        (ranked(lambda order, k: order[: k + 1]), "one_rank_off"),
        (ranked(lambda order, k: order), "all_images"),
        (ranked(lambda order, k: order[:16]), "all_images"),
        (order_alone, "numbers_among_the_best"),
        (picked_for_all, "picked_for_all"),
        (lambda values, k: np.argsort(-values.ravel())[:k], "one_list"),
        (lambda values, k: np.argsort(-values.max(axis=1))[:k], "one_list"),
        (ranked(lambda order, k: order[np.zeros(k, int)]), "twice"),
        (ranked(lambda order, k: order[:k] - 1), "other"),
        (lambda values, k: np.tile(np.arange(k)[:, None], values.shape[1]), "numbers_among_the_best"),
        (lambda values, k: np.tile(np.arange(1, k + 1)[:, None], values.shape[1]), "other"),
        (lambda values, k: (np.sort(values, axis=0)[::-1][:k], np.argsort(-values, axis=0)[:k]), "misfit"),
        (lambda values, k: "best", "misfit"),
        (lambda values, k: np.argpartition(-values, k, axis=0)[:k], "raised"),
        (lambda values: np.argsort(-values, axis=0), "raised"),
        (np.arange(3), "misfit"),
    ],
}

REMARKED = {
    "5.4": [
        (top_destroying, "changes_handed"),
    ],
}

STUBS = {"5.3": [..., lambda activations: ..., lambda activations: (..., ..., ...)]}
