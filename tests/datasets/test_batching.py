"""Batches hold every text once, and hardly any padding."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from labkit.datasets.batching import Batches, pad
from labkit.datasets.reviews import Split, reviews


def split_of(lengths):
    """Texts of these lengths; the first id of each is its own number."""
    ids = [np.r_[10 + n, np.ones(length - 1)].astype(np.int64) for n, length in enumerate(lengths)]
    return Split(ids, (np.arange(len(ids)) % 2).astype(np.float32))


@pytest.fixture(scope="module")
def lengths():
    """10,000 lengths like those of IMDB's reviews: 235 on average, a long tail up to 2,494."""
    random = np.random.default_rng(0)
    return np.clip(np.exp(random.normal(5.2, 0.7, 10_000)), 11, 2494).astype(int)


def padding_share(batches):
    ids = [ids for ids, _ in batches]
    return sum(int((i == 0).sum()) for i in ids) / sum(i.numel() for i in ids)


def random_batches(split, size):
    order = np.random.default_rng(1).permutation(len(split))
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        yield torch.from_numpy(pad([split.ids[i] for i in rows])), split.labels[rows]


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize("size", [1, 32, 20_000])
def test_every_text_comes_once_with_its_label(lengths, size, seed):
    split = split_of(lengths)
    batches = Batches(split, size, seed)
    seen = {}
    for ids, labels in batches:
        assert len(ids) <= size
        assert (ids.dtype, labels.dtype) == (torch.int64, torch.float32)
        for text, label in zip(ids, labels, strict=True):
            number = int(text[0]) - 10
            assert number not in seen
            assert int((text != 0).sum()) == lengths[number]
            seen[number] = float(label)
    assert seen == {n: n % 2 for n in range(len(lengths))}
    assert len(batches) == -(-len(lengths) // size)


def test_hardly_any_padding_on_lengths_like_those_of_imdb(lengths):
    split = split_of(lengths)
    assert padding_share(Batches(split, 32, seed=0)) < 0.10
    assert padding_share(random_batches(split, 32)) > 0.40


def test_hardly_any_padding_on_the_sample():
    split = reviews("sample").train
    assert padding_share(Batches(split, 64, seed=0)) < 0.10
    assert padding_share(Batches(split, 64)) < 0.02
    assert padding_share(random_batches(split, 64)) > 0.40


def test_equal_seeds_give_equal_batches_and_other_seeds_others(lengths):
    split = split_of(lengths)

    def order(seed):
        return [ids[:, 0].tolist() for ids, _ in Batches(split, 32, seed)]

    assert order(3) == order(3)
    assert order(3) != order(4)
    assert {frozenset(batch) for batch in order(3)} != {frozenset(batch) for batch in order(4)}
    assert order(None) == order(None)


def test_batches_do_not_come_by_length_in_training(lengths):
    widths = [ids.shape[1] for ids, _ in Batches(split_of(lengths), 32, seed=0)]
    assert abs(np.corrcoef(widths, range(len(widths)))[0, 1]) < 0.3


def test_they_can_be_asked_for_again(lengths):
    batches = Batches(split_of(lengths), 500, seed=0)
    first, second = list(batches), list(batches)
    assert len(first) == len(second) == 20
    for (ids, labels), (ids_again, labels_again) in zip(first, second, strict=True):
        assert torch.equal(ids, ids_again)
        assert torch.equal(labels, labels_again)


def test_limit(lengths):
    split = split_of(lengths)
    assert len(Batches(split, 32, limit=3)) == len(list(Batches(split, 32, limit=3))) == 3
    assert len(Batches(split, 5000, limit=50)) == 2


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_of_nothing_is_refused(lengths, size):
    with pytest.raises(ValueError, match=f"got a batch size of {size}; wanted at least 1"):
        Batches(split_of(lengths), size)


def test_device(lengths):
    ids, labels = next(iter(Batches(split_of(lengths), 4, device="meta")))  # a device on every machine
    assert ids.device.type == labels.device.type == "meta"


def test_pad():
    assert pad([np.array([1, 5]), np.array([1, 6, 7])]).tolist() == [[1, 5, 0], [1, 6, 7]]


def test_data_sets_need_no_framework():
    loaded = "print(sorted({'torch', 'keras', 'tensorflow'} & set(sys.modules)))"
    script = f"import sys, labkit.datasets.batching; {loaded}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.stdout == "[]\n", run.stderr
