"""The network of lab 5: its shapes and names, and what the shipped one can do.

``test_keras_photos.py`` runs this file in a process of its own.
"""

import zipfile

import numpy as np
import pytest

from labkit import settings
from labkit.datasets import manifest
from labkit.datasets.photo_batches import batches
from labkit.datasets.photos import photos
from labkit.models import keras_ready, keras_untrained_twin, photos_cnn

NAME = "photos_keras"


@pytest.fixture(scope="module")
def test_photos():
    return photos("sample").of("test")


def accuracy(model, data):
    return (model.predict(batches(data), verbose=0).argmax(axis=1) == data.labels).mean()


def kernels(model):
    return [weights for weights in model.get_weights() if weights.ndim > 1]


def test_the_sixth_convolution_is_that_of_the_course():
    model = photos_cnn(7)
    assert model.input.shape == (None, 96, 96, 3)
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}
    names = ["batch_normalization", "conv2d", "conv2d_1", "conv2d_2", "max_pooling2d", "dropout"]
    assert list(shapes)[1:7] == names
    assert [shapes[name] for name in names] == [
        (96, 96, 3), (94, 94, 32), (92, 92, 32), (90, 90, 32), (45, 45, 32), (45, 45, 32),
    ]  # fmt: skip
    assert [shapes[f"conv2d_{i}"] for i in (3, 4, 5)] == [(43, 43, 64), (41, 41, 64), (39, 39, 64)]
    assert shapes["dense_1"] == (7,)


def test_the_seed_makes_the_weights():
    one, same, other = (kernels(photos_cnn(7, seed)) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    first = [kernel.ravel()[:50] / kernel.std() for kernel in one]  # layers do not start alike
    assert max(abs(np.corrcoef(first)[np.triu_indices(len(first), 1)])) < 0.6


def test_the_shipped_network_beats_its_untrained_twin_on_objects_it_has_not_seen(test_photos):
    assert accuracy(keras_ready(NAME), test_photos) >= 0.5
    assert accuracy(keras_untrained_twin(NAME), test_photos) < 0.3


def test_the_untrained_twin_is_where_training_set_out_from():
    row = manifest.load()[f"checkpoints/{NAME}.keras"]
    started = photos_cnn(7, int(row.source.rpartition(" ")[2]))
    twin = keras_untrained_twin(NAME)
    assert all(np.array_equal(a, b) for a, b in zip(kernels(twin), kernels(started), strict=True))


def test_the_file_has_nothing_that_passes_or_that_older_keras_does_not_know():
    with zipfile.ZipFile(settings.bundled("checkpoints", f"{NAME}.keras")) as file:
        assert {member.date_time for member in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        described = file.read("config.json").decode() + file.read("metadata.json").decode()
    for word in ("date_saved", "shared_object_id", "input_axes", "renorm"):  # the last two: not before Keras 3.11, 3.13
        assert word not in described
