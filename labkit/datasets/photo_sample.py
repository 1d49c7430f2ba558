"""The sample of photos as files: images composed of the bundled objects, in class folders, with their masks."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from labkit import settings
from labkit.datasets import objects, photo_folder
from labkit.datasets.image_batches import Images
from labkit.datasets.photo_folder import Index, Row

#: Animals and plants.
CLASSES = ("mammals", "birds", "flowers", "fruit and vegetables", "fish", "insects", "trees and shrubs")
SIZE = 96  # pixels, height and width of every image
#: Images of each class, by split, and the seed that they are drawn with.
PER_CLASS = {"train": 150, "validation": 25, "test": 50}
SEED = 0


def obtain() -> tuple[Path, Index]:
    """The folder of the sample and its index; it is composed once, within seconds."""
    folder = settings.cache_folder() / "sample" / f"photos-{_version()}"
    return folder, photo_folder.obtain(folder, _compose)


def _version() -> str:
    """A few letters that change with the objects, and with the code that makes images and files of them."""
    makers = settings.bundled(*objects.SAMPLE), settings.bundled(*objects.LIST), Path(objects.__file__), Path(__file__)
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in makers)).hexdigest()[:12]


def _compose(folder: Path) -> Index:
    shown = objects.objects().only(CLASSES)
    rows = []
    total = len(CLASSES) * sum(PER_CLASS.values())
    with tqdm(total=total, desc="Composing photos", unit="image", disable=settings.quiet(), leave=False) as bar:
        for split, count in PER_CLASS.items():
            for row in _save(objects.compose(shown, count, SIZE, SEED, split), split, folder):
                rows.append(row)
                bar.update()
    return Index(tuple(rows))


def _save(images: Images, split: str, folder: Path) -> Iterator[Row]:
    """Write the images of one split, numbered class by class; masks stand apart, so that class folders hold photos."""
    assert images.masks is not None
    assert images.objects is not None
    saved: Counter[str] = Counter()
    for image, label, mask, number in zip(images.images, images.labels, images.masks, images.objects, strict=True):
        name = CLASSES[label]
        place = f"{name.replace(' ', '_')}/{split}-{saved[name]:03d}.png"
        saved[name] += 1
        files = f"images/{place}", f"masks/{place}"
        sizes = [_write(folder / file, pixels) for file, pixels in zip(files, (image, mask), strict=True)]
        yield Row(name, files[0], sizes[0], split, int(number), files[1], sizes[1])


def _write(path: Path, pixels: np.ndarray) -> int:
    """Write a PNG, with one bit a pixel where the pixels are True or False; its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path.stat().st_size
