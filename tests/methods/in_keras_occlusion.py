"""Occlusion of Keras models against a plain loop, and against the numbers of PyTorch.

``test_occlusion_keras.py`` runs this file in a process of its own.
"""

import os

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from labkit.methods.occlusion import cover, occlusion, windows


def functional():
    keras.utils.set_random_seed(0)
    images = keras.Input((12, 12, 3))
    x = layers.Conv2D(6, 3, activation="relu", name="conv")(layers.BatchNormalization()(images))
    x = layers.Dropout(0.5)(layers.MaxPooling2D()(x))
    return keras.Model(images, layers.Dense(4, name="logits")(layers.Flatten()(x)))


def sequential():
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((12, 12, 3)), layers.Conv2D(6, 3, activation="relu", name="conv"), layers.Flatten(),
        layers.Dense(4, activation="softmax", name="last"),
    ])  # fmt: skip


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(6, 3, name="conv")
        self.pool, self.last = layers.GlobalAveragePooling2D(), layers.Dense(4, name="last")

    def call(self, images):
        return self.last(self.pool(self.conv(images)))


def subclass():
    keras.utils.set_random_seed(0)
    model = Subclass()
    model(np.zeros((1, 12, 12, 3), np.float32))
    return model


def linear(weights):
    """A model with one output, the sum of weights (H, W, C) times image."""
    model = keras.Sequential([keras.Input(weights.shape), layers.Flatten(), layers.Dense(1)])
    model.set_weights([weights.reshape(-1, 1), np.zeros(1)])
    return model


def some_images(n=3, size=(12, 12), seed=0):
    return np.random.default_rng(seed).random((n, *size, 3), np.float32)


def plain_loop(score, images, window, stride):
    """One window of zeros after the other, with nothing but loops. The score is that of one image."""
    window, stride = (sides if isinstance(sides, tuple) else (sides, sides) for sides in (window, stride))
    maps = np.zeros(images.shape[:3])
    for n, image in enumerate(images):
        sums, counts = np.zeros(image.shape[:2]), np.zeros(image.shape[:2])
        tops, lefts = (
            [step * i for i in range(pixels) if i == 0 or step * (i - 1) + side < pixels]
            for pixels, side, step in zip(image.shape, window, stride, strict=False)
        )
        for top in tops:
            for left in lefts:
                occluded = image.copy()
                occluded[top : top + window[0], left : left + window[1]] = 0
                sums[top : top + window[0], left : left + window[1]] += score(image) - score(occluded)
                counts[top : top + window[0], left : left + window[1]] += 1
        maps[n] = sums / counts
    return maps


# What it finds


def test_by_hand():
    # Windows of 2 at stride 1 over 1 2 4: drops 3 and 6, and the middle pixel lies under both.
    image = np.array([1, 2, 4], np.float32).reshape(1, 1, 3, 1)
    found = occlusion(linear(np.ones((1, 3, 1))), image, 0, window=(1, 2), stride=1)
    np.testing.assert_allclose(found, [[[3.0, 4.5, 6.0]]])
    # Windows of 3 at stride 2 over 1 2 4 8: the second covers 4 and 8 alone, for it reaches over the edge.
    image = np.array([1, 2, 4, 8], np.float32).reshape(1, 1, 4, 1)
    found = occlusion(linear(np.ones((1, 4, 1))), image, 0, window=(1, 3), stride=(1, 2))
    np.testing.assert_allclose(found, [[[7.0, 7.0, 9.5, 12.0]]])


@pytest.mark.parametrize("make", [functional, sequential, subclass])
@pytest.mark.parametrize(("window", "stride"), [(4, 2), ((5, 12), (3, 7)), (7, 4)])
def test_a_channels_largest_activation_equals_the_plain_loop(make, window, stride):
    model, images = make(), some_images(2)
    inside = model.get_layer("conv")

    def score(image):
        x = image[None]
        for layer in model.layers[: model.layers.index(inside) + 1]:
            x = x if isinstance(layer, layers.InputLayer) else layer(x, training=False)
        return float(keras.ops.max(x[0, ..., 4]))

    expected = plain_loop(score, images, window, stride)
    assert abs(expected).max() > 1e-3
    found = occlusion(model, images, 4, layer="conv", window=window, stride=stride)
    assert type(found) is np.ndarray
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("make", [functional, sequential, subclass])
def test_outputs_equal_the_plain_loop_with_a_target_for_each_image(make):
    model, images, target = make(), some_images(3), [2, 0, 3]
    found = occlusion(model, images, target, window=6, stride=3)
    for n, unit in enumerate(target):
        expected = plain_loop(lambda image: float(model(image[None])[0, unit]), images[n : n + 1], 6, 3)  # noqa: B023
        np.testing.assert_allclose(found[n : n + 1], expected, atol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 4, 7, 1000])
def test_the_size_of_the_batches_does_not_matter(batch_size):
    model, images, target = functional(), some_images(5), [0, 3, 1, 1, 2]
    found = occlusion(model, images, target, layer="conv", window=5, batch_size=batch_size)
    for n, unit in enumerate(target):
        alone = occlusion(model, images[n : n + 1], unit, layer="conv", window=5)
        np.testing.assert_allclose(found[n : n + 1], alone, atol=1e-5)


def test_a_function_may_be_the_score():
    model, images = functional(), some_images()
    by_unit = occlusion(model, images, 1, layer="conv", window=4)
    by_function = occlusion(model, images, lambda maps: tf.reduce_max(maps[..., 1], (1, 2)), layer="conv", window=4)
    np.testing.assert_allclose(by_function, by_unit, atol=1e-6)
    by_place = occlusion(model, images, lambda maps: maps[:, 2, 3, 1], layer="conv", window=4)
    assert abs(by_place[:, 8:]).max() < 1e-6, "that place of the map sees the upper part alone"


def test_images_may_be_tensors_and_the_map_stands_where_the_window_stood():
    image = np.zeros((1, 24, 24, 1), np.float32)
    image[:, 14:22, 12:20] = 1.0
    brightest = keras.Sequential([keras.Input((24, 24, 1)), layers.GlobalMaxPooling2D()])  # lost under one window alone
    found = occlusion(brightest, tf.constant(image), 0, window=8, stride=2)
    np.testing.assert_array_equal(found > 0, image[..., 0] > 0)


# As in PyTorch


@pytest.mark.skipif("NUMBERS_OF_PYTORCH" not in os.environ, reason="run by test_occlusion_keras.py")
@pytest.mark.parametrize("baseline", ["zero", "mean", "blur", "colour"])
def test_the_same_network_has_the_same_maps_in_pytorch(baseline):
    numbers = np.load(os.environ["NUMBERS_OF_PYTORCH"])
    images, units = numbers["images"], numbers["units"]
    model = keras.Sequential([
        keras.Input(images.shape[1:]), layers.Conv2D(6, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(4, 3, name="conv2"),
    ])  # fmt: skip
    model.set_weights([numbers[name] for name in ("kernel0", "bias0", "kernel1", "bias1")])
    value = [0.2, 0.9, 0.4] if baseline == "colour" else baseline
    np.testing.assert_allclose(cover(images, (5, 4), value), numbers[f"cover {baseline}"], atol=1e-6)
    found = occlusion(model, images, units, layer="conv2", window=(5, 4), stride=(3, 2), baseline=value)
    assert abs(found).max() > 1e-2
    np.testing.assert_allclose(found, numbers[f"map {baseline}"], atol=1e-5)


# What is put under the window


def test_baselines():
    images = some_images(4)
    model = functional()

    def with_baseline(baseline):
        return occlusion(model, images, 0, window=4, stride=4, baseline=baseline)

    np.testing.assert_array_equal(with_baseline("zero"), with_baseline(0))
    colour = np.array([0.2, 0.4, 0.9], np.float32)
    np.testing.assert_array_equal(with_baseline(colour), with_baseline(np.broadcast_to(colour, images.shape)))
    plane = np.random.default_rng(1).random((12, 12, 1), np.float32)
    assert not np.array_equal(with_baseline(plane), with_baseline(0))
    np.testing.assert_allclose(with_baseline(images), 0, atol=1e-6)


def test_blur_keeps_the_colour_and_drops_what_is_of_the_windows_size():
    stripes = np.zeros((1, 32, 32, 1), np.float32)
    stripes[:, :, ::4] = stripes[:, :, 1::4] = 1.0
    assert abs(cover(stripes, 8, "blur") - 0.5).max() < 0.1
    flat = np.full((2, 9, 9, 3), 0.3, np.float32)
    np.testing.assert_allclose(cover(flat, (9, 2), "blur"), flat, atol=1e-6)


# What is left behind


def test_no_pass_is_larger_than_a_batch_and_layers_behind_do_not_run():
    sizes = []

    def note(images):
        sizes.append(len(images))
        return images

    def noted(x):
        return tf.ensure_shape(tf.numpy_function(note, [x], tf.float32, False), x.shape)

    def fails(x):
        return tf.ensure_shape(tf.numpy_function(pytest.fail, ["ran"], tf.float32, False), x.shape)

    inputs = keras.Input((12, 12, 3))
    x = layers.Conv2D(2, 3, name="conv")(layers.Lambda(noted)(inputs))
    model = keras.Model(inputs, layers.Lambda(fails)(x))
    occlusion(model, some_images(5), 0, layer="conv", window=4, batch_size=16)
    assert max(sizes) == 15
    assert sum(sizes) == 5 * (1 + len(windows((12, 12), 4)))


def test_model_and_images_are_left_as_they_were():
    model, images = functional(), some_images()
    weights, copy = model.get_weights(), images.copy()
    calls = [vars(layer).get("call") for layer in model.layers]
    occlusion(model, images, 0, layer="conv", window=4, baseline="blur")
    np.testing.assert_array_equal(images, copy)
    for one, other in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [vars(layer).get("call") for layer in model.layers] == calls


# Refusals


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"images": np.zeros((12, 12, 3))}, r"shape \(12, 12, 3\).*\(N, H, W, C\).*image\[None\]"),
        ({"images": np.zeros((1, 12, 12, 3), np.uint8)}, "uint8"),
        ({"images": np.zeros((0, 12, 12, 3))}, r"\(0, 12, 12, 3\)"),
        ({"window": 13}, "window of height 13"),
        ({"stride": 5}, "stride 5 for a window of height 4.*gaps"),
        ({"baseline": "black"}, "'black'; wanted one of 'zero', 'mean', 'blur'"),
        ({"baseline": [1.0, 2.0]}, r"baseline of shape \(2,\); wanted a number, 3 numbers"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"target": 4}, "units from 4 to 4; wanted .* from 0 to 3"),
        ({"target": [0, -1]}, "units from -1 to 0"),
        ({"target": [0, 1, 2]}, r"shape \(3,\); wanted .* 2 of them"),
        ({"target": 1.0}, "float64"),
        ({"target": lambda logits: logits}, r"scores of shape \(2, 4\) from the target"),
        ({"target": lambda logits: logits[:, 0] / 0}, "NaN or infinite"),
        ({"layer": "conw"}, "'conw'.*'conv'"),
    ],
)
def test_bad_input_is_refused_in_words(options, words):
    arguments = {"images": some_images(2), "target": 0, "window": 4, **options}
    with pytest.raises(ValueError, match=words):
        occlusion(functional(), **arguments)


def test_something_else_than_a_model_is_refused():
    with pytest.raises(TypeError, match="type Dense; wanted a torch.nn.Module or a keras.Model"):
        occlusion(layers.Dense(3), some_images(), 0)
