"""Small colour images in ten classes, in the format of CIFAR-10.

*sample*: photographed objects on made-up backgrounds, composed when loaded, each with its true mask.
*full*: the 60,000 images of CIFAR-10 (Krizhevsky, 2009), whose masks nobody knows.

The two have other classes but the same types and shapes, and three disjoint splits.
"""

import hashlib
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from labkit import settings
from labkit.datasets import download
from labkit.datasets.image_batches import ImageData, Images
from labkit.datasets.objects import compose, objects
from labkit.datasets.pickles import load_arrays

SIZE = 32  # pixels, height and width of every image
FULL = ("full/cifar10/cifar-10-python.tar.gz",)
#: The classes of the sample: such as a small network can learn from few objects.
SAMPLE_CLASSES = (
    "mammals", "birds", "flowers", "fruit and vegetables", "vehicles",
    "road signs", "tools", "coins", "string instruments", "gravestones",
)  # fmt: skip
#: Sample images of each class, by split, and the seed that they are drawn with.
PER_CLASS = {"train": 500, "validation": 50, "test": 200}
SAMPLE_SEED = 0
VALIDATION_SHARE, VALIDATION_SEED = 0.1, 0

_TRAINING = tuple(f"data_batch_{number}" for number in range(1, 6))
_TEST, _NAMES = "test_batch", "batches.meta"


def cifar10(source: str | None = None) -> ImageData:
    """Load the images.

    Args:
        source: "sample" (bundled), "full" (downloaded, checked and cached) or "auto" (full where it is
            cached or its host gives it within the time limit, else sample); None takes the setting
            ``LABKIT_DATA``.

    Returns:
        5,000 / 500 / 2,000 sample images for training, validation and test, with masks and the numbers of the
        objects shown, of which none stands in two splits; in full about 45,000 / 5,000 / 10,000 images
        (those that are equal to another one of training or of test are left out of the first two).

    Raises:
        DownloadError: "full" was asked for and no mirror gives it.
        ValueError: the archive does not hold what its name promises.
    """
    choice, files = download.obtain(settings.data_source(source), FULL)
    if choice.source == "full":
        return _full(choice.why, *files)
    return _sample(choice.why)


def _sample(why: str) -> ImageData:
    shown = objects().only(SAMPLE_CLASSES)
    train, validation, test = (
        compose(shown, count, SIZE, SAMPLE_SEED, split) for split, count in PER_CLASS.items()
    )  # fmt: skip
    return ImageData("sample", why, shown.classes, train, validation, test)


def _full(why: str, path: Path) -> ImageData:
    classes, training, test = _read(path)
    # Splits are made of distinct images, so that none falls into two of them.
    seen = {_digest(image) for image in test.images}
    distinct = []
    for row, image in enumerate(training.images):
        if (digest := _digest(image)) not in seen:
            seen.add(digest)
            distinct.append(row)
    order = np.random.default_rng(VALIDATION_SEED).permutation(distinct)
    held_out = round(len(order) * VALIDATION_SHARE)

    def of_training(rows: np.ndarray) -> Images:
        rows = np.sort(rows)
        return Images(training.images[rows], training.labels[rows])

    return ImageData("full", why, classes, of_training(order[held_out:]), of_training(order[:held_out]), test)


def _digest(image: np.ndarray) -> bytes:
    """A few bytes that no two different images have in common."""
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def _read(path: Path) -> tuple[tuple[str, ...], Images, Images]:
    """The names of the classes and the two published halves, read from the archive where it lies."""
    content = dict(_members(path))
    if missing := sorted({*_TRAINING, _TEST, _NAMES} - content.keys()):
        raise ValueError(f"{path}: got no {', '.join(missing)}; wanted the files of CIFAR-10's Python version.")
    classes = tuple(content[_NAMES]["label_names"])
    training, test = (_images(path, classes, [content[name] for name in names]) for names in (_TRAINING, (_TEST,)))
    return classes, training, test


def _members(path: Path) -> Iterator[tuple[str, Any]]:
    """Name and content of the archive's pickles, in the order in which they come off the line."""
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                name = PurePosixPath(member.name).name
                if name in {*_TRAINING, _TEST, _NAMES} and (file := archive.extractfile(member)):
                    yield name, load_arrays(file, encoding="latin1")
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is no whole .tar.gz ({error}): delete it and fetch it anew.") from error


def _images(path: Path, classes: Sequence[str], batches: Sequence[dict[str, Any]]) -> Images:
    """The images of some batches, from rows of 3 x 32 x 32 colours to images with the colours last."""
    for batch in batches:
        data, labels = batch["data"], batch["labels"]
        if data.dtype != np.uint8 or data.shape != (len(labels), 3 * SIZE * SIZE):
            raise ValueError(
                f"{path}: got {data.dtype} data of shape {data.shape} and {len(labels)} labels; wanted uint8 "
                f"of {3 * SIZE * SIZE} colours a label."
            )
        if not set(labels) <= set(range(len(classes))):
            raise ValueError(f"{path}: got labels up to {max(labels)}; wanted 0 to {len(classes) - 1}.")
    rows = np.concatenate([batch["data"] for batch in batches])
    images = np.ascontiguousarray(rows.reshape(-1, 3, SIZE, SIZE).transpose(0, 2, 3, 1))
    return Images(images, np.concatenate([batch["labels"] for batch in batches]).astype(np.int64))
