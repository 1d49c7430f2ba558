"""The IMDB reviews as Keras serves them, read without a general pickle.

Keras stores the reviews as lists within an object array, which NumPy can only write as a pickle.

The ids follow ``keras.datasets.imdb.load_data()``: 0 pads, 1 starts a review, 2 is an unknown word, and
a word of rank r (1 is the most frequent one) has the id r + 3.
"""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from labkit.datasets.pickles import load_arrays

START, UNKNOWN, OFFSET = 1, 2, 3
_SHUFFLE_SEED = 113  # Keras' default, so that review n here is review n there


class Imdb(NamedTuple):
    """The two published halves of the data set and its words.

    Attributes:
        train_ids: 25,000 arrays (L_n,), int32, each with ``START`` in front.
        train_labels: (25,000,), int64; 1 is positive, 0 negative.
        test_ids: like train_ids.
        test_labels: like train_labels.
        word_index: word -> rank r >= 1; its id is r + ``OFFSET``.
    """

    train_ids: list[np.ndarray]
    train_labels: np.ndarray
    test_ids: list[np.ndarray]
    test_labels: np.ndarray
    word_index: dict[str, int]


def read(archive: Path, word_index: Path) -> Imdb:
    """Read the two files of the data set, in the order and with the ids of Keras' ``load_data()``.

    Args:
        archive: ``imdb.npz``, its hash checked.
        word_index: ``imdb_word_index.json``, its hash checked.

    Raises:
        pickle.UnpicklingError: the archive wants to call what reading lists of numbers does not need.
        ValueError: the archive does not hold what its name promises.
    """
    shuffle = np.random.RandomState(_SHUFFLE_SEED).shuffle
    train_ids, train_labels = _half(archive, "train", shuffle)
    test_ids, test_labels = _half(archive, "test", shuffle)
    # Keras means to keep every word but compares with "<", so that the rarest word of all becomes unknown.
    rarest = max(ids.max() for ids in (*train_ids, *test_ids))
    for ids in (*train_ids, *test_ids):
        ids[ids == rarest] = UNKNOWN
    words = json.loads(word_index.read_text(encoding="utf-8"))
    return Imdb(train_ids, train_labels, test_ids, test_labels, words)


def _half(archive: Path, half: str, shuffle: Callable[[np.ndarray], None]) -> tuple[list[np.ndarray], np.ndarray]:
    """Ids and labels of one half, in Keras' order."""
    with zipfile.ZipFile(archive) as members:
        with members.open(f"x_{half}.npy") as file:
            reviews = _read_lists(file)
        with members.open(f"y_{half}.npy") as file:
            labels = np.lib.format.read_array(file, allow_pickle=False)
    if len(reviews) != len(labels):
        raise ValueError(f"{archive}: got {len(reviews)} reviews and {len(labels)} labels for {half}; wanted as many.")
    order = np.arange(len(labels))
    shuffle(order)
    ids = [np.array([START, *(rank + OFFSET for rank in reviews[i])], dtype=np.int32) for i in order]
    return ids, labels[order]


def _read_lists(file: IO[bytes]) -> np.ndarray:
    """An .npy stream whose elements are lists: the head says so, the rest is a pickle."""
    npy = np.lib.format
    first_version = npy.read_magic(file) == (1, 0)
    _, _, dtype = (npy.read_array_header_1_0 if first_version else npy.read_array_header_2_0)(file)
    if not dtype.hasobject:
        raise ValueError(f"got an array of {dtype}; wanted an object array of lists of word ranks.")
    return load_arrays(file)
