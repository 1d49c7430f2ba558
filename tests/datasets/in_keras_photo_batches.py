"""Photos through tf.data: the same images as one by one, in the same order, and read no earlier than needed.

``test_photo_batches.py`` runs this file in a process of its own.
"""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from labkit.datasets.photo_batches import batches
from labkit.datasets.photos import Photos

#: (height, width), mode and format of the made photos: small, large, wide, of the right size, grey.
SHAPES = [
    (96, 96, "RGB", "png"), (96, 96, "RGB", "jpg"), (240, 320, "RGB", "jpg"), (50, 40, "RGB", "png"),
    (333, 500, "L", "jpg"), (96, 200, "RGB", "jpg"), (97, 95, "L", "png"), (31, 97, "RGB", "jpg"),
]  # fmt: skip


@pytest.fixture
def photos(tmp_path):
    """24 photos in three classes, each of its own."""
    rng = np.random.default_rng(0)
    files = []
    for number in range(24):
        height, width, mode, suffix = SHAPES[number % len(SHAPES)]
        coarse = Image.fromarray(rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)).resize((width, height))
        noisy = np.asarray(coarse) + rng.integers(-15, 15, (height, width, 3))
        files.append(tmp_path / f"{number}.{suffix}")
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).convert(mode).save(files[-1])
    return Photos("full", "", ("a", "b", "c"), tmp_path, tuple(files), np.arange(24) % 3, np.array(["train"] * 24))


def drained(data):
    """All images and labels of a data set."""
    images, labels = zip(*data.as_numpy_iterator(), strict=True)
    return np.concatenate(images), np.concatenate(labels)


def order(data, photos):
    """The rows of the photos that a data set gives, in its order; each image is of one colour on the whole."""
    known = np.array([photos.image(row).mean(axis=(0, 1)) for row in range(len(photos))])
    images, _ = drained(data)
    return [int(np.abs(known - image.mean(axis=(0, 1))).sum(axis=1).argmin()) for image in images]


def test_shapes_and_types(photos):
    data = batches(photos, size=10)
    images, labels = data.element_spec
    assert (images.shape.as_list(), images.dtype) == ([None, 96, 96, 3], tf.float32)
    assert (labels.shape.as_list(), labels.dtype) == ([None], tf.int64)
    assert [len(part) for part, _ in data] == [10, 10, 4]


def test_images_are_those_read_one_by_one(photos):
    images, labels = drained(batches(photos))
    assert labels.tolist() == photos.labels.tolist()
    assert 0 <= images.min() < images.max() <= 1 + 1e-6
    for row, image in enumerate(images):
        np.testing.assert_allclose(image, photos.image(row), atol=1e-5, err_msg=photos.files[row].name)
    assert np.array_equal(images[0], photos.image(0))  # a file of the right size is taken as it is


def test_equal_photos_give_equal_batches(photos):
    one, other = drained(batches(photos, 7)), drained(batches(photos, 7))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_shuffling_gives_every_photo_once_in_an_order_of_the_seed(photos):
    everything = list(range(24))
    data = batches(photos, 5, shuffle_seed=3)
    epochs = [order(data, photos) for _ in range(2)]
    assert [sorted(epoch) for epoch in epochs] == [everything] * 2
    assert everything not in epochs
    assert epochs[0] != epochs[1]
    again = batches(photos, 5, shuffle_seed=3)
    assert [order(again, photos) for _ in range(2)] == epochs
    assert order(batches(photos, 5, shuffle_seed=4), photos) != epochs[0]
    images, labels = drained(batches(photos, 5, shuffle_seed=3))
    assert labels.tolist() == [photos.labels[row] for row in epochs[0]]


def test_files_are_read_when_their_batch_is_near(photos):
    """That 5,000 files are missing is not noticed before their turn comes."""
    missing = tuple(photos.folder / f"missing-{number}.png" for number in range(5000))
    many = Photos("full", "", ("a", "b", "c"), photos.folder, photos.files + missing, np.zeros(5024, np.int64), None)
    data = iter(batches(many, 8))
    for _ in range(3):
        assert next(data)[0].shape == (8, 96, 96, 3)
    with pytest.raises(tf.errors.NotFoundError, match="missing-0.png"):
        next(data)


@pytest.mark.parametrize(("rows", "size", "got"), [("train", 0, "size of 0 and 24"), ("test", 8, "size of 8 and 0")])
def test_what_makes_no_batch_is_refused(photos, rows, size, got):
    with pytest.raises(ValueError, match=f"got a batch {got} photos; wanted at least 1 of each"):
        batches(photos.of(rows), size)
