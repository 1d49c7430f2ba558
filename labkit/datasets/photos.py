"""Photos of animals and plants as files in class folders.

*sample*: photographed objects on made-up backgrounds, composed once into files, each with its true mask.
*full*: cats, dogs and five kinds of flowers, from two public archives; nobody knows their masks.

Files are read one by one or in batches (``photo_batches``): at no time are all images in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from labkit import settings
from labkit.datasets import download, manifest, photo_archives, photo_sample
from labkit.datasets.objects import SPLITS
from labkit.datasets.photo_folder import Index

#: Pixels, height and width of every image that is read.
SIZE = photo_sample.SIZE
BILINEAR = Image.Resampling.BILINEAR


@dataclass(frozen=True)
class Photos:
    """Labelled image files. Row n of each attribute speaks of the same image.

    Attributes:
        source: "sample" or "full".
        why: one line for people: which data these are, and why these.
        classes: the names, by label.
        folder: below which all files lie, with their tab-separated index, ``index.tsv``.
        files: the N images, PNG or JPEG.
        labels: int64 (N,), the numbers of the classes.
        splits: text (N,), "train", "validation" or "test".
        masks: N images that are white where the object is; None where nobody knows.
        objects: int64 (N,), the numbers of the objects shown, none of which stands in two splits; None where
            nobody knows.
    """

    source: str
    why: str
    classes: tuple[str, ...]
    folder: Path
    files: tuple[Path, ...]
    labels: np.ndarray
    splits: np.ndarray
    masks: tuple[Path, ...] | None = None
    objects: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.files)

    def of(self, split: str) -> "Photos":
        """The photos of one split, in the same order.

        Raises:
            ValueError: there is no such split.
        """
        if split not in SPLITS:
            raise ValueError(f"got split {split!r}; wanted one of {', '.join(SPLITS)}.")
        rows = np.flatnonzero(self.splits == split)
        return replace(
            self,
            files=tuple(self.files[row] for row in rows),
            labels=self.labels[rows],
            splits=self.splits[rows],
            masks=None if self.masks is None else tuple(self.masks[row] for row in rows),
            objects=None if self.objects is None else self.objects[rows],
        )

    def image(self, index: int) -> np.ndarray:
        """Read one image as a network takes it: float32 (96, 96, 3) in [0, 1], squeezed to a square if it is none."""
        with Image.open(self.files[index]) as file:
            colours = np.asarray(file.convert("RGB"), dtype=np.float32)
        if colours.shape[:2] != (SIZE, SIZE):
            # Colour by colour, because Pillow resizes floats in images of one colour only, and bytes with rounding.
            channels = [Image.fromarray(colours[:, :, c]).resize((SIZE, SIZE), BILINEAR) for c in range(3)]
            colours = np.stack([np.asarray(channel) for channel in channels], axis=2)
        return colours / np.float32(255)

    def masks_of(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Read masks: bool (N, 96, 96), True where the object covers more than half of a pixel.

        Raises:
            ValueError: nobody knows the masks of these photos.
        """
        if self.masks is None:
            raise ValueError("got photos without masks; wanted those of the sample, whose objects are cut out.")
        masks = np.empty((len(indices), SIZE, SIZE), dtype=bool)
        for n, index in enumerate(indices):
            with Image.open(self.masks[index]) as file:
                masks[n] = np.asarray(file)
        return masks


def photos(source: str | None = None) -> Photos:
    """Find the photos; what is missing is fetched or composed first, and then kept in the cache.

    Args:
        source: "sample" (bundled), "full" (downloaded, checked and cached) or "auto" (full where it is
            cached or its hosts give it within the time limit, else sample); None takes the setting
            ``LABKIT_DATA``.

    Returns:
        1,050 / 175 / 350 sample images for training, validation and test, with masks and the numbers of the
        objects shown, of which none stands in two splits; in full about 4,700 / 650 / 1,300 images, of which no
        two equal ones stand in two splits.

    Raises:
        DownloadError: "full" was asked for and no mirror gives it.
        OSError: the cache folder cannot take the files.
        ValueError: an archive does not hold what its name promises.
    """
    choice, archives = download.obtain(settings.data_source(source), photo_archives.NAMES)
    if choice.source == "sample":
        return _indexed(choice.source, choice.why, photo_sample.CLASSES, *photo_sample.obtain())
    known = manifest.load()
    folder, index = photo_archives.obtain(archives, [known[name].hash for name in photo_archives.NAMES])
    why = choice.why
    if index.left_out:
        why += f" {index.left_out:,} files that hold no readable image were left out."
    return _indexed(choice.source, why, photo_archives.CLASSES, folder, index)


def _indexed(source: str, why: str, classes: tuple[str, ...], folder: Path, index: Index) -> Photos:
    """The photos that an index speaks of. Masks and objects are known for all of them or for none."""
    rows = index.rows
    known = all(row.mask for row in rows)
    return Photos(
        source,
        why,
        classes,
        folder,
        tuple(folder / row.file for row in rows),
        np.array([classes.index(row.label) for row in rows], dtype=np.int64),
        np.array([row.split for row in rows]),
        tuple(folder / row.mask for row in rows) if known else None,
        np.array([row.object for row in rows], dtype=np.int64) if known else None,
    )
