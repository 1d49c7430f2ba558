"""The networks of lab 3: their shapes and names, and what the shipped ones can do."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from labkit import settings
from labkit.datasets.image_batches import ImageBatches
from labkit.datasets.mnist import mnist
from labkit.models import MLP, LeNet5, checkpoints, create, load, ready, save, untrained_twin
from labkit.training import accuracy

IMAGES = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))
SHIPPED = [("digits_mlp", MLP, 0.92), ("digits_lenet5", LeNet5, 0.95)]


@pytest.fixture(scope="module")
def sample():
    return mnist("sample")


@pytest.mark.parametrize("make", [MLP, LeNet5])
def test_outputs_are_log_probabilities(make):
    model = make().eval()
    log_probabilities = model(IMAGES)
    assert log_probabilities.shape == (5, 10)
    torch.testing.assert_close(log_probabilities.exp().sum(1), torch.ones(5))
    assert isinstance(model[-1], nn.LogSoftmax)
    logits = nn.Sequential(*list(model)[:-1])(IMAGES)
    torch.testing.assert_close(logits.log_softmax(1), log_probabilities)


def test_the_mlp_takes_flat_images_too():
    model = MLP().eval()
    assert torch.equal(model(IMAGES.flatten(1)), model(IMAGES))


def test_layers_are_those_of_the_course_and_have_names():
    mlp, lenet = MLP(), LeNet5()
    assert [layer.out_features for layer in (mlp.fc1, mlp.fc2, mlp.fc3, mlp.fc4)] == [256, 128, 64, 10]
    assert nn.Sequential(*list(lenet)[:6])(IMAGES).shape == (5, 16, 4, 4)
    assert [layer.out_features for layer in (lenet.fc1, lenet.fc2, lenet.fc3)] == [120, 84, 10]
    assert (lenet.conv1.out_channels, lenet.conv2.out_channels) == (6, 16)


def test_dropout_acts_in_training_alone():
    torch.manual_seed(0)
    model = MLP(dropout=0.5)
    assert not torch.equal(model(IMAGES), model(IMAGES))
    model.eval()
    assert torch.equal(model(IMAGES), model(IMAGES))
    model = MLP().train()
    assert torch.equal(model(IMAGES), model(IMAGES))


@pytest.mark.parametrize("dropout", [-0.1, 1.0])
def test_a_share_that_is_none_is_refused(dropout):
    with pytest.raises(ValueError, match=rf"got dropout {dropout}; wanted a share in \[0, 1\)"):
        MLP(dropout)


@pytest.mark.parametrize("model", [MLP(0.3), LeNet5()], ids=["mlp", "lenet5"])
def test_a_round_trip(model, tmp_path):
    save(model.eval(), tmp_path / "x.safetensors")
    back = load(tmp_path / "x.safetensors")
    assert (type(back), back.hyper) == (type(model), model.hyper)
    assert torch.equal(back(IMAGES), model(IMAGES))


@pytest.mark.parametrize(("name", "kind", "at_least"), SHIPPED)
def test_the_shipped_networks_are_as_good_as_they_say(sample, name, kind, at_least):
    model = ready(name)
    assert type(model) is kind
    measured = accuracy(model, ImageBatches(sample.test, 256))
    assert measured >= at_least
    notes = checkpoints.describe(settings.bundled("checkpoints", f"{name}.safetensors"))["notes"]
    assert measured == pytest.approx(notes["test_accuracy"], abs=0.003)


@pytest.mark.parametrize(("name", "kind", "at_least"), SHIPPED)
def test_the_untrained_twin_is_where_training_set_out_from(sample, name, kind, at_least):
    twin, trained = untrained_twin(name), ready(name)
    assert (type(twin), twin.hyper, twin.training) == (kind, trained.hyper, False)
    assert accuracy(twin, ImageBatches(sample.test, 256)) < 0.3
    # Weights move little in three epochs, so those of the very start lie near; another start lies anywhere.
    first, last = twin.fc2.weight.flatten(), trained.fc2.weight.flatten()
    assert torch.cosine_similarity(first, last, dim=0) > 0.5
    other = create(name).fc2.weight.flatten()
    assert torch.cosine_similarity(other, last, dim=0).abs() < 0.1


def test_grey_images_come_as_one_channel(sample):
    images, labels = next(iter(ImageBatches(sample.test, 16)))
    assert (images.shape, images.dtype) == ((16, 1, 28, 28), torch.float32)
    assert torch.equal(images[:, 0] * 255, torch.from_numpy(sample.test.images[:16]).float())
    assert labels.tolist() == sample.test.labels[:16].tolist()


def test_keras_networks_are_no_pytorch_networks():
    with pytest.raises(ValueError, match=r"got 'digits_keras'; the shipped networks \(.safetensors\) are .*digits_mlp"):
        ready("digits_keras")


def test_networks_in_pytorch_load_no_tensorflow():
    script = "import sys; from labkit.models import MLP, ready; ready('digits_mlp'); print('torch' in sys.modules, "
    script += "{'keras', 'tensorflow'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert run.stdout == "True set()\n", run.stderr
