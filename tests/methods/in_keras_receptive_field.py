"""Receptive fields of Keras models.

``test_receptive_field_keras.py`` runs this file in a process of its own.
"""

import itertools
import random

import keras
import numpy as np
import pytest
from keras import layers
from methods.random_architectures import IMAGE, architectures, assert_agrees, units_to_try

from labkit.methods.receptive_field import gradient_support, receptive_field

# The arithmetic against the gradient


def built(steps, maps):
    """The network of some steps, on maps of two channels."""
    for kind, *settings in steps:
        maps = BUILDERS[kind](maps, *settings)
    return maps


def conv(maps, kernel, stride, dilation, padding):
    if not isinstance(padding, str):
        maps, padding = layers.ZeroPadding2D(padding)(maps), "valid"
    return layers.Conv2D(2, kernel, stride, padding, dilation_rate=dilation)(maps)


def pool(maps, kind, kernel, stride, padding):
    return (layers.MaxPooling2D if kind == "max" else layers.AveragePooling2D)(kernel, stride, padding)(maps)


def pointwise(maps):
    maps = layers.LeakyReLU(negative_slope=0.3)(layers.BatchNormalization()(maps))
    return keras.ops.tanh(layers.Dropout(0.5)(maps) / 100) * 2


def branches(maps, how, *branches):
    ends = [layers.Conv2D(2, 1)(built(branch, maps)) for branch in branches]
    return (layers.Add if how == "add" else layers.Concatenate)()(ends)


BUILDERS = {
    "conv": conv,
    "pool": pool,
    "transposed": lambda maps, *settings: layers.Conv2DTranspose(2, *settings)(maps),
    "enlarge": lambda maps, size, how: layers.UpSampling2D(size, interpolation=how)(maps),
    "pad": lambda maps, amounts: layers.ZeroPadding2D(amounts)(maps),
    "crop": lambda maps, amounts: layers.Cropping2D(amounts)(maps),
    "pointwise": pointwise,
    "branches": branches,
}


def with_positive_weights(model):
    for weight in model.trainable_variables:
        weight.assign(np.abs(weight.numpy()) + 0.1)
    return model


@pytest.mark.parametrize("number, steps", list(enumerate(architectures(40))))
def test_arithmetic_agrees_with_the_gradient(number, steps):
    keras.utils.set_random_seed(number)
    images = keras.Input((*IMAGE, 2))
    model = with_positive_weights(keras.Model(images, built(steps, images)))
    field = receptive_field(model, "")
    assert field.units == model.output_shape[1:-1]
    units = units_to_try(field.units, random.Random(number))
    assert_agrees(field, {unit: gradient_support(model, "", unit) for unit in units}, steps)


@pytest.mark.parametrize("number", range(5))
def test_signals_have_one_dimension(number):
    dice = random.Random(number)
    kernel, stride, padding = dice.choice([2, 3, 5]), dice.choice([1, 2, 3]), dice.choice(["same", "valid"])
    signals = keras.Input((41, 2))
    maps = layers.ZeroPadding1D((2, 0))(layers.Conv1D(3, 2, dilation_rate=3, padding="causal")(signals))
    maps = layers.AveragePooling1D(2, padding=padding)(layers.Conv1D(3, kernel, stride, padding)(maps))
    maps = layers.UpSampling1D(2)(layers.Cropping1D((1, 0))(layers.Conv1DTranspose(3, 3, 2, padding=padding)(maps)))
    model = with_positive_weights(keras.Model(signals, maps))
    field = receptive_field(model, "")
    for unit in range(field.units[0]):
        assert field.rectangle(unit, clipped=True) == gradient_support(model, "", (unit,))


def test_the_gradient_is_measured_in_a_layer_and_leaves_no_trace():
    images = keras.Input((20, 20, 1))
    inner = keras.Sequential([layers.Conv2D(2, 3, name="conv"), layers.ReLU()], name="inner")
    model = keras.Model(images, layers.GlobalAveragePooling2D()(inner(images)))
    with_positive_weights(model)
    before = [weight.numpy() for weight in model.weights]
    assert gradient_support(model, "inner/conv", (4, 5)) == (4, 5, 7, 8)
    assert gradient_support(model, "", (0, 0)) == (0, 0, 20, 20)
    assert all((weight.numpy() == old).all() for weight, old in zip(model.weights, before, strict=True))
    with pytest.raises(ValueError, match=r"got unit \(18, 0\); wanted a place in a map of \(18, 18\)"):
        gradient_support(model, "inner/conv", (18, 0))


# Published networks
#
# The expected numbers are those of RECEPTIVE_FIELD_TABLE.md in google-research/receptive_field, the long form of the
# table in Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks", Distill 2019. They were
# taken from the networks of TF-Slim: size, stride and padding of a layer, which is minus our offset.


def table_row(field):
    """Size, stride and padding, which must be alike for rows and columns."""
    (size, width), (stride, step), (offset, left) = field.size, field.stride, field.offset
    assert (size, stride, offset) == (width, step, left)
    return size, stride, -offset


def test_vgg16():
    model = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    found = [table_row(receptive_field(model, f"block{number}_pool")) for number in range(1, 6)]
    assert found == [(6, 2, 2), (16, 4, 6), (44, 8, 18), (100, 16, 42), (212, 32, 90)]


SIZES_OF_MOBILENET = [7, 11, 19, 27, 43, 59, 91, 123, 155, 187, 219, 251, 315]
STRIDES_OF_MOBILENET = [2, 4, 4, 8, 8, 16, 16, 16, 16, 16, 16, 32, 32]
PADDINGS_AT_224 = [2, 2, 6, 6, 14, 14, 30, 46, 62, 78, 94, 94, 126]
PADDINGS_AT_321 = [3, 5, 9, 13, 21, 29, 45, 61, 77, 93, 109, 125, 157]


def test_mobilenet():
    """Keras pads at the bottom and right alone, whatever the image; so TF-Slim's 'same' pads even sides."""
    model = keras.applications.MobileNet(weights=None, input_shape=(224, 224, 3))
    found = [table_row(receptive_field(model, f"conv_pw_{number}_relu")) for number in range(1, 14)]
    assert found == list(zip(SIZES_OF_MOBILENET, STRIDES_OF_MOBILENET, PADDINGS_AT_224, strict=True))


@pytest.mark.parametrize("side, paddings", [(224, PADDINGS_AT_224), (321, PADDINGS_AT_321)])
def test_same_padding_depends_on_the_size_of_the_image(side, paddings):
    """MobileNet's depthwise convolutions as TF-Slim has them, in one network for images of all sizes."""
    steps = [2, *(after // before for before, after in itertools.pairwise([2, *STRIDES_OF_MOBILENET]))]
    model = keras.Sequential([keras.Input((None, None, 1))])
    for number, step in enumerate(steps):
        model.add(layers.DepthwiseConv2D(3, step, padding="same", name=f"depthwise_{number}"))
    fields = [receptive_field(model, f"depthwise_{number}", (side, side, 1)) for number in range(1, 14)]
    assert [table_row(field) for field in fields] == list(
        zip(SIZES_OF_MOBILENET, STRIDES_OF_MOBILENET, paddings, strict=True)
    )


@pytest.mark.parametrize("name, blocks, sizes", [
    ("ResNet50", (3, 4, 6, 3), [35, 99, 291, 483]),
    ("ResNet101", (3, 4, 23, 3), [35, 99, 835, 1027]),
    ("ResNet152", (3, 8, 36, 3), [35, 163, 1315, 1507]),
    ("ResNet50V2", (3, 4, 6, 3), [35, 99, 291, 483]),
])  # fmt: skip
def test_resnet(name, blocks, sizes):
    """Keras pads as much at the beginning as at the end, as TF-Slim's 'same' does for images of 321 pixels."""
    model = getattr(keras.applications, name)(weights=None, include_top=False)
    ends = [f"conv{stage}_block{count}_out" for stage, count in enumerate(blocks, 2)]
    fields = [receptive_field(model, end, input_shape=(321, 321, 3)) for end in ends]
    assert [field.size for field in fields] == [(size, size) for size in sizes]
    assert table_row(fields[-1]) == (sizes[-1], 32, sizes[-1] // 2)


def test_inception_v3():
    model = keras.applications.InceptionV3(weights=None, include_top=False, input_shape=(299, 299, 3))
    found = [table_row(receptive_field(model, f"mixed{number}")) for number in range(11)]
    assert found == [
        (63, 8, 18), (95, 8, 34), (127, 8, 50), (159, 16, 58), (351, 16, 154), (543, 16, 250), (735, 16, 346),
        (927, 16, 442), (1055, 32, 490), (1183, 32, 554), (1311, 32, 618),
    ]  # fmt: skip


# Models of all kinds


def animals_and_plants():
    """The network of lab 5 down to its sixth convolution."""
    convs = [layers.Conv2D(2, 3, activation="relu", name=f"conv2d_{number}") for number in range(6)]
    start, middle = (
        [keras.Input((96, 96, 3)), layers.BatchNormalization()],
        [layers.MaxPooling2D(), layers.Dropout(0.5)],
    )
    end = [layers.Flatten(name="flat"), layers.Dense(7, "softmax", name="last")]
    return keras.Sequential([*start, *convs[:3], *middle, *convs[3:], *end])


def test_a_sequential_model():
    field = receptive_field(animals_and_plants(), "conv2d_5")
    assert (field.size, field.stride, field.offset) == ((20, 20), (2, 2), (0, 0))
    assert (field.units, field.image) == ((39, 39), (96, 96))
    assert field.rectangle(0, 38) == (0, 76, 20, 96)


@pytest.mark.parametrize("layer", ["flat", "last", ""])
def test_a_layer_without_places_has_one_unit_that_sees_all(layer):
    field = receptive_field(animals_and_plants(), layer)
    assert field.units == (1, 1)
    assert field.rectangle(0, 0, clipped=True) == (0, 0, 96, 96)


def test_a_model_built_when_it_was_called():
    model = keras.Sequential([layers.Conv2D(2, 3, name="conv")])
    with pytest.raises(ValueError, match=r"without a graph of its layers; wanted .* keras.Input"):
        receptive_field(model, "conv")
    model(np.zeros((1, 9, 9, 1), np.float32))
    assert receptive_field(model, "conv", input_shape=(9, 9, 1)).units == (7, 7)


def test_a_model_in_a_model_that_is_called_twice():
    some = keras.Input((None, None, 1))
    inner = keras.Sequential([some, layers.Conv2D(1, 3, name="conv"), layers.MaxPooling2D(name="pool")], name="inner")
    images = keras.Input((32, 32, 1))
    once = inner(images)
    twice = inner(layers.Conv2D(1, (1, 5), name="between")(once))
    model = keras.Model(images, layers.Identity(name="last")(twice))
    assert receptive_field(model, "between").size == (4, 12)
    assert receptive_field(model, "inner/conv").size == (8, 16)
    field = receptive_field(model, "last")
    assert field == receptive_field(model, "inner") == receptive_field(model, "inner/pool")
    assert (field.size, field.stride) == ((10, 18), (4, 4))


def test_channels_first():
    keras.config.set_image_data_format("channels_first")
    try:
        images = keras.Input((3, 20, 30))
        maps = layers.Conv2D(2, (3, 5), name="conv")(images)
        maps = layers.Concatenate(axis=1, name="both")([maps, layers.ReLU()(maps)])
        model = keras.Model(images, layers.Dense(3, name="mixes_columns")(maps))
        assert receptive_field(model, "both").units == (18, 26)
        with pytest.raises(ValueError, match="'mixes_columns'"):
            receptive_field(model, "mixes_columns")
    finally:
        keras.config.set_image_data_format("channels_last")


# What is refused


def forked(left, right):
    images = keras.Input((32, 32, 1))
    stem = layers.Conv2D(1, 3, name="stem")(images)
    ends = []
    for steps in (left, right):
        maps = stem
        for step in steps:
            maps = step(maps)
        ends.append(maps)
    return keras.Model(images, layers.ReLU(name="last")(layers.Add(name="meet")(ends)))


@pytest.mark.parametrize("left, right, message", [
    (
        [layers.Conv2D(1, 3, 2, "same", name="strided"), layers.Conv2D(1, 1, name="one")],
        [layers.Conv2D(1, 1, 2, name="short")],
        r"'meet', along the rows: by stem > strided > one > meet it has 15 units, 2 pixels apart, the first one "
        r"centred on 2; by stem > short > meet it has 15 units, 2 pixels apart, the first one centred on 1",
    ),
    ([layers.Conv2D(1, (1, 2), padding="same", name="even")], [], r"the columns: by stem > even > meet .* stem > meet"),
    (
        [layers.MaxPooling2D(2, name="small")], [layers.Cropping2D(((7, 8), (7, 8)), name="crop")],
        "stem > small > meet it has 15 units, 2 pixels apart.* stem > crop > meet it has 15 units, 1 pixels apart",
    ),
    (
        [layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")], [],
        "squeeze > meet it has 1 units.*The one unit is spread over the map",
    ),
])  # fmt: skip
def test_branches_that_do_not_fit_are_named(left, right, message):
    model = forked(left, right)
    assert receptive_field(model, "stem").size == (3, 3)
    with pytest.raises(ValueError, match=message):
        receptive_field(model, "last")


class Shifted(layers.Conv2D):
    def call(self, maps):
        return keras.ops.roll(super().call(maps), 1, axis=1)


@pytest.mark.parametrize("layer", [
    layers.Lambda(lambda maps: maps[:, ::-1], name="odd"), layers.LayerNormalization(axis=(1, 2, 3), name="odd"),
    layers.Softmax(axis=1, name="odd"), layers.Permute((2, 1, 3), name="odd"), layers.Reshape((4, 16, 1), name="odd"),
    layers.UpSampling2D(interpolation="bicubic", name="odd"), Shifted(1, 3, name="odd"),
], ids=lambda layer: type(layer).__name__)  # fmt: skip
def test_an_unknown_layer_is_named_where_it_matters(layer):
    images = keras.Input((8, 8, 2))
    maps = layers.Conv2D(1, 1, name="before")(images)
    model = keras.Model(images, layer(maps))
    assert receptive_field(model, "before").size == (1, 1)
    with pytest.raises(ValueError, match=f"'odd' on the way, a {type(layer).__name__} .*gradient_support"):
        receptive_field(model, "odd")


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(2, 3, name="conv")

    def call(self, images):
        return self.conv(images)


def test_other_things_are_refused():
    images = keras.Input((None, None, 3))
    model = keras.Model(images, layers.Conv2D(1, 3, name="conv")(images))
    with pytest.raises(ValueError, match=r"got a model of inputs \(None, None, 3\); wanted .* input_shape="):
        receptive_field(model, "conv")
    with pytest.raises(ValueError, match=r"input_shape=\(9, 9, 1\) for a model of inputs \(None, None, 3\)"):
        receptive_field(model, "conv", (9, 9, 1))
    with pytest.raises(ValueError, match=r"got images of \(2, 9\), of which layer 'conv' leaves nothing"):
        receptive_field(model, "conv", (2, 9, 3))
    with pytest.raises(ValueError, match="'convv', which Functional does not have; .* 'conv'"):
        receptive_field(model, "convv", (9, 9, 3))
    with pytest.raises(ValueError, match="a Subclass without a graph"):
        receptive_field(Subclass(), "conv")
    other = keras.Input((9, 9, 3))
    with pytest.raises(ValueError, match="a model of 2 inputs"):
        receptive_field(keras.Model([images, other], layers.Add()([images, other])), "")
    vectors = keras.Input((9,))
    with pytest.raises(ValueError, match=r"got a model of inputs \(9,\)"):
        receptive_field(keras.Model(vectors, layers.Dense(1)(vectors)), "")


def test_a_layer_with_its_channels_elsewhere_is_refused():
    images = keras.Input((8, 8, 2))
    model = keras.Model(images, layers.MaxPooling2D(data_format="channels_first", name="odd")(images))
    with pytest.raises(ValueError, match="'odd' on the way, a MaxPooling2D with data_format='channels_first'"):
        receptive_field(model, "odd")
