"""Occlusion against networks whose map is known, and against a plain loop."""

import gc

import numpy as np
import pytest
import torch
from torch import nn

from labkit.methods.activations import edit
from labkit.methods.occlusion import cover, occlusion, windows


def linear(weights):
    """A model with one logit, the sum of weights (C, H, W) times image."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(weights.numel(), 1))
    nn.init.zeros_(model[1].bias)
    model[1].weight.data = weights.reshape(1, -1).clone()
    return model


def small_cnn(channels=3, size=12):
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(channels, 6, 3), nn.ReLU(inplace=True), nn.MaxPool2d(2), nn.Dropout(0.5), nn.Flatten(),
        nn.LazyLinear(4),
    )  # fmt: skip
    with torch.no_grad():
        model(torch.zeros(1, channels, size, size))
    return model


def some_images(n=5, channels=3, height=12, width=12):
    return torch.rand(n, channels, height, width, generator=torch.Generator().manual_seed(1))


def plain_loop(score, images, window, stride):
    """One window of zeros after the other, with nothing but loops. The score is that of one image."""
    window, stride = (sides if isinstance(sides, tuple) else (sides, sides) for sides in (window, stride))
    maps = np.zeros((len(images), *images.shape[2:]))
    for n, image in enumerate(images):
        sums, counts = np.zeros(image.shape[1:]), np.zeros(image.shape[1:])
        top = 0
        while True:
            left = 0
            while True:
                occluded = image.clone()
                for y in range(top, min(top + window[0], image.shape[1])):
                    for x in range(left, min(left + window[1], image.shape[2])):
                        occluded[:, y, x] = 0
                drop = score(image) - score(occluded)
                sums[top : top + window[0], left : left + window[1]] += drop
                counts[top : top + window[0], left : left + window[1]] += 1
                if left + window[1] >= image.shape[2]:
                    break
                left += stride[1]
            if top + window[0] >= image.shape[1]:
                break
            top += stride[0]
        maps[n] = sums / counts
    return torch.tensor(maps, dtype=torch.float32)


# Worked out by hand


def test_window_by_window_a_linear_models_map_is_weight_times_image():
    weights, images = torch.randn(3, 6, 7), torch.rand(2, 3, 6, 7)
    found = occlusion(linear(weights), images, 0, window=1, stride=1)
    torch.testing.assert_close(found, (weights * images).sum(dim=1))


def test_a_row_of_pixels_by_hand():
    # Windows of 2 at stride 1 over 1 2 4: drops 3 and 6, and the middle pixel lies under both.
    found = occlusion(linear(torch.ones(1, 1, 3)), torch.tensor([[[[1.0, 2.0, 4.0]]]]), 0, window=(1, 2), stride=1)
    torch.testing.assert_close(found, torch.tensor([[[3.0, 4.5, 6.0]]]))


def test_a_window_that_overhangs_is_cut_off():
    # Windows of 3 at stride 2 over 1 2 4 8: the second covers 4 and 8 alone, for it reaches over the edge.
    image = torch.tensor([[[[1.0, 2.0, 4.0, 8.0]]]])
    found = occlusion(linear(torch.ones(1, 1, 4)), image, 0, window=(1, 3), stride=(1, 2))
    torch.testing.assert_close(found, torch.tensor([[[7.0, 7.0, 9.5, 12.0]]]))


def test_a_baseline_that_raises_the_score_gives_negative_drops():
    image = torch.tensor([[[[1.0, 2.0, 4.0]]]])
    found = occlusion(linear(torch.ones(1, 1, 3)), image, 0, window=1, stride=1, baseline=3.0)
    torch.testing.assert_close(found, torch.tensor([[[-2.0, -1.0, 1.0]]]))


def test_the_map_stands_where_the_window_stood_and_a_stretched_grid_would_not():
    image = torch.zeros(1, 1, 32, 32)
    image[..., 18:30, 18:30] = 1.0
    brightest = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten())  # lost under one window alone
    found = occlusion(brightest, image, 0, window=12, stride=2)
    assert torch.equal(found[0] > 0, image[0, 0] > 0)
    # The same drops as a small image, stretched over the large one
    grid = torch.tensor([float(image[0, 0, rows, columns].mean() == 1) for rows, columns in windows((32, 32), 12, 2)])
    stretched = nn.functional.interpolate(grid.view(1, 1, 11, 11), size=(32, 32))[0, 0]
    rows = (stretched > 0).any(dim=1).nonzero().float()
    assert rows.mean() - 23.5 > 3  # the block's middle is row 23.5


# Against a plain loop


@pytest.mark.parametrize(
    ("window", "stride"), [(4, 2), (3, 3), ((5, 2), (3, 1)), ((2, 12), (2, 7)), (12, 1), (7, 4), ((4, 12), (3, 20))]
)
@pytest.mark.parametrize("size", [(12, 12), (13, 12)])
def test_equals_the_plain_loop(window, stride, size):
    model = nn.Sequential(nn.AdaptiveAvgPool2d(12), small_cnn()).eval()
    images = some_images(2, 3, *size)

    @torch.no_grad()
    def score(image):
        return float(model(image[None])[0, 2])

    expected = plain_loop(score, images, window, stride)
    found = occlusion(model, images, 2, window=window, stride=stride)
    assert found.shape == (2, *size)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 5, 7, 16, 1000])
def test_the_size_of_the_batches_does_not_matter(batch_size):
    model, images = small_cnn(), some_images()
    colours = torch.rand(5, 3, 1, 1)
    target = torch.tensor([0, 3, 1, 1, 2])
    found = occlusion(model, images, target, window=5, baseline=colours, batch_size=batch_size)
    one_by_one = [occlusion(model, images[n : n + 1], int(target[n]), window=5, baseline=colours[n]) for n in range(5)]
    torch.testing.assert_close(found, torch.cat(one_by_one), atol=1e-5, rtol=1e-5)


def test_no_pass_is_larger_than_a_batch():
    sizes = []
    model = nn.Sequential(nn.Flatten(), nn.Linear(432, 2))
    model.register_forward_pre_hook(lambda module, inputs: sizes.append(len(inputs[0])))
    occlusion(model, some_images(5), 0, window=4, batch_size=16)
    assert max(sizes) == 15
    assert sum(sizes) == 5 * (1 + 25)


def test_no_window_leaves_a_tensor_behind():
    """Small results that stay, one a window, break up the heap; then its peak grows with the number of windows."""
    tensors = []

    def score(logits):
        tensors.append(sum(type(found) is torch.Tensor for found in gc.get_objects()))
        return logits[:, 0]

    occlusion(small_cnn(), some_images(5), score, window=4, stride=4, batch_size=5)
    assert len(tensors) == 1 + 9
    assert len(set(tensors[2:])) == 1


# What the score is


def test_a_layers_unit_counts_with_the_largest_value_of_its_map():
    model, images = small_cnn().eval(), some_images(2)

    @torch.no_grad()
    def score(image):
        return float(model[0](image[None])[0, 4].max())  # before the ReLU, which works in place

    expected = plain_loop(score, images, 4, 2)
    found = occlusion(model, images, 4, layer="0", window=4)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


def test_a_function_may_be_the_score():
    model, images = small_cnn(), some_images()
    by_unit = occlusion(model, images, 1, window=4)
    torch.testing.assert_close(occlusion(model, images, lambda logits: logits[:, 1], window=4), by_unit)
    # A view of a layer's output that the next layer writes into
    by_unit = occlusion(model, images, 1, layer="0", window=4)
    by_place = occlusion(model, images, lambda maps: maps[:, 1, 2, 3], layer="0", window=4)
    assert not torch.allclose(by_unit, by_place)
    assert by_place[:, 8:].abs().max() < 1e-6, "that place of the map sees the upper part alone"
    torch.testing.assert_close(
        occlusion(model, images, lambda maps: maps[:, 1].flatten(1).amax(1), layer="0", window=4), by_unit
    )


def test_targets_may_be_one_for_each_image():
    model, images = small_cnn(), some_images(3)
    found = occlusion(model, images, [2, 0, 1], window=4)
    assert torch.equal(found, occlusion(model, images, torch.tensor([2, 0, 1]), window=4))
    assert torch.equal(found, occlusion(model, images, np.array([2, 0, 1]), window=4))
    for n, unit in enumerate([2, 0, 1]):
        torch.testing.assert_close(found[n : n + 1], occlusion(model, images[n : n + 1], unit, window=4))


# What is put under the window


def test_baselines():
    images = some_images(4)
    model = small_cnn()

    def with_baseline(baseline):
        return occlusion(model, images, 0, window=4, baseline=baseline)

    assert torch.equal(with_baseline("zero"), with_baseline(0))
    assert torch.equal(with_baseline("mean"), with_baseline(images.mean(dim=(2, 3), keepdim=True)))
    colour = [0.2, 0.4, 0.9]
    assert torch.equal(with_baseline(colour), with_baseline(torch.tensor(colour)))
    assert torch.equal(with_baseline(colour), with_baseline(torch.tensor(colour).view(1, 3, 1, 1).expand_as(images)))
    torch.testing.assert_close(with_baseline(images), torch.zeros(4, 12, 12), atol=1e-6, rtol=0)


def test_a_colour_is_not_a_row_of_pixels_where_there_are_as_many_channels_as_columns():
    found = cover(torch.zeros(1, 3, 3, 3), 2, [1.0, 2.0, 3.0])
    assert torch.equal(found[0, 1], torch.full((3, 3), 2.0))


def test_blur_keeps_the_colour_and_drops_what_is_of_the_windows_size():
    stripes = torch.zeros(1, 1, 32, 32)
    stripes[..., ::4] = stripes[..., 1::4] = 1.0
    blurred = cover(stripes, 8, "blur")
    assert (blurred - 0.5).abs().max() < 0.1
    flat = torch.full((2, 3, 9, 9), 0.3)
    torch.testing.assert_close(cover(flat, (9, 2), "blur"), flat)  # a large blur of a small image
    steep = torch.zeros(1, 1, 32, 32)
    steep[..., 16:] = 1.0
    width_of = [int(((cover(steep, side, "blur")[0, 0, 0] - 0.5).abs() < 0.4).sum()) for side in (2, 8)]
    assert width_of[0] < width_of[1]


# Places


def test_windows_by_hand():
    assert windows((5, 4), (3, 4), (2, 1)) == [
        (slice(0, 3), slice(0, 4)),
        (slice(2, 5), slice(0, 4)),
    ]
    assert windows((4, 3), (3, 2), 2) == [
        (slice(0, 3), slice(0, 2)),
        (slice(0, 3), slice(2, 3)),
        (slice(2, 4), slice(0, 2)),
        (slice(2, 4), slice(2, 3)),
    ]
    assert len(windows((32, 32), 8, 2)) == 13 * 13


@pytest.mark.parametrize("window", range(1, 12))
@pytest.mark.parametrize("stride", range(1, 12))
def test_every_pixel_is_covered_and_no_window_is_empty(window, stride):
    if window < stride:
        return
    covered = np.zeros((11, 13))
    for rows, columns in windows((11, 13), window, stride):
        assert covered[rows, columns].size
        covered[rows, columns] += 1
    assert covered.min() >= 1


# What is left behind


class Breaking(nn.Module):
    """Fails in its third pass."""

    def __init__(self):
        super().__init__()
        self.passes = 0

    def forward(self, x):
        self.passes += 1
        if self.passes == 3:
            raise RuntimeError("the third pass")
        return x


def state(model):
    return (
        [module.training for module in model.modules()],
        [parameter.grad for parameter in model.parameters()],
        sum(len(module._forward_hooks) for module in model.modules()),
        torch.is_grad_enabled(),
    )


@pytest.mark.parametrize("fails", [False, True])
def test_model_and_images_are_left_as_they_were(fails):
    model = nn.Sequential(nn.BatchNorm2d(3), small_cnn().train(), Breaking() if fails else nn.Identity())
    model[1][3].eval()
    images = some_images().requires_grad_()
    copy, mean, before = images.detach().clone(), model[0].running_mean.clone(), state(model)
    if fails:
        with pytest.raises(RuntimeError, match="the third pass"):
            occlusion(model, images, 0, window=4)
    else:
        assert not occlusion(model, images, 0, window=4, baseline="blur").requires_grad
    assert state(model) == before
    assert torch.equal(images, copy)
    assert images.grad is None
    assert torch.equal(model[0].running_mean, mean)


def test_a_model_whose_first_layer_works_in_place_does_not_reach_the_images():
    images = some_images() - 0.5
    copy = images.clone()
    inner = small_cnn()
    found = occlusion(nn.Sequential(nn.ReLU(inplace=True), inner), images, 0, window=4)
    assert torch.equal(images, copy)
    torch.testing.assert_close(found, occlusion(nn.Sequential(nn.ReLU(), inner), images, 0, window=4))


def test_double_stays_double():
    model = small_cnn().double()
    assert occlusion(model, some_images().double(), 0, window=4).dtype == torch.float64


# Refusals


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"images": torch.zeros(3, 12, 12)}, r"shape \(3, 12, 12\).*image\[None\]"),
        ({"images": torch.zeros(1, 3, 12, 12, dtype=torch.uint8)}, "uint8"),
        ({"images": torch.zeros(0, 3, 12, 12)}, r"\(0, 3, 12, 12\)"),
        ({"window": 13}, "window of height 13; wanted from 1 to the image's height, 12"),
        ({"window": (3, 0)}, "window of width 0"),
        ({"stride": 5}, "stride 5 for a window of height 4.*gaps"),
        ({"stride": (4, 5)}, "stride 5 for a window of width 4.*gaps"),
        ({"stride": 0}, "stride 0"),
        ({"baseline": "black"}, "'black'; wanted one of 'zero', 'mean', 'blur'"),
        ({"baseline": [1.0, 2.0]}, r"baseline of shape \(2,\); wanted a number, 3 numbers"),
        ({"baseline": torch.zeros(3, 3, 12, 12)}, r"shape \(3, 3, 12, 12\)"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"target": 4}, "units from 4 to 4; wanted .* from 0 to 3"),
        ({"target": [0, -1]}, "units from -1 to 0"),
        ({"target": [0, 1, 2]}, r"shape \(3,\); wanted .* 2 of them"),
        ({"target": 1.0}, "float32"),
        ({"target": lambda logits: logits}, r"scores of shape \(2, 4\) from the target"),
        ({"target": lambda logits: logits[:, 0] / 0}, "NaN or infinite"),
        ({"layer": "convs"}, "'convs'"),
    ],
)
def test_bad_input_is_refused_in_words(options, words):
    arguments = {"images": some_images(2), "target": 0, "window": 4, **options}
    with pytest.raises(ValueError, match=words):
        occlusion(small_cnn(), **arguments)


def test_outputs_without_units_are_refused():
    with pytest.raises(ValueError, match=r"\(2,\); wanted a layer with units"):
        occlusion(nn.Sequential(nn.Flatten(), nn.Linear(432, 1), nn.Flatten(0)), some_images(2), 0, window=4)


def test_edits_around_it_are_seen():
    model, images = small_cnn(), some_images(2)
    with edit(model, {"5": torch.zeros_like}):
        assert torch.equal(occlusion(model, images, 0, window=4), torch.zeros(2, 12, 12))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("baseline", ["zero", "mean", "blur"])
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_same_on_cuda_wherever_the_images_are(baseline, device, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)  # its 10 bits are not 1e-5
    model, images, target = small_cnn(), some_images(), [0, 3, 1, 1, 2]
    expected = occlusion(model, images, target, window=5, baseline=baseline)
    found = occlusion(model.cuda(), images.to(device), target, window=5, baseline=baseline, batch_size=12)
    assert found.device.type == device
    torch.testing.assert_close(found.cpu(), expected, atol=1e-5, rtol=1e-5)
