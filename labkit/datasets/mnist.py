"""Handwritten digits: 28 x 28 grey pixels, ten classes.

*sample*: 5,000 digits of MNIST's training set, 500 of each class, bundled.
*full*: the 70,000 digits of MNIST (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
recognition", 1998).

Both are read from files of the same format and have three splits that share no image. A split is drawn by the
images' hashes: that is as good as chance, and the same on every machine and with every version of NumPy.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path

import numpy as np

from labkit import settings
from labkit.datasets import download, idx
from labkit.datasets.image_batches import ImageData, Images

SIZE = 28  # pixels, height and width of every image
CLASSES = tuple("0123456789")
SAMPLE = ("digits-images-idx3-ubyte.gz", "digits-labels-idx1-ubyte.gz")
FULL = tuple(
    f"full/mnist/{part}-ubyte.gz"
    for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
)
#: Of the sample every fifth image is for testing, and every eighth of the others for validation.
SAMPLE_TEST, SAMPLE_VALIDATION = 5, 8
#: Of MNIST's own training set every twelfth image is for validation.
FULL_VALIDATION = 12


def mnist(source: str | None = None) -> ImageData:
    """Load the digits.

    Args:
        source: "sample" (bundled), "full" (downloaded, checked and cached) or "auto" (full where it is
            cached or its host gives it within the time limit, else sample); None takes the setting
            ``LABKIT_DATA``.

    Returns:
        images uint8 (N, 28, 28), 0 is paper and 255 is ink, and labels int64 (N,): 3,500 / 500 / 1,000 digits for
        training, validation and test, as many of each class; in full 55,000 / 5,000 / 10,000 (training images that
        are equal to another one, or to one of the test, are left out).

    Raises:
        DownloadError: "full" was asked for and no mirror gives it.
        ValueError: a file does not hold what its name promises.
    """
    choice, files = download.obtain(settings.data_source(source), FULL)
    splits = _full(files) if choice.source == "full" else _sample()
    return ImageData(choice.source, choice.why, CLASSES, *splits)


def _sample() -> tuple[Images, Images, Images]:
    everything = _read(*(settings.bundled("samples", name) for name in SAMPLE))
    test, others = _every(SAMPLE_TEST, _distinct(everything))
    validation, train = _every(SAMPLE_VALIDATION, others)
    return _take(everything, train), _take(everything, validation), _take(everything, test)


def _full(files: list[Path]) -> tuple[Images, Images, Images]:
    training, test = _read(*files[:2]), _read(*files[2:])
    validation, train = _every(FULL_VALIDATION, _distinct(training, besides=set(_digests(test))))
    return _take(training, train), _take(training, validation), test


def _read(images: Path, labels: Path) -> Images:
    read = Images(idx.read(images, 3), idx.read(labels, 1).astype(np.int64))
    if read.images.shape != (len(read), SIZE, SIZE):
        shape = " x ".join(map(str, read.images.shape))
        raise ValueError(f"{images}: got {shape}; wanted {len(read)} x {SIZE} x {SIZE}, an image for each label.")
    if len(read) and read.labels.max() >= len(CLASSES):
        raise ValueError(f"{labels}: got label {read.labels.max()}; wanted digits, 0 to 9.")
    return read


def _digests(split: Images) -> list[bytes]:
    return [hashlib.sha256(image).digest() for image in split.images]


def _distinct(split: Images, besides: Collection[bytes] = ()) -> np.ndarray:
    """The rows of images that are unlike each other and unlike ``besides``: class by class, in the order of hashes."""
    rows = {digest: row for row, digest in enumerate(_digests(split)) if digest not in besides}
    return np.array([rows[digest] for digest in sorted(rows, key=lambda d: (split.labels[rows[d]], d))])


def _every(step: int, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every ``step``-th row, and the others. As rows stand class by class, each class gives its share."""
    return rows[::step], np.delete(rows, np.s_[::step])


def _take(split: Images, rows: np.ndarray) -> Images:
    rows = np.sort(rows)
    return Images(split.images[rows], split.labels[rows])
