"""Activation maximization's cost in Keras: ten outputs at once, against the bare passes that TensorFlow compiled."""

from collections.abc import Callable

import keras
import tensorflow as tf
from keras import layers

from labkit.methods.activation_maximization import maximize

VARIANTS = ("forward and backward passes", "maximize", "maximize, linear output")


def prepare(small: bool = False) -> dict[str, Callable[[], object]]:
    """The network of lab 4 with random weights, ten outputs and 200 steps; small: 2 steps."""
    steps = 2 if small else 200
    keras.utils.set_random_seed(0)
    model = _network()
    start = tf.random.normal((10, 28, 28, 1), stddev=0.01)
    return {
        "forward and backward passes": lambda: _passes(model, start, steps),
        "maximize": lambda: maximize(model, range(10), steps=steps, start=start),
        "maximize, linear output": lambda: maximize(model, range(10), steps=steps, start=start, linear_output=True),
    }


def _passes(model: keras.Model, images: tf.Tensor, steps: int) -> None:
    """Compiled once, as many passes forward, to the ten outputs, and backward, to the images."""
    wanted = tf.eye(10)

    @tf.function
    def gradient(images: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            activation = tf.reduce_sum(model(images, training=False) * wanted)
        return tape.gradient(activation, images)

    for _ in range(steps):
        gradient(images)


def _network() -> keras.Model:
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(9, 5, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(9, 5, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(16, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(25, activation="relu"), layers.Dense(10, activation="softmax"),
    ])  # fmt: skip
