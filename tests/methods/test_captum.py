"""Where the settings coincide, the methods equal Captum's, the reference implementation for PyTorch."""

import pytest
import torch
from captum.attr import Occlusion
from torch import nn

from labkit.methods.occlusion import cover, occlusion
from labkit.models.cifar_cnn import CifarCNN


def convolutional():
    return nn.Sequential(nn.Conv2d(3, 5, 3), nn.Tanh(), nn.AdaptiveMaxPool2d(4), nn.Flatten(), nn.Linear(80, 10))


def with_batch_norm():
    return nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 10, 3, stride=2), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def by_captum(model, images, target, window, stride, baselines):
    found = Occlusion(model).attribute(
        images,
        sliding_window_shapes=(images.shape[1], *window),
        strides=(images.shape[1], *stride),
        baselines=baselines,
        target=target,
    )
    return found[:, 0].detach()  # the same for each channel, as the window covers them all


def some_images(size):
    return torch.rand(3, 3, *size, generator=torch.Generator().manual_seed(1))


TARGET = torch.tensor([4, 0, 9])


@pytest.mark.parametrize(
    ("window", "stride"),
    [((8, 8), (4, 4)), ((7, 5), (5, 4)), ((9, 9), (9, 9)), ((32, 6), (1, 5)), ((11, 32), (6, 30))],
)
@pytest.mark.parametrize("make", [CifarCNN, convolutional, with_batch_norm])
def test_occlusion(make, window, stride):
    torch.manual_seed(0)
    model, images = make().eval(), some_images((32, 32))
    expected = by_captum(model, images, TARGET, window, stride, 0)
    assert expected.abs().max() > 1e-3
    found = occlusion(model, images, TARGET, window=window, stride=stride)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("baseline", [0.5, "mean", "blur", [0.1, 0.9, 0.4]])
def test_occlusion_with_other_baselines(baseline):
    torch.manual_seed(0)
    model, images = convolutional(), some_images((21, 26))
    baselines = baseline if isinstance(baseline, float) else cover(images, 6, baseline)
    expected = by_captum(model, images, 2, (6, 6), (4, 4), baselines)
    found = occlusion(model, images, 2, window=6, stride=4, baseline=baseline)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)
