"""Filters as images: zero is the middle, one scale for both signs, colour for three channels alone."""

import pytest
import torch
from torch import nn

from labkit.methods.filters import weights_as_images


def weights(*filters):
    """(F, 1, 1, w) of rows of numbers."""
    return torch.tensor(filters).view(len(filters), 1, 1, -1)


def test_each_filter_has_a_scale_of_its_own():
    shown = weights_as_images(weights([-1.0, 0.0, 2.0], [0.1, -0.2, 0.0]))
    torch.testing.assert_close(shown.images, weights([0.25, 0.5, 1.0], [0.75, 0.0, 0.5]))
    torch.testing.assert_close(shown.limit, torch.tensor([2.0, 0.2]))


def test_or_all_share_that_of_the_layer():
    shown = weights_as_images(weights([-1.0, 0.0, 2.0], [0.5, -2.0, 0.0]) * 2, scale="layer")
    torch.testing.assert_close(shown.images, weights([0.25, 0.5, 1.0], [0.625, 0.0, 0.5]))
    assert shown.limit.tolist() == [4.0, 4.0]


@pytest.mark.parametrize("scale", ["filter", "layer"])
def test_a_filter_of_zeros_is_the_middle_grey(scale):
    shown = weights_as_images(torch.zeros(2, 3, 5, 5), scale)
    assert (shown.images == 0.5).all()
    assert shown.limit.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("scale", ["filter", "layer"])
def test_the_weights_can_be_read_back(scale):
    convolution = nn.Conv2d(4, 6, 3)
    shown = weights_as_images(convolution, scale)
    read = (shown.images - 0.5) * 2 * shown.limit.view(-1, 1, 1, 1)
    torch.testing.assert_close(read, convolution.weight.detach())
    assert shown.images.min() >= 0
    assert shown.images.max() <= 1


@pytest.mark.parametrize(
    ("convolution", "shape"),
    [
        (nn.Conv2d(3, 6, (5, 4)), (6, 5, 4, 3)),
        (nn.Conv2d(1, 6, (5, 4)), (6, 1, 5, 4)),
        (nn.Conv2d(32, 6, (5, 4)), (6, 32, 5, 4)),
        (nn.Conv2d(8, 6, (5, 4), groups=2), (6, 4, 5, 4)),
    ],
)
def test_three_channels_are_colours_and_others_stand_by_themselves(convolution, shape):
    assert weights_as_images(convolution).images.shape == shape


def test_colours_are_those_of_the_channels():
    weights = torch.zeros(1, 3, 2, 2)
    weights[0, 1, 0, 1] = 3.0  # green, upper right
    assert weights_as_images(weights).images[0, 0, 1].tolist() == [0.5, 1.0, 0.5]


def test_the_images_are_copies_without_gradient():
    convolution = nn.Conv2d(1, 2, 3)
    before = convolution.weight.detach().clone()
    for scale in ("filter", "layer"):
        shown = weights_as_images(convolution, scale)
        assert not shown.images.requires_grad
        shown.images.zero_()
        shown.limit.zero_()
    assert torch.equal(convolution.weight, before)


@pytest.mark.parametrize(
    ("convolution", "scale", "error", "words"),
    [
        (nn.Conv2d(1, 2, 3), "all", ValueError, "'all'; wanted 'filter' or 'layer'"),
        (nn.Linear(3, 2), "filter", TypeError, "Linear; wanted an nn.Conv2d"),
        (torch.rand(3, 3), "filter", ValueError, r"\(3, 3\); wanted \(F, C, h, w\)"),
        (torch.full((1, 1, 2, 2), float("nan")), "filter", ValueError, "NaN"),
    ],
)
def test_bad_input_is_refused_in_words(convolution, scale, error, words):
    with pytest.raises(error, match=words):
        weights_as_images(convolution, scale)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_same_on_cuda():
    convolution = nn.Conv2d(3, 4, 3)
    expected = weights_as_images(convolution).images
    assert torch.equal(weights_as_images(convolution.cuda()).images, expected)
