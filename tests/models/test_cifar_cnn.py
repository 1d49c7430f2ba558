"""The network of lab 2: layers by number, images in their own units, and a checkpoint as good as it says."""

import pytest
import torch
from torch import nn

from labkit import settings
from labkit.datasets.cifar10 import cifar10
from labkit.datasets.image_batches import ImageBatches
from labkit.models import CifarCNN, checkpoints, ready
from labkit.training import accuracy


@pytest.fixture
def model():
    torch.manual_seed(0)
    return CifarCNN().eval()


def test_layers_by_number(model):
    kinds = "Rescale Conv2d ReLU Conv2d ReLU MaxPool2d Dropout Conv2d ReLU Conv2d ReLU MaxPool2d Dropout Flatten Linear"
    assert [type(layer).__name__ for layer in model] == [*kinds.split(), "ReLU", "Dropout", "Linear"]
    assert [tuple(model[n].weight.shape) for n in (1, 3, 7, 9, 14, 17)] == [
        (32, 3, 3, 3), (32, 32, 3, 3), (64, 32, 3, 3), (64, 64, 3, 3), (128, 4096), (10, 128),
    ]  # fmt: skip


def test_the_first_layer_moves_the_range_of_colours(model):
    assert model[0](torch.tensor([0.0, 0.5, 1.0])).tolist() == [-1, 0, 1]


@pytest.mark.parametrize("classes", [2, 10, 7])
def test_one_logit_per_class(classes):
    assert CifarCNN(classes)(torch.rand(4, 3, 32, 32)).shape == (4, classes)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="got 1 classes; wanted at least 2"):
        CifarCNN(1)


def test_the_order_in_memory_changes_nothing(model):
    """Batches come with the channels last in memory, single images often with the channels first."""
    images = torch.rand(4, 3, 32, 32)
    torch.testing.assert_close(model(images.contiguous(memory_format=torch.channels_last)), model(images))


def test_dropout_acts_in_training_alone(model):
    images = torch.rand(4, 3, 32, 32)
    assert torch.equal(model(images), model(images))
    model.train()
    assert not torch.equal(model(images), model(images))


def test_a_round_trip(model, tmp_path):
    path = checkpoints.save(model, tmp_path / "net.safetensors")
    back = checkpoints.load(path)
    images = torch.rand(4, 3, 32, 32)
    assert torch.equal(back(images), model(images))
    assert back.hyper == model.hyper == {"classes": 10}
    assert isinstance(back, nn.Sequential)


def test_the_shipped_network_is_as_good_as_it_says():
    """Of ten classes, on objects that it has never seen."""
    data = cifar10("sample")
    measured = accuracy(ready("cifar_cnn"), ImageBatches(data.test, 256))
    notes = checkpoints.describe(settings.bundled("checkpoints", "cifar_cnn.safetensors"))["notes"]
    assert 0.65 <= measured <= 0.76  # of the shipped split; data/README.md says how much of this the split decides
    assert measured == pytest.approx(notes["test_accuracy"], abs=0.003)
