"""MNIST and its sample: the same types, three splits that share no image, and broken files told from whole ones."""

import gzip
import hashlib
import importlib.util
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from local_server import LocalServer, cut_off, file, html_page, refused_address, status

from labkit.datasets import idx, manifest, mnist
from labkit.datasets.download import DownloadError

SPLITS = "train", "validation", "test"


def digests(split):
    return {image.tobytes() for image in split.images}


@pytest.fixture(scope="module")
def sample():
    return mnist.mnist("sample")


# The sample


def test_numbers_and_types(sample):
    assert (sample.source, sample.classes) == ("sample", tuple("0123456789"))
    for name, per_class in zip(SPLITS, [350, 50, 100], strict=True):
        split = getattr(sample, name)
        assert (split.images.dtype, split.images.shape[1:]) == (np.uint8, (28, 28))
        assert split.labels.dtype == np.int64
        assert np.bincount(split.labels).tolist() == [per_class] * 10
        assert len(set(split.labels[:30])) > 5  # classes stand mixed, so that a first batch shows several


def test_splits_share_no_image(sample):
    shown = [digests(getattr(sample, name)) for name in SPLITS]
    assert sum(map(len, shown)) == len(set.union(*shown)) == 5000


def test_the_split_is_the_one_that_the_shipped_networks_know(sample):
    """Measured when they were trained; another split would let them be tested on what they have seen."""
    told = hashlib.sha256(b"".join(sorted(digests(sample.test)))).hexdigest()
    assert told.startswith("7b934d43169c")


def test_digits_are_light_on_dark_and_in_the_middle(sample):
    mean = sample.train.images.mean(axis=0)
    assert mean[:3].max() < 5 and mean[:, :3].max() < 5  # no ink at the rim
    assert mean[10:18, 10:18].mean() > 70


# The full data, from a stand-in that a local server holds


def made(images, labels, test_images, test_labels):
    """The four files by name, packed."""
    arrays = images, labels.astype(np.uint8), test_images, test_labels.astype(np.uint8)
    return dict(zip(mnist.FULL, map(idx.pack, arrays), strict=True))


def drawn(count, seed=0):
    random = np.random.default_rng(seed)
    return random.integers(0, 256, (count, 28, 28), dtype=np.uint8), random.integers(0, 10, count)


@pytest.fixture
def small():
    """600 and 100 images; three of training stand in it twice, and two in the test."""
    (images, labels), (test_images, test_labels) = drawn(600), drawn(100, seed=1)
    images[100:103], labels[100:103] = images[:3], labels[:3]
    images[200:202] = test_images[:2]
    return made(images, labels, test_images, test_labels)


@pytest.fixture
def served(tmp_path, cache, monkeypatch):
    """A function: files, and mirrors by name -> nothing; from now on labkit's manifest is about these files."""

    def serve(files, mirrors):
        rows = [
            {
                "name": name,
                "kind": "remote",
                "source": "a test",
                "licence": "none",
                "size": len(content),
                "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "mirrors": mirrors(name),
            }
            for name, content in files.items()
        ]
        (tmp_path / "manifest.json").write_text(json.dumps(rows))
        entries = manifest.load(tmp_path / "manifest.json")
        monkeypatch.setattr(manifest, "load", lambda: entries)

    return serve


def paths(files, folder="good", behaviour=file):
    return {f"/{folder}/{name}": behaviour(content) for name, content in files.items()}


def test_the_full_data(small, served, cached):
    with LocalServer(paths(small)) as server:
        served(small, lambda name: [server.address(f"/good/{name}")])
        full = mnist.mnist("full")
        assert (full.source, len(full.test)) == ("full", 100)
        assert len(cached()) == 4
        shown = [digests(getattr(full, name)) for name in SPLITS]
        assert not any(one & other for one, other in itertools.combinations(shown, 2))
        assert len(full.train) + len(full.validation) == 600 - 3 - 2
        assert len(full.validation) == 50
        shares = np.bincount(full.validation.labels) / np.bincount(full.train.labels)
        assert np.abs(shares - 1 / 11).max() < 0.02  # each class gives its share
        before = server.requests.total()
        again = mnist.mnist("auto")
        assert (again.source, server.requests.total()) == ("full", before)
        assert again.train.images.tobytes() == full.train.images.tobytes()


def test_labels_stay_with_their_images(small, served):
    by_image = dict(
        zip(
            (image.tobytes() for image in _unpacked(small[mnist.FULL[0]], 3)),
            _unpacked(small[mnist.FULL[1]], 1),
            strict=True,
        )
    )
    with LocalServer(paths(small)) as server:
        served(small, lambda name: [server.address(f"/good/{name}")])
        full = mnist.mnist("full")
    for split in (full.train, full.validation):
        assert all(by_image[image.tobytes()] == label for image, label in zip(split.images, split.labels, strict=True))


def _unpacked(content, dimensions):
    raw = gzip.decompress(content)[4 + 4 * dimensions :]
    return np.frombuffer(raw, np.uint8).reshape((-1, 28, 28) if dimensions == 3 else -1)


def test_the_second_mirror_takes_over_from_one_that_refuses(small, served):
    with LocalServer(paths(small)) as server:  # every other path answers 404
        server.behaviours |= {f"/bad/{name}": status(403) for name in small}
        served(small, lambda name: [server.address(f"/{folder}/{name}") for folder in ("bad", "good")])
        assert mnist.mnist("auto").source == "full"
        assert all(server.requests[f"/bad/{name}"] for name in small)


BROKEN = {
    "cut off": lambda content: cut_off(content, len(content) // 2),
    "another file": lambda content: file(content[:-1] + bytes([content[-1] ^ 1])),
    "a log-in page": lambda content: html_page(),
    "an error": lambda content: status(500),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_downloads_are_told_and_give_way_to_the_sample(small, served, cached, broken):
    bad = mnist.FULL[0]
    with LocalServer(paths(small) | {f"/good/{bad}": BROKEN[broken](small[bad])}) as server:
        served(small, lambda name: [server.address(f"/good/{name}")])
        with pytest.raises(DownloadError, match="train-images-idx3-ubyte.gz could not be downloaded"):
            mnist.mnist("full")
        assert "train-images-idx3-ubyte.gz" not in cached()
        data = mnist.mnist("auto")
    assert (data.source, len(data.train)) == ("sample", 3500)
    assert data.why.startswith("Sample data: ")
    assert "\n" not in data.why


def test_without_a_network_auto_is_the_sample_at_once(small, served):
    served(small, lambda name: [refused_address()])
    start = time.monotonic()
    data = mnist.mnist("auto")
    assert data.source == "sample"
    assert "no mirror of full/mnist/train-images-idx3-ubyte.gz answered" in data.why
    assert time.monotonic() - start < 3


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        (mnist.FULL[0], drawn(599)[0], "got 599 x 28 x 28; wanted 600 x 28 x 28, an image for each label"),
        (mnist.FULL[0], drawn(600)[0][:, :27], "got 600 x 27 x 28; wanted 600 x 28 x 28"),
        (mnist.FULL[1], np.full(600, 11, np.uint8), "got label 11; wanted digits, 0 to 9"),
    ],
    ids=["fewer images", "flatter images", "letters"],
)
def test_files_that_do_not_belong_together_are_refused(small, served, name, array, message):
    files = small | {name: idx.pack(array)}
    with LocalServer(paths(files)) as server:
        served(files, lambda name: [server.address(f"/good/{name}")])
        with pytest.raises(ValueError, match=message):
            mnist.mnist("full")


def test_at_full_size(served, cache):
    """70,000 images with ink in the middle, drawn at random: they fill the splits as the real ones do."""
    images, labels = drawn(70_000)
    images[:, :10], images[:, 18:] = 0, 0
    files = made(images[:60_000], labels[:60_000], images[60_000:], labels[60_000:])
    served(files, lambda name: [refused_address()])
    for name, content in files.items():
        (cache / name).parent.mkdir(parents=True, exist_ok=True)
        (cache / name).write_bytes(content)
    full = mnist.mnist("auto")
    assert full.source == "full"
    assert [len(getattr(full, name)) for name in SPLITS] == [55_000, 5_000, 10_000]
    assert not digests(full.validation) & digests(full.train)


# IDX files


@pytest.fixture
def packed(tmp_path):
    """A function: the bytes of an unpacked file -> its path, packed."""

    def write(content):
        (tmp_path / "x.gz").write_bytes(gzip.compress(content))
        return tmp_path / "x.gz"

    return write


WHOLE = bytes([0, 0, 8, 3]) + np.array([2, 3, 4], ">u4").tobytes() + bytes(range(24))


def test_an_idx_file_is_read(packed):
    array = idx.read(packed(WHOLE), 3)
    assert (array.dtype, array.shape) == (np.uint8, (2, 3, 4))
    assert array.ravel().tolist() == list(range(24))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (WHOLE[:-1], "got 23 values; wanted 24, as its head says: 2 x 3 x 4"),
        (WHOLE + b"x", "got 25 values; wanted 24"),
        (WHOLE[:10], "got 10 bytes that start with 00 00 08 03"),
        (b"", "got 0 bytes that start with nothing"),
        (bytes([0, 0, 13, 3]) + WHOLE[4:], "start with 00 00 0d 03; wanted an IDX file of bytes in 3 dimension"),
        (bytes([0, 0, 8, 1]) + WHOLE[4:], "start with 00 00 08 01; .* starting with 00 00 08 03"),
        (b"<html>log in</html>", "start with 3c 68 74 6d"),
    ],
    ids=["too short", "too long", "head cut", "empty", "floats", "labels", "page"],
)
def test_other_files_are_refused(packed, content, message):
    with pytest.raises(ValueError, match=message):
        idx.read(packed(content), 3)


@pytest.mark.parametrize("kept", [0, 5, 30])
def test_a_file_whose_packing_is_cut_is_refused(packed, kept):
    path = packed(WHOLE)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ValueError, match=r"x\.gz"):
        idx.read(path, 3)


def test_what_is_not_packed_is_refused(tmp_path):
    (tmp_path / "plain").write_bytes(WHOLE)
    with pytest.raises(ValueError, match=r"plain is no whole gzip file .*labkit data verify"):
        idx.read(tmp_path / "plain", 3)


def test_a_round_trip_gives_the_same_bytes(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    content = idx.pack(array)
    time.sleep(1.1)  # the head of a gzip file has room for a time in seconds
    assert idx.pack(array) == content
    (tmp_path / "x.gz").write_bytes(content)
    np.testing.assert_array_equal(idx.read(tmp_path / "x.gz", 3), array)
    with pytest.raises(TypeError, match="got an array of float64; wanted uint8"):
        idx.pack(array / 2)


# The rest of the house


def test_the_rows_have_the_names_and_the_mirror_of_the_installed_torchvision():
    torchvision = importlib.util.find_spec("torchvision")  # found, not imported
    if torchvision is None:
        pytest.skip("torchvision is not installed")
    text = (Path(torchvision.origin).parent / "datasets" / "mnist.py").read_text()
    rows = [row for name, row in manifest.load().items() if name.startswith("full/mnist/")]
    assert {row.name for row in rows} == set(mnist.FULL)
    for row in rows:
        folder, _, file_name = row.mirrors[0].rpartition("/")
        assert f'"{folder}/"' in text
        assert f'"{file_name}"' in text
        assert row.name.endswith(f"/{file_name}")


def test_digits_need_no_framework():
    loaded = "print(sorted({'torch', 'keras', 'tensorflow'} & set(sys.modules)))"
    script = f"import sys; from labkit.datasets.mnist import mnist; mnist('sample'); {loaded}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.stdout == "[]\n", run.stderr
