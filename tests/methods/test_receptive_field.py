"""Receptive fields: the arithmetic, the answers, and PyTorch models."""

import random
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
import torch
import torchvision
from methods.random_architectures import IMAGE, architectures, assert_agrees, units_to_try
from torch import nn
from torch.nn import functional as F

from labkit.methods.receptive_field import ReceptiveField, gradient_support, receptive_field
from labkit.methods.receptive_field.arithmetic import Window, enlarging, offset_after, size_after, stride_after
from labkit.methods.receptive_field.axis import Axis

# The arithmetic


def test_one_layer_after_another():
    """The sixth convolution of lab 5 by hand: three convolutions of 3, a pooling of 2, three convolutions of 3."""
    size, stride, offset = 1, 1, 0
    for kernel, step, padding in [(3, 1, 0)] * 3 + [(2, 2, 0)] + [(3, 1, 1)] * 3:
        size, offset, stride = (
            size_after(size, stride, kernel), offset_after(offset, stride, padding), stride_after(stride, step),
        )  # fmt: skip
    assert (size, stride, offset) == (7 + 1 + 12, 2, -6)


def test_dilation_sets_the_kernel_apart():
    assert size_after(5, 2, kernel=3, dilation=4) == 5 + 2 * 4 * 2


@pytest.mark.parametrize("window, below, looks_at", [
    (Window(3), 5, [[0, 1, 2], [1, 2, 3], [2, 3, 4]]),
    (Window(2, stride=3, before=1), 5, [[None, 0], [2, 3]]),
    (Window(2, dilation=2, after=1), 3, [[0, 2], [1, None]]),
    (Window(before=-1, after=-1), 4, [[1], [2]]),
    (enlarging(2, False, 2), 2, [[None, 0], [0, None], [None, 1], [1, None]]),
])  # fmt: skip
def test_at_which_units_a_window_looks(window, below, looks_at):
    units, real = window.looks_at(below)
    assert [[unit if is_one else None for unit, is_one in zip(*row, strict=True)]
            for row in zip(units.tolist(), real.tolist(), strict=True)] == looks_at  # fmt: skip
    assert window.units(below) == len(looks_at)


def test_at_the_border_a_unit_sees_less_than_its_rectangle_cut_off():
    """Steps of 3 over 10 pixels leave the last two out, and padding does not bring them back."""
    axis = Axis.of_image(10).behind(Window(2, stride=3)).behind(Window(3, before=1, after=1))
    assert (axis.size, axis.stride, axis.offset) == (8, 3, -3)
    assert axis.starts.tolist() == [0, 0, 3]
    assert axis.stops.tolist() == [5, 8, 8]


# The answers


def field_of(*windows, image=(12, 20)):
    axes = [Axis.of_image(side) for side in image]
    for window in windows:
        axes = [axis.behind(window) for axis in axes]
    return ReceptiveField.along(tuple(axes))


def test_the_rectangle_of_a_unit():
    field = field_of(Window(4, stride=2, before=1, after=1))
    assert field.rectangle(0, 9) == (-1, 17, 3, 21)
    assert field.rectangle(0, 9, clipped=True) == (0, 17, 3, 20)
    assert field.rectangle(3, 4) == field.rectangle(3, 4, clipped=True) == (5, 7, 9, 11)


def test_a_unit_that_sees_nothing_has_an_empty_rectangle():
    field = field_of(Window(before=1, after=1))
    assert field.rectangle(0, 3) == (-1, 2, 0, 3)
    assert field.rectangle(0, 3, clipped=True) == (0, 0, 0, 0)


@pytest.mark.parametrize("window, pixel, unit", [
    (Window(3), (5, 7), (4, 6)),  # exactly
    (Window(3), (0, 19), (0, 17)),  # no unit is centred there: the nearest
    (Window(1, stride=4), (5, 7), (1, 2)),  # 4 is nearer to 5 than 8 is
    (Window(1, stride=4), (6, 10), (1, 2)),  # midway between two: the upper left one
    (Window(2), (5, 7), (4, 6)),  # likewise where the size is even
    (Window(4, stride=2, before=1), (0, 1), (0, 0)),
])  # fmt: skip
def test_the_unit_at_a_pixel(window, pixel, unit):
    field = field_of(window)
    assert field.unit_at(*pixel) == unit
    distances = {
        (i, j): np.abs(np.subtract(field.centre(i, j), pixel)).max()
        for i in range(field.units[0])
        for j in range(field.units[1])
    }
    assert distances[unit] == min(distances.values())


def test_each_unit_is_the_one_at_its_centre():
    field = field_of(Window(3, stride=2, before=1), Window(5, dilation=2, before=4, after=4))
    for unit in np.ndindex(field.units):
        assert field.unit_at(*map(int, field.centre(*unit))) == unit


def test_places_that_are_not_there_are_refused():
    field = field_of(Window(3))
    for unit in [(10, 0), (0, -1), (3,), (1, 2, 3)]:
        with pytest.raises(ValueError, match=r"wanted a unit of the layer, from \(0, 0\) to \(9, 17\)"):
            field.rectangle(*unit)
    with pytest.raises(ValueError, match=r"got \(12, 0\); wanted a pixel of the image, from \(0, 0\) to \(11, 19\)"):
        field.unit_at(12, 0)


def test_behind_an_enlargement_strides_are_fractions():
    field = field_of(enlarging(2, False, 12), image=(12,))
    assert field.stride == (Fraction(1, 2),)
    assert [field.rectangle(unit) for unit in range(3)] == [(0, 1), (0, 1), (1, 2)]


# PyTorch models: the arithmetic against the gradient


class Branches(nn.Module):
    def __init__(self, how, branches):
        super().__init__()
        self.how, self.branches = how, nn.ModuleList(branches)

    def forward(self, images):
        maps = [branch(images) for branch in self.branches]
        return torch.cat(maps, 1) if self.how == "concatenate" else maps[0] + maps[1]


class Pointwise(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm, self.drop = nn.BatchNorm2d(channels), nn.Dropout()

    def forward(self, maps):
        return torch.tanh(self.drop(F.leaky_relu(self.norm(maps), 0.3)) / 100) * 2


def built(steps, channels=2):
    """The network of some steps."""
    layers = []
    for kind, *settings in steps:
        layer, channels = BUILDERS[kind](channels, *settings)
        layers.append(layer)
    layers.append(nn.Conv2d(channels, 2, 1))
    return nn.Sequential(*layers)


def conv(channels, kernel, stride, dilation, padding):
    if padding == "same" and stride != (1, 1):  # which PyTorch does not have
        padding = tuple(side // 2 for side in kernel)
    return nn.Conv2d(channels, 3, kernel, stride, padding, dilation), 3


def pool(channels, kind, kernel, stride, padding):
    padding = tuple(side // 2 for side in kernel) if padding == "same" else 0
    return (nn.MaxPool2d if kind == "max" else nn.AvgPool2d)(
        kernel, stride, padding, ceil_mode=kernel[0] == 3
    ), channels


def transposed(channels, kernel, stride, padding):
    cut = tuple((side - step + 1) // 2 for side, step in zip(kernel, stride, strict=True)) if padding == "same" else 0
    more = tuple(step - 1 for step in stride) if padding == "same" else 0
    return nn.ConvTranspose2d(channels, 2, kernel, stride, cut, more), 2


def moved(channels, amounts, sign):
    (top, bottom), (left, right) = amounts
    return nn.ZeroPad2d([sign * amount for amount in (left, right, top, bottom)]), channels


BUILDERS = {
    "conv": conv,
    "pool": pool,
    "transposed": transposed,
    "enlarge": lambda channels, factors, how: (nn.Upsample(scale_factor=factors, mode=how), channels),
    "pad": lambda channels, amounts: moved(channels, amounts, 1),
    "crop": lambda channels, amounts: moved(channels, amounts, -1),
    "pointwise": lambda channels: (Pointwise(channels), channels),
    "branches": lambda channels, how, *several: (
        Branches(how, [built(steps, channels) for steps in several]), 2 if how == "add" else 4,
    ),
}  # fmt: skip


def with_positive_weights(model):
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(weight.abs() + 0.1)
    return model


@pytest.fixture
def one_thread():
    """For maps as small as these, several threads are slower than one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.filterwarnings("ignore:Using padding='same'")
@pytest.mark.parametrize("number, steps", list(enumerate(architectures(50))))
def test_arithmetic_agrees_with_the_gradient(number, steps, one_thread):
    torch.manual_seed(number)
    model, shape = with_positive_weights(built(steps)), (2, *IMAGE)
    field = receptive_field(model, "", shape)
    assert field.units == model(torch.zeros(1, *shape)).shape[2:]
    units = units_to_try(field.units, random.Random(number))
    assert_agrees(field, {unit: gradient_support(model, "", unit, shape) for unit in units}, steps)


class Functions(nn.Module):
    """What can be written as a function or a method, with settings by place and by name."""

    def __init__(self):
        super().__init__()
        self.conv, self.scale = nn.Conv2d(1, 2, 3, padding="valid"), nn.Parameter(torch.ones(2, 1, 1))

    def forward(self, images, noise=None):
        maps = self.conv(F.pad(images, (1, 0, 2, 1)))
        if noise is not None:
            maps = maps + noise
        maps = F.max_pool2d(maps, 3, 2, 1).add(F.avg_pool2d(maps, kernel_size=(3, 1), stride=2, padding=(1, 0)))
        maps = F.interpolate(input=maps, scale_factor=2.0) * self.scale
        maps = F.dropout(F.adaptive_avg_pool2d(maps, (None, 7)), training=self.training)
        return torch.cat([maps, maps.relu()], dim=1)


def test_functions(one_thread):
    model, shape = with_positive_weights(Functions()), (1, 14, 15)
    field = receptive_field(model, "", shape)
    assert field.units == (16, 7)
    for unit in np.ndindex(field.units):
        assert field.rectangle(*unit, clipped=True) == gradient_support(model, "", unit, shape)


@pytest.mark.parametrize("number", range(5))
def test_signals_have_one_dimension(number, one_thread):
    dice = random.Random(number)
    kernel, stride, padding = dice.choice([2, 3, 5]), dice.choice([1, 2, 3]), dice.choice([0, 1])
    model = with_positive_weights(
        nn.Sequential(
            nn.ConstantPad1d((2, 0), 1.0),
            nn.Conv1d(2, 3, kernel, stride, padding),
            nn.AvgPool1d(2, ceil_mode=True),
            nn.ConvTranspose1d(3, 2, 4, 2, padding, dilation=dice.choice([1, 3])),
            nn.MaxPool1d(3, 2, 1, dilation=2),
        )  # fmt: skip
    )
    field = receptive_field(model, "", (2, 41))
    for unit in range(field.units[0]):
        assert field.rectangle(unit, clipped=True) == gradient_support(model, "", (unit,), (2, 41))


# Published networks
#
# The expected numbers are those of RECEPTIVE_FIELD_TABLE.md in google-research/receptive_field, the long form of the
# table in Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks", Distill 2019. They were
# taken from the networks of TF-Slim: size, stride and padding of a layer, which is minus our offset.


def published(name, **options):
    """A network without weights, and so without the time to make them up."""
    with torch.device("meta"):
        return getattr(torchvision.models, name)(weights=None, **options)


def table_rows(model, layers, side=224):
    """Size, stride and padding of layers, which must be alike for rows and columns."""
    rows = []
    for layer in layers:
        field = receptive_field(model, layer, input_shape=(3, side, side))
        (size, width), (stride, step), (offset, left) = field.size, field.stride, field.offset
        assert (size, stride, offset) == (width, step, left)
        rows.append((size, stride, -offset))
    return rows


@pytest.mark.parametrize("name, pools, expected", [
    ("vgg11", (2, 5, 10, 15, 20), [(4, 2, 1), (10, 4, 3), (30, 8, 11), (70, 16, 27), (150, 32, 59)]),
    ("vgg16", (4, 9, 16, 23, 30), [(6, 2, 2), (16, 4, 6), (44, 8, 18), (100, 16, 42), (212, 32, 90)]),
])  # fmt: skip
def test_vgg(name, pools, expected):
    assert table_rows(published(name), [f"features.{pool}" for pool in pools]) == expected


def test_alexnet():
    """The first convolution of torchvision's pads by 2, that of TF-Slim's alexnet_v2 does not; else they are alike."""
    rows = table_rows(published("alexnet"), [f"features.{layer}" for layer in (0, 2, 3, 6, 8, 10, 12)])
    assert [(size, stride, padding - 2) for size, stride, padding in rows] == [
        (11, 4, 0), (19, 8, 0), (51, 8, 16), (99, 16, 32), (131, 16, 48), (163, 16, 64), (195, 32, 64),
    ]  # fmt: skip


def test_inception_v3():
    layers = [
        "Conv2d_1a_3x3",
        "Conv2d_2a_3x3",
        "Conv2d_2b_3x3",
        "maxpool1",
        "Conv2d_3b_1x1",
        "Conv2d_4a_3x3",
        "maxpool2",
    ]
    mixed = [f"Mixed_{block}" for block in ("5b", "5c", "5d", "6a", "6b", "6c", "6d", "6e", "7a", "7b", "7c")]
    assert table_rows(published("inception_v3", init_weights=False), [*layers, *mixed], side=299) == [
        (3, 2, 0), (7, 2, 0), (11, 2, 2), (15, 4, 2), (15, 4, 2), (23, 4, 2), (31, 8, 2),
        (63, 8, 18), (95, 8, 34), (127, 8, 50), (159, 16, 58), (351, 16, 154), (543, 16, 250), (735, 16, 346),
        (927, 16, 442), (1055, 32, 490), (1183, 32, 554), (1311, 32, 618),
    ]  # fmt: skip


@pytest.mark.parametrize("name, sizes", [
    ("resnet50", [35, 99, 291, 483]), ("resnet101", [35, 99, 835, 1027]), ("resnet152", [35, 163, 1315, 1507]),
])  # fmt: skip
def test_resnet(name, sizes):
    """With the stride where the paper has it, in the first 1 x 1 convolution of a block.

    As torchvision builds them it is in the 3 x 3 convolution behind, and resnet50 sees 427 pixels: see below. Its
    padding is as much at the beginning as at the end, as TF-Slim's 'same' is for images of 321 pixels.
    """
    model = published(name)
    for module in list(model.modules()):
        if isinstance(module, torchvision.models.resnet.Bottleneck):
            module.conv1.stride, module.conv2.stride = module.conv2.stride, module.conv1.stride
    rows = table_rows(model, ["layer1", "layer2", "layer3", "layer4"], side=321)
    assert [size for size, _, _ in rows] == sizes
    assert rows[-1] == (sizes[-1], 32, sizes[-1] // 2)


# PyTorch models of all kinds


class Twice(nn.Module):
    """Calls one layer two times, and gives its block a name."""

    def __init__(self):
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU())
        self.also = self.block

    def forward(self, images):
        return {"maps": self.block(nn.functional.max_pool2d(self.block(images), 2))}


@pytest.mark.parametrize("layer", ["block", "block.0", "also", "also.1"])
def test_of_a_layer_that_runs_twice_the_last_run_counts(layer):
    field = receptive_field(Twice(), layer, (1, 20, 20))
    assert (field.size, field.stride) == ((8, 8), (2, 2))


def test_a_layer_without_places_has_one_unit_that_sees_all():
    model = published("vgg16")
    field = receptive_field(model, "classifier.6", (3, 224, 224))
    assert field.units == (1, 1)
    assert field.size == (212 + 6 * 32,) * 2  # the first dense layer is a convolution of 7 x 7
    assert field.rectangle(0, 0, clipped=True) == (0, 0, 224, 224)


def test_the_model_comes_back_as_it_was(one_thread):
    model = with_positive_weights(nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.MaxPool2d(2), nn.Flatten()))
    model[1].eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    receptive_field(model, "2", (1, 9, 9))
    assert gradient_support(model, "0", (2, 3), (1, 9, 9)) == (2, 3, 5, 6)
    assert gradient_support(model, "3", (0, 0), (1, 9, 9)) == (0, 0, 8, 8)
    assert [module.training for module in model.modules()] == [True, True, False, True, True]
    assert all((tensor == before[name]).all() for name, tensor in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())


def test_resnet_as_torchvision_builds_it():
    """No table has it; by hand: 11 pixels before the blocks, then one 3 x 3 convolution a block."""
    steps = [4] * 3 + [4] + [8] * 3 + [8] + [16] * 5 + [16] + [32] * 2
    assert receptive_field(published("resnet50"), "layer4", (3, 224, 224)).size[0] == 11 + sum(
        2 * step for step in steps
    )


def test_what_no_pixel_changes_has_an_empty_support(one_thread):
    model = nn.Conv2d(1, 1, 1, padding=1)
    assert gradient_support(model, "", (0, 0), (1, 5, 5)) == (0, 0, 0, 0)
    assert gradient_support(model, "", (1, 1), (1, 5, 5)) == (0, 0, 1, 1)


# What is refused


class Forked(nn.Module):
    def __init__(self, left, right):
        super().__init__()
        self.stem, self.left, self.right = nn.Conv2d(1, 1, 3), left, right

    def forward(self, images):
        maps = self.stem(images)
        return self.left(maps) + self.right(maps)


@pytest.mark.parametrize("left, right, message", [
    (
        nn.Sequential(nn.Conv2d(1, 1, 3, 2, 1), nn.ReLU()), nn.MaxPool2d(2),
        "'add', along the rows: by stem > left.0 > left.1 > add it has 15 units, 2 pixels apart, the first one centred "
        "on 1; by stem > right > add it has 15 units, 2 pixels apart, the first one centred on 1.5",
    ),
    (nn.Conv2d(1, 1, (1, 2), padding="same"), nn.Identity(), "the columns: by stem > left > add .* stem > right > add"),
    (nn.MaxPool2d(2), nn.ZeroPad2d((-7, -8, -7, -8)), "15 units, 2 pixels apart.* 15 units, 1 pixels apart"),
    (nn.AdaptiveAvgPool2d(1), nn.Identity(), "left > add it has 1 units.*The one unit is spread over the map"),
])  # fmt: skip
def test_branches_that_do_not_fit_are_named(left, right, message):
    model = Forked(left, right)
    assert receptive_field(model, "stem", (1, 32, 32)).size == (3, 3)
    with pytest.raises(ValueError, match=message):
        receptive_field(model, "", (1, 32, 32))


class Shifted(nn.Conv2d):
    def forward(self, maps):
        return torch.roll(super().forward(maps), 1, dims=2)


class Computed(nn.Module):
    def forward(self, maps):
        return F.interpolate(maps, size=maps.shape[-2:])


class Called(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, maps):
        return self.function(maps)


@pytest.mark.parametrize("layer", [
    nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect"), nn.ReflectionPad2d(1), nn.GroupNorm(1, 1), nn.Linear(8, 8),
    nn.Upsample(scale_factor=1.5), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), Shifted(1, 1, 1),
    nn.AdaptiveAvgPool2d(3), nn.Softmax(dim=2), nn.Flatten(2), Computed(), Called(lambda maps: maps.transpose(2, 3)),
    Called(lambda maps: torch.cat([maps, maps], dim=2)), Called(lambda maps: maps.mean(1)),
    Called(lambda maps: maps.view(2, 32)), Called(lambda maps: F.pad(maps, (1, 1), mode="circular")),
    Called(lambda maps: maps[:, :, 1:]),
], ids=lambda layer: type(layer).__name__)  # fmt: skip
def test_an_unknown_layer_is_named_where_it_matters(layer):
    model = nn.Sequential(nn.Conv2d(1, 1, 1), layer)
    assert receptive_field(model, "0", (1, 8, 8)).size == (1, 1)
    with pytest.raises(ValueError, match=r"got layer '1.* on the way, .*gradient_support"):
        receptive_field(model, "1", (1, 8, 8))


class Wayward(nn.Module):
    def forward(self, images):
        return images if images.sum() > 0 else -images


def test_other_things_are_refused():
    conv = nn.Sequential(nn.Conv2d(1, 1, 3))
    with pytest.raises(ValueError, match=r"got input_shape=None; wanted .* \(C, H, W\)"):
        receptive_field(conv, "0")
    with pytest.raises(ValueError, match=r"got images of \(2, 9\), of which layer '0' leaves nothing"):
        receptive_field(conv, "0", (1, 2, 9))
    with pytest.raises(ValueError, match="'1', which Sequential does not have"):
        receptive_field(conv, "1", (1, 9, 9))
    with pytest.raises(ValueError, match="got layer '', which does not run, or gives out something else"):
        receptive_field(Twice(), "", (1, 20, 20))
    with pytest.raises(ValueError, match="a Wayward that torch.fx cannot trace"):
        receptive_field(Wayward(), "", (1, 9, 9))
    with pytest.raises(ValueError, match="a Bilinear of 2 inputs"):
        receptive_field(nn.Bilinear(2, 2, 2), "", (1, 9, 9))
    for function in (receptive_field, gradient_support):
        with pytest.raises(TypeError, match="got a model of type int; wanted a torch.nn.Module or a keras.Model"):
            function(3, "", (0, 0))
    with pytest.raises(ValueError, match=r"got unit \(7, 0\); wanted a place in a map of \(7, 7\)"):
        gradient_support(conv, "0", (7, 0), (1, 9, 9))
    with pytest.raises(ValueError, match="got inputs of shape None; wanted images of a known size"):
        gradient_support(conv, "0", (0, 0))


def test_importing_it_loads_no_framework():
    code = "import sys, labkit.methods.receptive_field; print({'torch', 'keras', 'tensorflow'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
