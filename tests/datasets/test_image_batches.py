"""Batches of images hold every image once, as floats, with its label."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from labkit.datasets.image_batches import ImageBatches, Images


@pytest.fixture
def split():
    """23 images; the first pixel of each tells its number, which is its label, too."""
    images = np.random.default_rng(0).integers(0, 256, (23, 4, 6, 3), dtype=np.uint8)
    images[:, 0, 0, 0] = np.arange(23)
    return Images(images, np.arange(23))


@pytest.mark.parametrize("seed", [None, 0])
@pytest.mark.parametrize("size", [1, 5, 23, 100])
def test_every_image_comes_once_with_its_label(split, size, seed):
    batches = ImageBatches(split, size, seed)
    assert len(batches) == len(list(batches)) == -(-23 // size)
    seen = []
    for images, labels in batches:
        assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
        assert images.shape[1:] == (3, 4, 6)
        assert len(images) <= size
        assert torch.equal((images[:, 0, 0, 0] * 255).round().long(), labels)
        seen += labels.tolist()
    assert sorted(seen) == list(range(23))


def test_colours_are_bytes_over_255(split):
    ((images, _),) = ImageBatches(split, 23)
    expected = torch.from_numpy(split.images).permute(0, 3, 1, 2) / 255
    assert torch.equal(images, expected)
    assert (images.min() >= 0, images.max()) == (True, 1)


def test_order(split):
    def order(seed):
        return torch.cat([labels for _, labels in ImageBatches(split, 5, seed)]).tolist()

    assert order(None) == list(range(23))
    assert order(3) == order(3) != order(4)
    batches = ImageBatches(split, 5, seed=3)
    assert all(torch.equal(a[0], b[0]) for a, b in zip(batches, batches, strict=True))


def test_limit_device_and_length(split):
    assert len(list(ImageBatches(split, 5, limit=2))) == 2
    assert len(ImageBatches(split, 5, limit=50)) == 5
    images, labels = next(iter(ImageBatches(split, 4, device="meta")))
    assert images.device.type == labels.device.type == "meta"
    assert len(split) == 23


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_of_nothing_is_refused(split, size):
    with pytest.raises(ValueError, match=f"got a batch size of {size}; wanted at least 1"):
        ImageBatches(split, size)


def test_images_need_no_framework():
    loaded = "print(sorted({'torch', 'keras', 'tensorflow'} & set(sys.modules)))"
    script = f"import sys, labkit.datasets.image_batches, labkit.datasets.cifar10; {loaded}"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert run.stdout == "[]\n", run.stderr
