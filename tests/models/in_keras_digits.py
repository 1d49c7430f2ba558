"""The network of lab 4: its shapes and names, and what the shipped one can do.

``test_keras_digits.py`` runs this file in a process of its own.
"""

import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from labkit import settings
from labkit.datasets import manifest
from labkit.datasets.image_batches import Images, channels_last
from labkit.datasets.mnist import mnist
from labkit.models import digits_cnn, keras_ready, keras_untrained_twin

NAME = "digits_keras"


def equal(one, other):
    return [np.array_equal(a, b) for a, b in zip(one.get_weights(), other.get_weights(), strict=True)]


def accuracy(model):
    test = mnist("sample").test
    told = np.asarray(model(channels_last(test))).argmax(axis=1)
    return (told == test.labels).mean()


def test_layers_are_those_of_the_course():
    model = digits_cnn()
    assert " ".join(layer.name for layer in model.layers) == "l0 l1 l1_mp l2 l2_mp l3 l3_mp flat l4 l5"
    assert [model.get_layer(name).filters for name in ("l1", "l2", "l3")] == [9, 9, 16]
    assert [model.get_layer(name).units for name in ("l4", "l5")] == [25, 10]
    probabilities = np.asarray(model(np.random.default_rng(0).random((5, 28, 28, 1), dtype=np.float32)))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_the_seed_makes_the_weights():
    biases_alone = [False, True] * 5  # they start at 0 with every seed
    assert all(equal(digits_cnn(3), digits_cnn(3)))
    assert equal(digits_cnn(3), digits_cnn(4)) == biases_alone
    kernels = digits_cnn(0).get_weights()[::2]
    first = [kernel.ravel()[:50] / kernel.std() for kernel in kernels]  # layers do not start alike
    assert max(abs(np.corrcoef(first)[np.triu_indices(5, 1)])) < 0.5


def test_the_shipped_network_is_as_good_as_the_lab_needs():
    model = keras_ready(NAME)
    assert model.count_params() == 7465
    assert accuracy(model) >= 0.95


def test_the_untrained_twin_is_where_training_set_out_from():
    twin, trained = keras_untrained_twin(NAME), keras_ready(NAME)
    assert accuracy(twin) < 0.3
    row = manifest.load()[f"checkpoints/{NAME}.keras"]
    assert all(equal(twin, digits_cnn(int(row.source.rpartition(" ")[2]))))
    assert not any(equal(twin, trained))


def test_the_file_has_nothing_that_passes_or_that_older_keras_does_not_know():
    with zipfile.ZipFile(settings.bundled("checkpoints", f"{NAME}.keras")) as file:
        assert {member.date_time for member in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        described = file.read("config.json").decode() + file.read("metadata.json").decode()
    for word in ("date_saved", "shared_object_id", "input_axes"):  # input_axes: not before Keras 3.11
        assert word not in described
    assert json.loads(described[: described.rindex("{")])["class_name"] == "Functional"


def test_other_names_are_told():
    with pytest.raises(ValueError, match=r"got 'digits_mlp'; the shipped networks \(.keras\) are digits_keras"):
        keras_ready("digits_mlp")


def test_a_damaged_file_is_not_opened(tmp_path, monkeypatch):
    row = manifest.load()[f"checkpoints/{NAME}.keras"]
    damaged = tmp_path / row.name
    damaged.parent.mkdir()
    damaged.write_bytes(row.path.read_bytes()[:-1])
    entries = {row.name: manifest.Entry(**{**vars(row), "folder": tmp_path})}
    monkeypatch.setattr(manifest, "load", lambda: entries)
    with pytest.raises(ValueError, match=f"{row.name} is damaged: .* Restore it"):
        keras_ready(NAME)


def test_channels_last():
    grey = np.random.default_rng(0).integers(0, 256, (3, 4, 6), dtype=np.uint8)
    images = channels_last(Images(grey, np.zeros(3, dtype=np.int64)))
    assert (images.shape, images.dtype) == ((3, 4, 6, 1), np.float32)
    np.testing.assert_array_equal(images[..., 0], grey / np.float32(255))
    colours = np.stack([grey] * 3, axis=-1)
    assert channels_last(Images(colours, np.zeros(3, dtype=np.int64))).shape == (3, 4, 6, 3)


def test_networks_in_keras_load_no_pytorch():
    script = "import sys; from labkit.models import keras_ready; keras_ready('digits_keras'); "
    script += "print('tensorflow' in sys.modules, 'torch' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert run.stdout == "True False\n", run.stderr
