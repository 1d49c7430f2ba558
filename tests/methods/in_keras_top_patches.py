"""Top patches against arg-max and a full sort, with many ties, and what is refused.

``test_top_patches_keras.py`` runs this file in a process of its own.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from labkit.methods.top_patches import top_patches


class Same(keras.Model):
    """Gives its inputs out, so that activations can be chosen."""

    def __init__(self):
        super().__init__()
        self.same = layers.Identity(name="same")
        self.pair = layers.Lambda(lambda x: (x, x), name="pair")
        self.unused = layers.Identity(name="unused")
        self.whole = layers.Lambda(lambda x: tf.reduce_sum(x, axis=0, keepdims=True), name="whole")
        self.built = True

    def call(self, inputs):
        self.pair(inputs)
        self.whole(inputs)
        return self.same(inputs)


def functional():
    keras.utils.set_random_seed(0)
    images = keras.Input((9, 11, 3))
    x = layers.BatchNormalization()(images)
    x = layers.Conv2D(8, 3, activation="relu", name="conv")(x)
    x = layers.Dropout(0.5)(layers.MaxPooling2D()(x))
    x = layers.Conv2D(6, 3, name="conv2")(x)
    return keras.Model(images, layers.Dense(4, name="dense")(layers.Flatten()(x)))


def sequential():
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((9, 11, 3)), layers.Conv2D(8, 3, strides=2, name="conv"), layers.Conv2D(6, 3, name="conv2"),
        layers.Flatten(), layers.Dense(4, name="dense"),
    ])  # fmt: skip


def of_any_size():
    keras.utils.set_random_seed(0)
    images = keras.Input((None, None, 3))
    return keras.Model(images, layers.Conv2D(6, 3, name="conv2")(layers.Conv2D(8, 3, name="conv")(images)))


def some_images(n=20, seed=0):
    return np.random.default_rng(seed).random((n, 9, 11, 3), np.float32)


def some_activations(*shape, seed=0, kinds=4):
    """Of few different values, so that many are equal."""
    return np.random.default_rng(seed).integers(-kinds, 1, shape).astype(np.float32)


def split(array, size):
    return [array[start : start + size] for start in range(0, len(array), size)]


def by_argmax(activations, k):
    """Values (C, k), indices (C, k) and positions (C, k, D), from all activations (N, ..., C) at once."""
    n, *extent, channels = activations.shape
    flat = activations.reshape(n, -1, channels)
    places, values = flat.argmax(axis=1), flat.max(axis=1)
    order = np.argsort(-values, axis=0, kind="stable")[:k]
    columns = np.arange(channels)
    positions = np.unravel_index(places[order, columns], extent) if extent else ()
    positions = np.stack(positions, axis=-1).swapaxes(0, 1) if extent else None
    return values[order, columns].T, order.T, positions


def assert_equal(top, expected):
    for found, wanted in zip((top.values, top.indices, top.positions), expected, strict=True):
        if wanted is None:
            assert found is None
        else:
            assert type(found) is np.ndarray
            np.testing.assert_array_equal(found, wanted)


# What it finds


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shape", [(), (7,), (4, 5), (5, 1), (2, 3, 2)])
@pytest.mark.parametrize("size", [1, 6, 100])
@pytest.mark.parametrize("k", [1, 5, 23])
def test_equals_argmax_and_a_full_sort(seed, shape, size, k):
    activations = some_activations(23, *shape, 6, seed=seed)
    top = top_patches(Same(), "same", split(activations, size), k)
    assert top.values.shape == top.indices.shape == (6, k)
    assert top.indices.dtype == np.int64
    if shape:
        assert top.positions.dtype == np.int64
        assert top.positions.shape == (6, k, len(shape))
    assert_equal(top, by_argmax(activations, k))


def test_by_hand():
    maps = np.zeros((3, 2, 3, 1), np.float32)
    maps[0, 1, 2] = 5.0
    maps[1, 0, 1] = maps[1, 1, 0] = 7.0  # the first in reading order is taken
    maps[2, 1, 1] = 5.0  # as much as the first image, which comes before it
    top = top_patches(Same(), "", [maps[:2], maps[2:]], k=3)
    assert top.values.tolist() == [[7.0, 5.0, 5.0]]
    assert top.indices.tolist() == [[1, 0, 2]]
    assert top.positions.tolist() == [[[0, 1], [1, 2], [1, 1]]]


@pytest.mark.parametrize("seed", range(5))
def test_equals_the_k_that_argpartition_finds_once_sorted(seed):
    activations = np.random.default_rng(seed).normal(size=(60, 4, 5, 7)).astype(np.float32)
    largest = activations.max(axis=(1, 2))
    chosen = np.argpartition(-largest, 9, axis=0)[:9]
    order = np.argsort(-np.take_along_axis(largest, chosen, axis=0), axis=0)
    expected = np.take_along_axis(chosen, order, axis=0).T
    np.testing.assert_array_equal(top_patches(Same(), "same", split(activations, 8), 9).indices, expected)


@pytest.mark.parametrize("make", [functional, sequential, of_any_size])
@pytest.mark.parametrize("layer", ["conv", "conv2", "dense"])
def test_a_networks_layers(make, layer):
    if make is of_any_size and layer == "dense":
        return
    model, images = make(), some_images()
    outputs = keras.Model(model.inputs[0], model.get_layer(layer).output)(images).numpy()
    top = top_patches(model, layer, split(images, 6), k=4)
    values, indices, positions = by_argmax(outputs, 4)
    np.testing.assert_allclose(top.values, values, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(top.indices, indices)
    if layer == "dense":
        assert top.positions is None
    else:
        np.testing.assert_array_equal(top.positions, positions)


def test_a_layer_within_a_model_that_is_a_layer():
    inner = functional()
    inner.name = "inner"
    images = keras.Input((9, 11, 3))
    model = keras.Model(images, inner(images * 2.0))
    found = top_patches(model, "inner/conv", [some_images()], k=3)
    expected = top_patches(inner, "conv", [2 * some_images()], k=3)
    assert_equal(found, (expected.values, expected.indices, expected.positions))


def test_half_precision_gives_float32():
    top = top_patches(Same(), "same", [some_activations(5, 3, 3, 2).astype(np.float16)], k=2)
    assert top.values.dtype == np.float32


def test_pruned_channels_of_minus_infinity_are_sorted_too():
    top = top_patches(Same(), "same", [np.full((3, 2, 2, 2), -np.inf, np.float32)], k=2)
    assert top.indices.tolist() == [[0, 1], [0, 1]]
    assert top.positions.tolist() == [[[0, 0]] * 2] * 2


def test_channels_first():
    activations = some_activations(9, 4, 5, 6)
    keras.config.set_image_data_format("channels_first")
    try:
        top = top_patches(Same(), "same", [np.moveaxis(activations, -1, 1)], k=3)
    finally:
        keras.config.set_image_data_format("channels_last")
    assert_equal(top, by_argmax(activations, 3))


# What it is given


def dataset(images, size):
    return tf.data.Dataset.from_tensor_slices(images).batch(size)


@pytest.mark.parametrize(
    "batches",
    [
        lambda images: dataset(images, 6),
        lambda images: tf.data.Dataset.zip((dataset(images, 6), dataset(np.arange(20), 6))),
        lambda images: ((batch, np.zeros(len(batch))) for batch in split(images, 6)),
        lambda images: [[tf.constant(batch)] for batch in split(images, 6)],
        lambda images: iter(split(images, 6)),
    ],
)
def test_batches_may_be_a_dataset_or_any_iterable_of_arrays_or_tuples(batches):
    model, images = functional(), some_images()
    expected = top_patches(model, "conv2", [images], k=5)
    found = top_patches(model, "conv2", batches(images), k=5)
    np.testing.assert_array_equal(found.indices, expected.indices)
    np.testing.assert_array_equal(found.positions, expected.positions)


def test_images_may_be_of_different_sizes():
    model = of_any_size()
    batches = [some_images(4), some_images(3)[:, :7, :8]]
    top = top_patches(model, "conv2", batches, k=7)
    maps = [model(image[None])[0].numpy() for batch in batches for image in batch]
    for channel in range(6):
        found = zip(top.values[channel], top.indices[channel], top.positions[channel], strict=True)
        for value, index, position in found:
            assert maps[index][..., channel].max() == pytest.approx(value, abs=1e-5)
            assert maps[index][*position, channel] == pytest.approx(value, abs=1e-5)


def test_a_map_of_unknown_extent():
    images = keras.Input((9, 11, 3))
    hidden = layers.Lambda(lambda x: tf.numpy_function(np.flip, [x], tf.float32, False), output_shape=(9, 11, 3))
    model = keras.Model(
        images, layers.Lambda(lambda x: tf.ensure_shape(x, (None, None, None, 3)), name="last")(hidden(images))
    )
    assert_equal(top_patches(model, "last", [some_images(9)], k=4), by_argmax(np.flip(some_images(9)), 4))


def test_the_model_runs_once_as_for_evaluation_and_only_as_far_as_the_layer():
    seen = []

    def note(name):
        def count(x):
            seen.append((name, len(x)))
            return x

        return layers.Lambda(lambda x: tf.ensure_shape(tf.numpy_function(count, [x], tf.float32, False), x.shape))

    images = keras.Input((9, 11, 3))
    x = note("before")(images)
    x = layers.Dropout(0.9, name="drop")(x)
    model = keras.Model(images, note("behind")(x))
    data = some_images(20)
    top = top_patches(model, "drop", split(data, 6), k=2)
    assert seen == [("before", 6), ("before", 6), ("before", 6), ("before", 2)]
    assert_equal(top, by_argmax(data, 2))


def test_the_model_is_left_as_it_was():
    model, images = functional(), some_images()
    before, calls = model.get_weights(), [vars(layer).get("call") for layer in model.layers]
    top_patches(model, "conv2", [images], k=2)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [vars(layer).get("call") for layer in model.layers] == calls


def test_memory_does_not_grow_with_the_number_of_images(monkeypatch):
    seen = []
    argsort = np.argsort

    def noting(values, *arguments, **options):
        seen.append(values.shape)
        return argsort(values, *arguments, **options)

    monkeypatch.setattr(np, "argsort", noting)
    top = top_patches(Same(), "same", (some_activations(10, 6, 6, 4, seed=n) for n in range(50)), k=3)
    assert set(seen) == {(4, 10), (4, 13)}  # a batch, and the three best so far
    for part in (top.values, top.indices, top.positions):
        whole = part if part.base is None else part.base
        assert whole.nbytes == part.nbytes, "no more is kept than what is shown"


# Refusals


@pytest.mark.parametrize(
    ("layer", "batches", "k", "error", "words"),
    [
        ("same", [np.ones((3, 2))], 0, ValueError, "k=0; wanted at least 1"),
        ("same", [np.ones((3, 2))] * 2, 7, ValueError, "k=7 with 6 inputs"),
        ("same", [], 1, ValueError, "k=1 with 0 inputs"),
        ("same", np.ones((3, 2)), 1, ValueError, "one array"),
        ("same", tf.ones((3, 2)), 1, ValueError, "one array"),
        ("same", [{"images": np.ones((3, 2))}], 1, TypeError, "dict"),
        ("same", [()], 1, TypeError, "tuple"),
        ("same", [np.ones(3)], 1, ValueError, r"\(None,\).*wanted a layer with units"),
        ("whole", [np.ones((3, 2))], 1, ValueError, "1 rows from layer 'whole' for 3 inputs; .*one row per input"),
        ("unused", [np.ones((3, 2))], 1, ValueError, "'unused', which did not run"),
        ("pair", [np.ones((3, 2))], 1, TypeError, "'pair' gave out a tuple"),
        ("sane", [np.ones((3, 2))], 1, ValueError, "'sane'.*perhaps 'same'"),
        ("same", [np.array([[1.0, np.nan]])], 1, ValueError, "NaN"),
        ("same", [np.array([[[0.0, 1.0], [np.nan, 2.0], [3.0, 0.0]]])], 1, ValueError, "NaN"),
    ],
)
def test_bad_input_is_refused_in_words(layer, batches, k, error, words):
    with pytest.raises(error, match=words):
        top_patches(Same(), layer, batches, k)


@pytest.mark.parametrize("place", list(np.ndindex(3, 4)))
def test_nan_is_found_wherever_it_is(place):
    maps = some_activations(2, 3, 4, 2)
    maps[1, *place, 1] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        top_patches(Same(), "same", [maps], k=1)


def test_something_else_than_a_model_is_refused():
    with pytest.raises(TypeError, match="type Dense; wanted a keras.Model"):
        top_patches(layers.Dense(3), "dense", [np.ones((3, 2))], 1)
