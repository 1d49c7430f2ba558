"""5.8 and 5.9: what channels like, and how far their patches agree."""

from collections import Counter

import numpy as np

# --- 5.8 -----------------------------------------------------------------------------------------------------

LIKED = {
    3: "bright edges that rise to the right, in 14 of 16",
    17: "yellow in the middle, on dark green",
    40: "fine dark texture, as of fur, mostly mammals",
}


def liked(**changed):
    """Another description for a channel, c3 for number 3."""
    return LIKED | {int(name[1:]): description for name, description in changed.items()}


# --- 5.9 -----------------------------------------------------------------------------------------------------


def agreement_by_counter(classes):
    return [Counter(row.tolist()).most_common(1)[0][1] / len(row) for row in classes]


def agreement_by_comparing(classes):
    """Each patch counts those of its class; the most frequent class has the largest count."""
    return (classes[:, :, None] == classes[:, None, :]).mean(axis=2).max(axis=1)


def agreement_by_unique(classes):
    return np.array([np.unique(row, return_counts=True)[1].max() for row in classes]) / classes.shape[1]


def agreement_by_one_hot(classes):
    return np.eye(classes.max() + 1)[classes].mean(axis=1).max(axis=1)


def agreement_in_tensorflow(classes):
    import tensorflow as tf

    return tf.reduce_max(tf.reduce_mean(tf.one_hot(classes, 7), axis=1), axis=1)


def by_row(rule):
    return lambda classes: np.array([rule(row) for row in classes])


def sorting_in_place(classes):
    classes.sort(axis=1)
    return agreement_by_unique(classes)


RIGHT = {
    "5.8": [
        LIKED,
        {np.int64(0): "something red\nin the lower half", 63: "dark holes in bright skin", 5: "a slanting green line"},
        {str(channel): description for channel, description in LIKED.items()},
        LIKED | {8: "grass, leaves or other green things"},
    ],
    "5.9": [
        agreement_by_counter,
        agreement_by_comparing,
        agreement_by_unique,
        agreement_by_one_hot,
        agreement_in_tensorflow,
        by_row(lambda row: np.bincount(row).max() / len(row)),
    ],
}

WRONG = {
    "5.8": [
        (liked(c64="a channel that is not there"), "no_channel"),
        ({-1: "counted from the end of them", **LIKED}, "no_channel"),
        ({3: LIKED[3], 17: LIKED[17]}, "too_few"),
        (liked(c17="yellow"), "too_short"),
        (liked(c40="fur of mammals"), "too_short"),
        (dict.fromkeys((3, 17, 40), "bright edges on dark ground"), "all_alike"),
        (liked(c17="Bright edges that rise to the right, in 14 of 16."), "all_alike"),
        ({"channel 3": LIKED[3], "channel 17": LIKED[17], "channel 40": LIKED[40]}, "misfit"),
        ({1.5: LIKED[3], **LIKED}, "misfit"),
        (liked(c3=16), "misfit"),
        (liked(c3=["bright", "edges", "to the", "right"]), "misfit"),
        (list(LIKED.values()), "misfit"),
        ("Channel 3 likes bright edges that rise to the right, channel 17 yellow, channel 40 fur.", "misfit"),
        (None, "misfit"),
    ],
    "5.9": [
        (by_row(lambda row: np.bincount(row).max()), "counts"),
        (by_row(lambda row: 100 * np.bincount(row).max() / len(row)), "percent"),
        (by_row(lambda row: np.mean(row == row[0])), "first_patch"),
        (lambda classes: (classes == classes[:, :1]).sum(axis=1), "first_patch"),
        (by_row(lambda row: len(np.unique(row))), "different_classes"),
        (by_row(lambda row: len(set(row)) / len(row)), "different_classes"),
        (by_row(lambda row: 1 / len(set(row))), "different_classes"),
        (by_row(lambda row: np.bincount(row).argmax()), "which_class"),
        (by_row(lambda row: np.bincount(row).argmax() / len(row)), "which_class"),
        (lambda classes: agreement_by_unique(classes).mean(), "one_number"),
        (lambda classes: np.bincount(classes.ravel()).max() / classes.size, "one_number"),
        (lambda classes: max(np.bincount(row).max() / len(row) for row in classes), "one_number"),
        (lambda classes: agreement_by_unique(classes)[0], "one_number"),
        (by_row(lambda row: np.bincount(row, minlength=7)), "each_class"),
        (by_row(lambda row: np.bincount(row, minlength=7) / len(row)), "each_class"),
        (lambda classes: agreement_by_unique(classes.T), "other_axis"),
        (lambda classes: (classes == np.bincount(classes.ravel()).argmax()).mean(axis=1), "one_class_for_all"),
        (lambda classes: (classes == 0).mean(axis=1), "one_class_for_all"),
        (by_row(lambda row: np.bincount(row).max() / len(set(row))), "divided_by_another"),
        (by_row(lambda row: np.bincount(row).max() / 7), "divided_by_another"),
        (lambda classes: by_row(lambda row: np.bincount(row).max() / len(classes))(classes), "divided_by_another"),
        (lambda classes: (classes[:, :, None] == classes[:, None, :]).mean(axis=(1, 2)), "pairs"),
        (by_row(lambda row: 1 - np.bincount(row).max() / len(row)), "disagreement"),
        (lambda classes: np.ones(len(classes)), "other"),
        (lambda classes: agreement_by_unique(classes)[:, None], "other"),
        (by_row(lambda row: np.bincount(row).max() / 16), "divided_by_another"),
        (by_row(lambda row: Counter(row.tolist()).most_common(1)), "other"),
        (lambda classes: dict.fromkeys(range(len(classes)), 0.5), "misfit"),
        (lambda classes: np.bincount(classes).max(axis=1), "raised"),
        (lambda classes, k: classes[:, :k], "raised"),
        (np.ones(64), "misfit"),
    ],
}

REMARKED = {
    "5.9": [
        (sorting_in_place, "changes_handed"),
    ],
}

STUBS = {
    "5.8": [
        ...,
        dict.fromkeys(range(3), "YOUR ANSWER HERE"),
        dict.fromkeys(range(3), ...),
        liked(c40="YOUR ANSWER HERE"),
        liked(c40=""),
        {...: "YOUR ANSWER HERE"},
        {3: LIKED[3], 17: LIKED[17], ...: LIKED[40]},
        {},
    ],
}
