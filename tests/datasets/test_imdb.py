"""Keras' IMDB files are read as Keras reads them, and nothing in them is executed."""

import importlib.util
import json
import os
import pickle
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from labkit.datasets import imdb

WORDS = {"the": 1, "and": 2, "film": 3, "bad": 4, "good": 5}


def object_array(lists):
    array = np.empty(len(lists), dtype=object)
    array[:] = lists
    return array


@pytest.fixture
def files(tmp_path):
    """An archive and a word index in Keras' format: 40 and 30 reviews of ranks up to 500."""
    random = np.random.default_rng(0)

    def reviews(count):
        return object_array([random.integers(1, 501, random.integers(1, 60)).tolist() for _ in range(count)])

    np.savez(
        tmp_path / "imdb.npz",
        x_train=reviews(40), y_train=random.integers(0, 2, 40),
        x_test=reviews(30), y_test=random.integers(0, 2, 30),
    )  # fmt: skip
    (tmp_path / "index.json").write_text(json.dumps(WORDS))
    return tmp_path / "imdb.npz", tmp_path / "index.json"


KERAS = """
import sys
import numpy as np
from keras.src.datasets import imdb
imdb.get_file = lambda fname, origin, file_hash: sys.argv[1]
(x, y), (tx, ty) = imdb.load_data()
flat = lambda lists: np.concatenate([np.asarray(l) for l in lists])
sizes = lambda lists: [len(l) for l in lists]
np.savez(sys.argv[2], x=flat(x), lengths=sizes(x), y=y, tx=flat(tx), tlengths=sizes(tx), ty=ty)
"""


def test_ids_labels_and_order_are_those_of_keras(files, tmp_path):
    backend = next((name for name in ("torch", "tensorflow") if importlib.util.find_spec(name)), None)
    if backend is None or importlib.util.find_spec("keras") is None:
        pytest.skip("Keras or its back end is not installed")
    subprocess.run(
        [sys.executable, "-c", KERAS, files[0], tmp_path / "keras.npz"],
        env={**os.environ, "KERAS_BACKEND": backend},
        check=True,
    )
    keras, ours = np.load(tmp_path / "keras.npz"), imdb.read(*files)
    np.testing.assert_array_equal(np.concatenate(ours.train_ids), keras["x"])
    np.testing.assert_array_equal([len(ids) for ids in ours.train_ids], keras["lengths"])
    np.testing.assert_array_equal(ours.train_labels, keras["y"])
    np.testing.assert_array_equal(np.concatenate(ours.test_ids), keras["tx"])
    np.testing.assert_array_equal([len(ids) for ids in ours.test_ids], keras["tlengths"])
    np.testing.assert_array_equal(ours.test_labels, keras["ty"])


def test_the_convention_of_the_ids(files):
    data = imdb.read(*files)
    assert all(ids.dtype == np.int32 and ids[0] == imdb.START for ids in data.train_ids)
    everything = np.concatenate([ids[1:] for ids in (*data.train_ids, *data.test_ids)])
    assert everything.max() < 500 + imdb.OFFSET  # the rarest of all has become unknown
    assert imdb.UNKNOWN in everything
    assert not np.isin(everything, [0, imdb.START, imdb.OFFSET]).any()
    assert data.word_index == WORDS


def _renamed(stream, module, other):
    """The pickle with another module's name; protocol 4 and above write a length in front of it and frames around."""
    short, length = (bytes([0x8C, len(name)]) + name for name in (module, other)), 11
    before, after = short
    framed = stream[:2] + stream[length:] if stream[1] >= 4 else stream
    return framed.replace(before, after) if stream[1] >= 4 else framed.replace(module, other)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("module", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_archives_of_old_and_new_numpy_are_read(files, tmp_path, module, protocol):
    """The published archive was written when the module had its old name."""
    reviews = object_array([[1, 2], [3]])
    current = type(reviews).__reduce__(reviews)[0].__module__.encode()
    stream = pickle.dumps(reviews, protocol)
    assert current in stream
    with zipfile.ZipFile(tmp_path / "other.npz", "w") as archive:
        for half in ("train", "test"):
            with archive.open(f"x_{half}.npy", "w") as file:
                np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (2,)})
                file.write(_renamed(stream, current, module))
            with archive.open(f"y_{half}.npy", "w") as file:
                np.lib.format.write_array(file, np.array([0, 1]))
    data = imdb.read(tmp_path / "other.npz", files[1])
    assert sorted(map(len, data.train_ids)) == [2, 3]


class Sly:
    """When it is unpickled without care, it makes a file."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


def test_an_archive_that_wants_to_call_functions_is_refused(files, tmp_path):
    with np.load(files[0], allow_pickle=True) as good:
        members = dict(good)
    members["x_test"][0] = Sly(tmp_path / "caught")
    np.savez(tmp_path / "sly.npz", **members)
    with pytest.raises(pickle.UnpicklingError, match=r"refused to call \w+\.mkdir"):
        imdb.read(tmp_path / "sly.npz", files[1])
    assert not (tmp_path / "caught").exists()


def test_an_archive_of_another_shape_is_refused(files, tmp_path):
    with np.load(files[0], allow_pickle=True) as good:
        members = dict(good)
    np.savez(tmp_path / "short.npz", **{**members, "y_test": members["y_test"][:-1]})
    with pytest.raises(ValueError, match="got 30 reviews and 29 labels for test"):
        imdb.read(tmp_path / "short.npz", files[1])
    np.savez(tmp_path / "padded.npz", **{**members, "x_train": np.zeros((40, 5), dtype=int)})
    with pytest.raises(ValueError, match="got an array of int64; wanted an object array"):
        imdb.read(tmp_path / "padded.npz", files[1])
