"""The reviews: three disjoint splits in Keras' convention, whether from the sample or from the full data."""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from local_server import LocalServer, file, refused_address, status

from labkit import settings
from labkit.datasets import imdb, manifest
from labkit.datasets.download import DownloadError
from labkit.datasets.reviews import FULL, reviews
from labkit.datasets.vocabulary import Vocabulary, words_of

SPLITS = "train", "validation", "test"


@pytest.fixture(scope="module")
def sample():
    return reviews("sample")


@pytest.fixture(scope="module")
def texts():
    """The sample's file, read by other means: split -> texts with a verdict, and their ratings."""
    lines = settings.bundled("samples", "reviews.tsv").read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(lines[0].split("\t"), line.split("\t"), strict=True)) for line in lines[1:]]
    rows = [{**row, "rating": float(row["rating"])} for row in rows if abs(float(row["rating"])) > 1]
    return {name: [(row["text"], row["rating"]) for row in rows if row["split"] == name] for name in SPLITS}


# The sample


def test_numbers_and_types(sample):
    assert [len(getattr(sample, name)) for name in SPLITS] == [6771, 744, 1508]
    assert (sample.source, "\n" in sample.why) == ("sample", False)
    for name in SPLITS:
        split = getattr(sample, name)
        assert len(split.ids) == len(split.labels) == len(split)
        assert split.labels.dtype == np.float32
        assert {ids.dtype for ids in split.ids} == {np.dtype(np.int64)}
        assert set(np.unique(split.labels)) == {0.0, 1.0}
        assert 0.4 < split.labels.mean() < 0.6  # no verdict can be guessed


def test_splits_share_no_text(texts):
    found = [{text.lower() for text, _ in texts[name]} for name in SPLITS]
    assert sum(map(len, found)) == len(set.union(*found))


def test_ids_follow_the_convention(sample):
    for name in SPLITS:
        for ids in getattr(sample, name).ids:
            assert ids[0] == 1
            assert not np.isin(ids[1:], [0, 1, 3]).any()
            assert ids.max() < sample.vocabulary.size


def test_ids_and_labels_are_those_of_the_texts(sample, texts):
    index = sample.vocabulary.word_index
    for name in SPLITS:
        split = getattr(sample, name)
        assert split.labels.tolist() == [float(rating > 0) for _, rating in texts[name]]
        for ids, (text, _) in zip(split.ids, texts[name], strict=True):
            words = [word if word in index else "<unk>" for word in words_of(text)]
            assert sample.vocabulary.decode(ids) == " ".join(["<start>", *words])


def test_the_vocabulary_is_of_training_words_seen_at_least_twice(sample, texts):
    counts = {}
    for text, _ in texts["train"]:
        for word in words_of(text):
            counts[word] = counts.get(word, 0) + 1
    assert set(sample.vocabulary.word_index) == {word for word, count in counts.items() if count >= 2}
    ranked = sorted(sample.vocabulary.word_index, key=sample.vocabulary.word_index.get)
    assert [counts[word] for word in ranked] == sorted(map(counts.get, ranked), reverse=True)


def test_encoded_with_another_vocabulary(sample, texts):
    other = Vocabulary({"good": 1, "bad": 2, "movie": 3})
    encoded = sample.encoded_with(other)
    assert encoded.vocabulary is other
    for name in SPLITS:
        before, after = getattr(sample, name), getattr(encoded, name)
        assert np.array_equal(after.labels, before.labels)
        for ids, (text, _) in zip(after.ids[:200], texts[name], strict=False):
            assert ids.tolist() == other.encode(text).tolist()
    assert sample.encoded_with(Vocabulary(sample.vocabulary.word_index)) is sample


KERAS = """
import sys
import numpy as np
from keras.src.datasets import imdb
imdb.get_file = lambda fname, origin, file_hash: sys.argv[1]
(x, y), (tx, ty) = imdb.load_data(num_words=int(sys.argv[3]))
flat = lambda lists: np.concatenate([np.asarray(l) for l in lists])
np.savez(sys.argv[2], x=flat(x), y=y, tx=flat(tx), ty=ty)
"""


def object_array(lists):
    array = np.empty(len(lists), dtype=object)
    array[:] = lists
    return array


def test_keras_would_give_the_sample_the_same_ids(sample, texts, tmp_path):
    """Every word by its rank, as in Keras' file, and Keras' own limit to the vocabulary's size."""
    backend = next((name for name in ("torch", "tensorflow") if importlib.util.find_spec(name)), None)
    if backend is None or importlib.util.find_spec("keras") is None:
        pytest.skip("Keras or its back end is not installed")
    ranks = dict(sample.vocabulary.word_index)
    for name in SPLITS:
        for text, _ in texts[name]:
            for word in words_of(text):
                ranks.setdefault(word, len(ranks) + 1)

    def listed(name):
        return object_array([[ranks[word] for word in words_of(text)] for text, _ in texts[name]])

    np.savez(
        tmp_path / "sample.npz",
        x_train=listed("train"), y_train=sample.train.labels.astype(int),
        x_test=listed("test"), y_test=sample.test.labels.astype(int),
    )  # fmt: skip
    arguments = tmp_path / "sample.npz", tmp_path / "keras.npz", str(sample.vocabulary.size)
    environment = {**os.environ, "KERAS_BACKEND": backend}
    subprocess.run([sys.executable, "-c", KERAS, *arguments], env=environment, check=True, timeout=120)
    keras, shuffle = np.load(tmp_path / "keras.npz"), np.random.RandomState(113).shuffle
    for split, ids, labels in [(sample.train, "x", "y"), (sample.test, "tx", "ty")]:
        order = np.arange(len(split))
        shuffle(order)
        np.testing.assert_array_equal(keras[ids], np.concatenate([split.ids[i] for i in order]))
        np.testing.assert_array_equal(keras[labels], split.labels[order])


# The full data, from a small stand-in that a local server holds

WORDS = {f"word{rank}": rank for rank in range(1, 501)}


@pytest.fixture
def files(tmp_path):
    """The bytes of an archive of 200 and 100 reviews in Keras' format, and of its word index.

    As in the published one some reviews stand in it twice: one in both halves, twenty within each half.
    """
    random = np.random.default_rng(0)

    def some(count):
        lists = [random.integers(1, 500, random.integers(20, 60)).tolist() for _ in range(count - 21)]
        return object_array([[500], *lists, *lists[:20]])

    np.savez(
        tmp_path / "imdb.npz",
        x_train=some(200), y_train=random.integers(0, 2, 200),
        x_test=some(100), y_test=random.integers(0, 2, 100),
    )  # fmt: skip
    return dict(zip(FULL, [(tmp_path / "imdb.npz").read_bytes(), json.dumps(WORDS).encode()], strict=True))


@pytest.fixture
def publish(files, cache, monkeypatch):
    """A function: the address of a server -> the manifest speaks of the small files, and of that server."""
    bundled = {name: entry for name, entry in manifest.load().items() if entry.kind == "bundled"}
    rows = {name: entry for name, entry in manifest.load().items() if name in FULL}

    def make(server):
        for name, body in files.items():
            mirrors = (server.address(f"/{name}"),) if server else (refused_address(),)
            sha256 = f"sha256:{hashlib.sha256(body).hexdigest()}"
            rows[name] = replace(rows[name], size=len(body), hash=sha256, mirrors=mirrors)
        monkeypatch.setattr(manifest, "load", lambda path=None: {**bundled, **rows})

    return make


@pytest.fixture
def server(files, publish):
    with LocalServer({f"/{name}": file(body) for name, body in files.items()}) as server:
        publish(server)
        yield server


def test_full_comes_in_the_samples_types(server, sample):
    full = reviews("full")
    assert (full.source, "\n" in full.why) == ("full", False)
    assert [len(getattr(full, name)) for name in SPLITS] == [
        179,
        20,
        100,
    ]  # 18 of 179 texts are held out, two of them stand there twice
    assert full.vocabulary.word_index == WORDS
    for name in SPLITS:
        split, like = getattr(full, name), getattr(sample, name)
        assert split.labels.dtype == like.labels.dtype
        assert {ids.dtype for ids in split.ids} == {like.ids[0].dtype}
        assert all(ids[0] == 1 and not np.isin(ids[1:], [0, 1, 3]).any() for ids in split.ids)


def test_full_training_and_validation_are_the_published_training_half_without_what_test_has(server, cache):
    full = reviews("full")
    published = imdb.read(*(cache / name for name in FULL))

    def pairs(ids, labels):
        return sorted((*map(int, review), int(label)) for review, label in zip(ids, labels, strict=True))

    ours = pairs(full.train.ids, full.train.labels) + pairs(full.validation.ids, full.validation.labels)
    in_test = {tuple(map(int, review)) for review in published.test_ids}
    assert sorted(ours) == [
        row for row in pairs(published.train_ids, published.train_labels) if row[:-1] not in in_test
    ]
    assert pairs(full.test.ids, full.test.labels) == pairs(published.test_ids, published.test_labels)
    again = reviews("full")
    assert all(np.array_equal(a, b) for a, b in zip(full.train.ids, again.train.ids, strict=True))


def test_no_full_review_stands_in_two_splits(server):
    full = reviews("full")
    train, validation, test = ({ids.tobytes() for ids in getattr(full, name).ids} for name in SPLITS)
    assert not train & validation and not train & test and not validation & test


def test_auto_downloads_once_and_then_reads_the_cache(server):
    first, second = reviews("auto"), reviews("auto")
    assert (first.source, second.source) == ("full", "full")
    assert first.why == "Full data: not cached yet, but a mirror answers."
    assert second.why == "Full data: found in the cache."
    assert all(server.requests[f"/{name}"] <= 2 for name in FULL)  # asked whether it is there, then fetched


def test_auto_without_a_network_is_the_sample_and_says_so(publish, sample):
    publish(None)
    found = reviews("auto")
    assert found.source == "sample"
    assert found.why.startswith("Sample data: no mirror of full/imdb/imdb.npz answered")
    assert "\n" not in found.why
    assert len(found.train) == len(sample.train)


def test_the_environment_variable_chooses(publish, monkeypatch):
    publish(None)
    monkeypatch.setenv("LABKIT_DATA", "sample")
    assert reviews().why == "Sample data, as asked for."
    monkeypatch.setenv("LABKIT_DATA", "full")
    with pytest.raises(DownloadError, match="could not be downloaded"):
        reviews()
    monkeypatch.setenv("LABKIT_DATA", "some")
    with pytest.raises(ValueError, match="got 'some' from the environment variable LABKIT_DATA"):
        reviews()
    with pytest.raises(ValueError, match="got 'ful' from the argument source"):
        reviews("ful")


@pytest.mark.parametrize("broken", [status(503), file(b"another file")], ids=["503", "wrong bytes"])
def test_a_broken_host_is_the_sample_for_auto_and_an_error_for_full(server, broken, cached):
    server.behaviours[f"/{FULL[1]}"] = broken
    found = reviews("auto")
    assert found.source == "sample"
    assert found.why.startswith("Sample data: ")
    assert "\n" not in found.why
    with pytest.raises(DownloadError, match="imdb_word_index.json could not be downloaded"):
        reviews("full")
    assert "imdb_word_index.json" not in cached()
