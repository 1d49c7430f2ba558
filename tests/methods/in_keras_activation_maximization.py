"""Activation maximization in Keras: the same search, and a model that is left alone.

``test_activation_maximization_keras.py`` runs this file in a process of its own.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from methods.activation_maximization_in_torch import MODIFIERS, REGULARIZERS, SEARCH, Always

from labkit.methods.activation_maximization import (
    Blur,
    Jitter,
    LpNorm,
    Raise,
    Reach,
    Rotation,
    TotalVariation,
    Unit,
    maximize,
    outputs,
)
from labkit.methods.activation_maximization.in_keras import GraphRandom


def functional():
    keras.utils.set_random_seed(0)
    images = keras.Input((8, 8, 1))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(images)
    x = layers.BatchNormalization()(layers.MaxPooling2D()(x))
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(images, layers.Dense(3, activation="softmax", name="last")(x))


def sequential():
    keras.utils.set_random_seed(0)
    return keras.Sequential([
        keras.Input((8, 8, 1)), layers.Conv2D(4, 3, padding="same", name="conv"), layers.Flatten(),
        layers.Dense(3, name="logits"), layers.Softmax(name="last"),
    ])  # fmt: skip


def nested():
    images = keras.Input((8, 8, 1))
    inner = functional()
    inner.name = "inner"
    return keras.Model(images, inner(images))


class Subclass(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3, padding="same", name="conv")
        self.flat, self.last = layers.Flatten(), layers.Dense(3, activation="softmax", name="last")

    def call(self, images):
        return self.last(self.flat(self.conv(images)))


def called(make):
    keras.utils.set_random_seed(0)
    model = make()
    model(np.zeros((1, 8, 8, 1), np.float32))
    return model


def subclass():
    return called(Subclass)


class Gated(keras.Model):
    """Has a softmax in the middle, which is tracked after the one at the end."""

    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3, padding="same", name="conv")
        self.flat, self.hidden = layers.Flatten(), layers.Dense(5)
        self.last, self.gate = layers.Dense(3, activation="softmax", name="last"), layers.Dense(5, activation="softmax")

    def call(self, images):
        x = self.flat(self.conv(images))
        return self.last(self.hidden(x) * self.gate(x))


class Inside(layers.Layer):
    """A layer that does what another one within it does."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def call(self, inputs):
        return self.inner(inputs)


class SoftmaxFirst(keras.Model):
    """The softmax at the end is tracked first, and stands in a layer that is no model."""

    def __init__(self):
        super().__init__()
        self.softmax = Inside(layers.Softmax(name="last"))
        self.conv = layers.Conv2D(4, 3, padding="same", name="conv")
        self.flat, self.logits = layers.Flatten(), layers.Dense(3)

    def call(self, images):
        return self.softmax(self.logits(self.flat(self.conv(images))))


def gated():
    return called(Gated)


def softmax_first():
    return called(SoftmaxFirst)


def ends_in(*several):
    """A model that ends in these."""
    keras.utils.set_random_seed(0)
    conv = layers.Conv2D(4, 3, padding="same", name="conv")
    return keras.Sequential([keras.Input((8, 8, 1)), conv, layers.Flatten(), *several])


def by_function():
    return ends_in(layers.Dense(3, activation=keras.ops.softmax))


def by_activation_layer():
    return ends_in(layers.Dense(3), layers.Activation("log_softmax"), layers.Identity())


def by_tensorflows_function():
    return ends_in(layers.Dense(3, activation=tf.nn.softmax))


MODELS = [
    *(functional, sequential, nested, subclass, gated, softmax_first),
    *(by_function, by_activation_layer, by_tensorflows_function),
]


def conv_of(make):
    return "inner/conv" if make is nested else "conv"


def state(model):
    own = {layer.name: dict(vars(layer)) for layer in model._flatten_layers()}
    return {
        "weights": [weight.numpy() for weight in model.weights],
        "trainable": [weight.trainable for weight in model.weights],
        "activations": {name: values.get("activation") for name, values in own.items()},
        "calls": {name: values.get("call") for name, values in own.items()},
    }


def assert_same(before, after):
    for one, other in zip(before.pop("weights"), after.pop("weights"), strict=True):
        np.testing.assert_array_equal(one, other)
    assert before == after


# What it finds


@pytest.mark.parametrize("make", MODELS)
@pytest.mark.parametrize("linear", [False, True])
def test_activations_rise_and_the_model_comes_back_as_it_was(make, linear):
    model = make()
    example = np.random.default_rng(0).random((2, 8, 8, 1), np.float32)
    before, predicted = state(model), model.predict(example, verbose=0)
    targets = [0, 2, Unit(conv_of(make), 1), {0: 0.5, Unit(conv_of(make), 3, at=(2, 3)): 0.5}]
    found = maximize(model, targets, steps=20, start=(8, 8, 1), learning_rate=0.05, linear_output=linear)
    assert found.images.shape == (4, 8, 8, 1)
    assert (found.history.activation[-1] > found.history.activation[0]).all()
    assert_same(before, state(model))
    np.testing.assert_array_equal(predicted, model.predict(example, verbose=0))

    maps = outputs(model, found.images, layer=conv_of(make))
    last = outputs(model, found.images, linear_output=linear)
    by_hand = [last[0, 0], last[1, 2], maps[2, :, :, 1].mean(), (last[3, 0] + maps[3, 2, 3, 3]) / 2]
    np.testing.assert_allclose(found.history.activation[-1], by_hand, atol=1e-5)


@pytest.mark.parametrize("make", MODELS)
def test_the_softmax_is_found_wherever_it_stands(make):
    model, images = make(), np.random.default_rng(0).random((5, 8, 8, 1), np.float32)
    logits = outputs(model, images, linear_output=True)
    assert abs(logits.sum(axis=1) - 1).min() > 1e-3
    assert abs(np.exp(logits).sum(axis=1) - 1).min() > 1e-3
    of_model = np.array(model(images))
    if make is by_activation_layer:
        of_model = np.exp(of_model)
    np.testing.assert_allclose(keras.ops.softmax(logits), of_model, atol=1e-5)


def test_a_softmax_in_the_middle_is_none_at_the_end():
    model = ends_in(layers.Dense(5, activation="softmax"), layers.Dense(3))
    with pytest.raises(ValueError, match="does not end in a Softmax"):
        outputs(model, np.zeros((1, 8, 8, 1), np.float32), linear_output=True)


def test_a_layer_is_found_two_models_deep():
    images = keras.Input((8, 8, 1))
    middle = nested()
    middle.name = "middle"
    model, example = keras.Model(images, middle(images)), np.ones((2, 8, 8, 1), np.float32)
    assert outputs(model, example, layer="middle/inner/conv").shape == (2, 8, 8, 4)


def test_a_model_is_asked_as_for_evaluation_also_where_training_is_what_it_does_of_itself():
    class Contrary(layers.Layer):
        def call(self, images, training=True):
            return -images if training else images

    model = keras.Sequential([keras.Input((4,)), Contrary(name="contrary"), layers.Dense(2)])
    example = np.ones((1, 4), np.float32)
    np.testing.assert_array_equal(outputs(model, example, layer="contrary"), example)
    np.testing.assert_allclose(outputs(model, example), model(example, training=False), rtol=1e-6)
    assert not np.allclose(model(example, training=True), model(example, training=False))


def test_double_precision_stays_and_half_precision_is_measured_in_single():
    double = keras.Sequential([keras.Input((4,), dtype="float64"), layers.Dense(3, dtype="float64")])
    assert maximize(double, [0], steps=2).images.dtype == np.float64
    half = keras.Sequential([
        keras.Input((4,)), layers.Dense(3, dtype="mixed_float16"), layers.Softmax(dtype="mixed_float16")
    ])  # fmt: skip
    found = maximize(half, range(3), objective=Reach(0.9), steps=2)
    assert found.images.dtype == found.history.confidence.dtype == np.float32


def test_channels_may_come_first():
    keras.config.set_image_data_format("channels_first")
    try:
        model = keras.Sequential([
            keras.Input((1, 8, 8)), layers.Flatten(), layers.Dense(4 * 2 * 3), layers.Reshape((4, 2, 3), name="maps")
        ])  # fmt: skip
        found = maximize(model, [Unit("maps", 3), Unit("maps", 1, at=(1, 2))], steps=5, learning_rate=0.05)
        maps = outputs(model, found.images, layer="maps")
        by_hand = [maps[0, 3].mean(), maps[1, 1, 1, 2]]
        np.testing.assert_allclose(found.history.activation[-1], by_hand, atol=1e-5)
        rows = np.tile(np.arange(8.0).reshape(1, 1, 8, 1), (1, 1, 1, 8))  # each is 1 more than the one above it
        np.testing.assert_allclose(TotalVariation(2.0)(tf.constant(rows)), [2.0])
    finally:
        keras.config.set_image_data_format("channels_last")


def test_pixels_that_the_model_does_not_see_stay_as_they_are():
    model = keras.Sequential([keras.Input((6, 6, 1)), layers.Cropping2D(2), layers.Flatten(), layers.Dense(2)])
    start = np.random.default_rng(0).random((1, 6, 6, 1)).astype(np.float32)
    changed = maximize(model, [1], start=start, steps=5).images[0, :, :, 0] != start[0, :, :, 0]
    assert changed[2:4, 2:4].all() and changed.sum() == 4


def test_reach_sets_out_from_a_probability_of_zero_only_by_the_logits():
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(2, activation="softmax")])
    model.set_weights([np.tile([-9.0, 9.0], (16, 1)), np.zeros(2)])
    start = np.ones((1, 4, 4, 1), np.float32)
    stuck, moved = (
        maximize(model, [0], objective=Reach(0.9), steps=30, start=start, linear_output=linear).images
        for linear in (False, True)
    )
    assert np.array_equal(stuck, start)
    assert (moved < start).all()


def test_the_model_comes_back_as_it_was_when_a_step_fails():
    model = functional()
    before = state(model)

    def fails(images, random):
        raise ZeroDivisionError("on purpose")

    with pytest.raises(ZeroDivisionError):
        maximize(model, [Unit("conv", 1), 0], steps=5, linear_output=True, modifiers=[fails])
    assert_same(before, state(model))


def test_a_probability_is_reached():
    found = maximize(sequential(), range(3), objective=Reach(0.9), steps=200, learning_rate=0.02)
    np.testing.assert_allclose(found.history.confidence[-1], 0.9, atol=0.02)
    probabilities = outputs(sequential(), found.images).diagonal()
    np.testing.assert_allclose(found.history.confidence[-1], probabilities, atol=1e-5)


@pytest.mark.parametrize("objective", [Raise(), Reach(0.7)])
def test_a_batch_is_the_same_as_one_by_one(objective):
    options = {"objective": objective, "steps": 30, "seed": 3}
    together = maximize(functional(), range(3), **options)
    for label in range(3):
        alone = maximize(functional(), [label], **options)
        np.testing.assert_allclose(alone.images[0], together.images[label], atol=1e-4)


def test_everything_at_once_keeps_to_bounds_and_seed():
    options = {
        "steps": 12, "bounds": (0, 1), "images_every": 5, "linear_output": True, "learning_rate": 0.1,
        "regularizers": [TotalVariation(0.1), LpNorm(0.1)], "modifiers": [Jitter(1), Rotation(5), Blur(0.5)],
    }  # fmt: skip
    first, again, other = (maximize(functional(), range(3), seed=seed, **options) for seed in (0, 0, 1))
    assert first.history.steps.tolist() == [0, 5, 10, 12]
    assert first.history.images.min() == 0
    assert first.history.images.max() <= 1
    np.testing.assert_array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)


def test_each_step_draws_anew():
    found = maximize(functional(), [1], steps=10, learning_rate=1e-9, modifiers=[Jitter(3)],
                     start=np.random.default_rng(0).random((1, 8, 8, 1)), linear_output=True)  # fmt: skip
    assert len(np.unique(found.history.activation[:-1].round(5))) > 3


# The same as in PyTorch


@pytest.fixture(scope="module")
def given():
    random = np.random.default_rng(0)
    return {
        "images": random.random((2, 7, 9, 3), np.float32),
        "kernel": random.normal(0, 0.3, (16, 3)).astype(np.float32),
        "bias": random.normal(0, 0.3, 3).astype(np.float32),
    }


@pytest.fixture(scope="module")
def in_torch(given, tmp_path_factory):
    """What PyTorch makes of these."""
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch is not installed")
    folder = tmp_path_factory.mktemp("torch")
    np.savez(folder / "given.npz", **given)
    script = Path(__file__).parent / "activation_maximization_in_torch.py"
    run = [sys.executable, script, folder / "given.npz", folder / "made.npz"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return np.load(folder / "made.npz")


@pytest.mark.parametrize("regularizer", REGULARIZERS, ids=repr)
def test_penalties_are_those_of_pytorch(given, in_torch, regularizer):
    np.testing.assert_allclose(regularizer(tf.constant(given["images"])), in_torch[repr(regularizer)], rtol=1e-4)


@pytest.mark.parametrize("modifier", MODIFIERS, ids=repr)
def test_modifiers_are_those_of_pytorch(given, in_torch, modifier):
    in_keras = modifier(tf.constant(given["images"]), Always())
    middle = (slice(None), slice(2, -2), slice(2, -2))  # what comes in at the corners is interpolated in two ways
    np.testing.assert_allclose(np.array(in_keras)[middle], in_torch[repr(modifier)][middle], atol=1e-4)


def test_the_search_is_that_of_pytorch(given, in_torch):
    model = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(3, activation="softmax")])
    model.set_weights([given["kernel"], given["bias"]])
    found = maximize(model, range(3), **SEARCH)
    np.testing.assert_allclose(found.images, in_torch["found"], atol=1e-4)
    np.testing.assert_allclose(found.history.confidence, in_torch["confidence"], atol=1e-4)


def test_random_numbers_are_within_their_bounds():
    random = GraphRandom(0)
    assert {int(random.integer(-1, 1)) for _ in range(40)} == {-1, 0, 1}
    drawn = [float(random.uniform(-0.5, 0.5)) for _ in range(40)]
    assert -0.5 <= min(drawn) < 0 < max(drawn) < 0.5
    assert float(GraphRandom(3).uniform(0, 1)) == float(GraphRandom(3).uniform(0, 1)) != drawn[0]
    assert float(GraphRandom(3).uniform(0, 1)) != float(GraphRandom(4).uniform(0, 1))


# Errors


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("'conw'.*perhaps 'conv'", {"targets": [Unit("conw", 0)]}),
        ("'qqq'.*perhaps '", {"targets": [Unit("qqq", 0)]}),
        ("unit 4 of layer 'conv'; wanted one from 0 to 3", {"targets": [Unit("conv", 4)]}),
        ("unit 3 of the output", {"targets": [3]}),
        (r"start of shape \(1, 1, 8, 8\).*\(3, 8, 8, 1\)", {"start": (1, 8, 8)}),
        (r"start of shape \(2, 8, 8, 1\)", {"start": np.zeros((2, 8, 8, 1))}),
        ("Reach.*Raise", {"targets": [Unit("conv", 0)], "objective": Reach(0.9)}),
    ],
)
def test_bad_input_is_refused_in_words(words, options):
    arguments = {"targets": range(3), "steps": 2, **options}
    with pytest.raises(ValueError, match=words):
        maximize(functional(), arguments.pop("targets"), **arguments)


def test_other_refusals():
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3, name="logits")])
    with pytest.raises(ValueError, match=r"does not end in a Softmax.*Unit\(layer, index\)"):
        maximize(model, [0], linear_output=True)
    with pytest.raises(ValueError, match=r"penalty of shape \(\).*\(1,\)"):
        maximize(model, [0], steps=1, regularizers=[tf.reduce_mean])
    with pytest.raises(ValueError, match=r"shape \(1, 8, 8, 1\) from .*; wanted the shape"):
        maximize(model, [0, 1], steps=1, modifiers=[lambda images, random: images[:1]])
    with pytest.raises(ValueError, match="not built yet"):
        maximize(Subclass(), [0])
    with pytest.raises(ValueError, match="no start"):
        maximize(subclass(), [0])
