"""CIFAR-10 and its sample: the same types, three disjoint splits, and nothing in an archive is executed."""

import gzip
import hashlib
import io
import itertools
import os
import pickle
import struct
import tarfile
from dataclasses import replace

import numpy as np
import pytest
from local_server import LocalServer, file, html_page, refused_address, slow, status

from labkit.datasets import manifest, transfer
from labkit.datasets.cifar10 import FULL, cifar10
from labkit.datasets.download import DownloadError
from labkit.datasets.objects import objects

SPLITS = "train", "validation", "test"
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
BATCHES = [*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]


@pytest.fixture(scope="module")
def sample():
    return cifar10("sample")


# The sample


def test_numbers_and_types(sample):
    assert [len(getattr(sample, name)) for name in SPLITS] == [5000, 500, 2000]
    assert (sample.source, "\n" in sample.why) == ("sample", False)
    assert sample.classes == objects().classes[:10]
    for name, per_class in zip(SPLITS, [500, 50, 200], strict=True):
        split = getattr(sample, name)
        assert (split.images.dtype, split.images.shape[1:]) == (np.uint8, (32, 32, 3))
        assert (split.masks.dtype, split.masks.shape) == (bool, split.images.shape[:3])
        assert split.labels.dtype == split.objects.dtype == np.int64
        assert np.bincount(split.labels).tolist() == [per_class] * 10


def test_splits_share_no_object(sample):
    shown = [set(getattr(sample, name).objects) for name in SPLITS]
    assert not any(one & other for one, other in itertools.combinations(shown, 2))


def test_the_sample_is_the_same_each_time(sample):
    again = cifar10("sample")
    for name in SPLITS:
        assert getattr(sample, name).images.tobytes() == getattr(again, name).images.tobytes()


def test_every_image_shows_its_object(sample):
    shares = np.concatenate([getattr(sample, name).masks.mean(axis=(1, 2)) for name in SPLITS])
    assert shares.min() > 0
    assert 0.2 < shares.mean() < 0.4


# The full data, from a small stand-in that a local server holds


class Python2(pickle._Pickler):
    """Writes texts and bytes as Python 2 did, which made the published files."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_string(self, text):
        data = text.encode("latin1") if isinstance(text, str) else text
        self.write(pickle.BINSTRING + struct.pack("<i", len(data)) + data)
        self.memoize(text)

    dispatch[str] = dispatch[bytes] = save_string


def pickled(content):
    file = io.BytesIO()
    Python2(file, protocol=2).dump(content)
    return file.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def packed(members):
    """A .tar.gz with these members, and with a file that is no pickle, as in the published one."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as archive:
        for name, body in {**members, "readme.html": b"<html>"}.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return tar.getvalue()


@pytest.fixture
def content():
    """Six batches of 40 random images; three images of training stand in it twice, two more in test, too."""
    random = np.random.default_rng(0)
    data = random.integers(0, 256, (6, 40, 3072), dtype=np.uint8)
    labels = random.integers(0, 10, (6, 40))
    for copy in range(3):
        data[1, copy], labels[1, copy] = data[0, copy], labels[0, copy]
    data[5, :2] = data[4, :2]
    return {
        name: {"data": data[n], "labels": labels[n].tolist(), "batch_label": name, "filenames": ["a.png"] * 40}
        for n, name in enumerate(BATCHES)
    } | {"batches.meta": {"label_names": CLASSES, "num_cases_per_batch": 40, "num_vis": 3072}}


@pytest.fixture
def archive(content):
    return packed({name: pickled(value) for name, value in content.items()})


@pytest.fixture
def publish(cache, monkeypatch):
    """A function: body and mirrors -> the manifest speaks of this body at these mirrors."""
    rows = manifest.load()

    def make(body, *mirrors, size=None):
        sha256 = f"sha256:{hashlib.sha256(body).hexdigest()}"
        entry = replace(rows[FULL[0]], size=size or len(body), hash=sha256, mirrors=mirrors, folder=cache)
        monkeypatch.setattr(manifest, "load", lambda path=None: {FULL[0]: entry})

    return make


@pytest.fixture
def serve(publish):
    """A function: a body -> the full data are this archive, from a server that is shut down in the end."""
    servers = []

    def make(body):
        servers.append(LocalServer({"/archive": file(body)}).__enter__())
        publish(body, servers[-1].address("/archive"))
        return servers[-1]

    yield make
    for server in servers:
        server.__exit__(None, None, None)


def test_full_comes_in_the_samples_types(serve, archive, sample):
    serve(archive)
    full = cifar10("full")
    assert (full.source, full.classes) == ("full", tuple(CLASSES))
    assert [len(getattr(full, name)) for name in SPLITS] == [175, 20, 40]  # of 200, five are copies
    for name in SPLITS:
        split, like = getattr(full, name), getattr(sample, name)
        assert (split.images.dtype, split.images.shape[1:]) == (like.images.dtype, like.images.shape[1:])
        assert split.images.flags.c_contiguous
        assert split.labels.dtype == like.labels.dtype
        assert split.masks is split.objects is None


def test_no_full_image_stands_in_two_splits_or_twice(serve, archive):
    serve(archive)
    full = cifar10("full")
    found = [[image.tobytes() for image in getattr(full, name).images] for name in SPLITS]
    assert len(set().union(*found)) == sum(map(len, found))


def test_images_and_labels_are_those_of_torchvision(serve, archive, tmp_path, monkeypatch):
    datasets = pytest.importorskip("torchvision.datasets")
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        members.extractall(tmp_path, filter="data")
    monkeypatch.setattr(datasets.CIFAR10, "_check_integrity", lambda self: True)
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *_: True)
    train, test = (datasets.CIFAR10(tmp_path, train=half) for half in (True, False))
    serve(archive)
    full = cifar10("full")
    assert full.classes == tuple(test.classes)
    assert np.array_equal(full.test.images, test.data)
    assert full.test.labels.tolist() == test.targets
    known = {image.tobytes(): label for image, label in zip(train.data, train.targets, strict=True)}
    for split in (full.train, full.validation):
        assert [known[image.tobytes()] for image in split.images] == split.labels.tolist()


def test_auto_downloads_once_and_then_reads_the_cache(serve, archive):
    server = serve(archive)
    assert [cifar10("auto").why for _ in range(2)] == [
        "Full data: not cached yet, but a mirror answers.",
        "Full data: found in the cache.",
    ]
    assert server.requests["/archive"] == 2  # asked whether it is there, then fetched


def test_auto_without_a_network_is_the_sample_and_says_so(publish, archive, sample):
    publish(archive, refused_address())
    found = cifar10("auto")
    assert found.source == "sample"
    assert found.why.startswith("Sample data: no mirror of full/cifar10/cifar-10-python.tar.gz answered")
    assert found.train.images.tobytes() == sample.train.images.tobytes()


def test_throttled_mirrors_are_given_up_at_once_for_the_sample(publish, archive, monkeypatch, cached):
    """As the original host since June 2026: it answers, and would take most of an hour."""
    monkeypatch.setattr(transfer, "_PACE_AFTER", 0.3)
    with LocalServer({"/slow": slow(bytes(100_000), 50, 0.05), "/slower": slow(bytes(50_000), 50, 0.05)}) as server:
        publish(archive, server.address("/slow"), server.address("/slower"), size=170_498_071)
        found = cifar10("auto")
    assert found.source == "sample"
    assert found.why.startswith("Sample data: full/cifar10/cifar-10-python.tar.gz could not be downloaded: too slow")
    assert "\n" not in found.why
    assert cached() == []


@pytest.mark.parametrize("broken", [status(503), html_page(), file(b"other bytes")], ids=["503", "page", "bytes"])
def test_a_broken_mirror_gives_way_to_the_next(publish, archive, broken):
    with LocalServer({"/broken": broken, "/good": file(archive)}) as server:
        publish(archive, server.address("/broken"), server.address("/good"))
        assert cifar10("full").source == "full"


def test_full_without_a_mirror_is_an_error(publish, archive):
    publish(archive, refused_address())
    with pytest.raises(DownloadError, match=r"cifar-10-python.tar.gz could not be downloaded: connection refused"):
        cifar10("full")


# Archives that are not what they promise


class Sly:
    """When it is unpickled without care, it makes a folder."""

    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


@pytest.mark.parametrize("member", ["data_batch_3", "batches.meta"])
def test_an_archive_that_wants_to_call_functions_is_refused(serve, content, tmp_path, member):
    content[member]["batch_label"] = Sly(tmp_path / "caught")
    serve(packed({name: pickled(value) for name, value in content.items()}))
    with pytest.raises(pickle.UnpicklingError, match=r"refused to call \w+\.mkdir"):
        cifar10("full")
    assert not (tmp_path / "caught").exists()


@pytest.mark.parametrize(
    ("member", "changed", "message"),
    [
        ("data_batch_2", None, "got no data_batch_2; wanted the files of CIFAR-10"),
        ("batches.meta", None, "got no batches.meta"),
        ("test_batch", {"labels": [0] * 39}, r"got uint8 data of shape \(40, 3072\) and 39 labels"),
        ("data_batch_1", {"data": np.zeros((40, 3072))}, "got float64 data"),
        ("data_batch_1", {"data": np.zeros((40, 3000), np.uint8)}, r"shape \(40, 3000\)"),
        ("data_batch_5", {"labels": [10] * 40}, "got labels up to 10; wanted 0 to 9"),
    ],
)
def test_an_archive_of_other_content_is_refused(serve, content, member, changed, message):
    if changed is None:
        del content[member]
    else:
        content[member] |= changed
    serve(packed({name: pickled(value) for name, value in content.items()}))
    with pytest.raises(ValueError, match=message):
        cifar10("full")


@pytest.mark.parametrize("damage", ["cut", "no gzip", "no tar"])
def test_a_damaged_archive_is_refused(serve, archive, damage):
    serve({"cut": archive[:-2000], "no gzip": b"some bytes", "no tar": gzip.compress(b"some text" * 500)}[damage])
    with pytest.raises(ValueError, match=r"is no whole .tar.gz .*: delete it and fetch it anew"):
        cifar10("full")
