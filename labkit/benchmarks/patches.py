"""Top patches' cost and memory: streaming, and with all activations kept, against the compiled forward passes."""

from collections.abc import Callable, Iterable
from functools import partial

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from labkit.methods.top_patches import TopPatches, top_patches

COUNTS = (300, 600, 1_200)


def _named(way: str, count: int) -> str:
    return f"{way}, {count:,} images"


VARIANTS = (
    _named("forward passes", COUNTS[0]),
    *(_named(way, count) for way in ("top patches", "all activations kept") for count in COUNTS),
)

#: Of each number of images the forward passes of as many.
FLOORS = {
    _named(way, count): _named("forward passes", count)
    for way in ("top patches", "all activations kept")
    for count in COUNTS
}

SHAPE = (96, 96, 3)

BATCH, K = 32, 16


def prepare(small: bool = False) -> dict[str, Callable[[], object]]:
    """Lab 5's network up to its sixth convolution, with random weights, and random images; small: 16 of them."""
    keras.utils.set_random_seed(0)
    model = _network()
    ways = {"forward passes": _forward_passes, "top patches": _top_patches, "all activations kept": _all_kept}
    return {
        _named(way, count): partial(work, model, _images(K if small else count))
        for way, work in ways.items()
        for count in COUNTS
    }


def _images(count: int) -> tf.data.Dataset:
    """Batches (B, 96, 96, 3), drawn when they are read, so that they take no memory; the same at each reading."""
    return (
        tf.data.Dataset.range(count)
        .batch(BATCH)
        .map(lambda n: tf.random.stateless_uniform((tf.size(n), *SHAPE), seed=(0, n[0])))
    )


def _forward_passes(model: keras.Model, batches: Iterable[tf.Tensor]) -> None:
    forward = _compiled(model)
    for images in batches:
        forward(images)


def _top_patches(model: keras.Model, batches: Iterable[tf.Tensor]) -> TopPatches:
    return top_patches(model, model.layers[-1].name, batches, K)


def _all_kept(model: keras.Model, batches: Iterable[tf.Tensor]) -> TopPatches:
    """What one writes first, and the original course did: the activations of all images, then the largest."""
    forward = _compiled(model)
    maps = np.concatenate([forward(images).numpy() for images in batches])
    n, height, width, channels = maps.shape
    flat = maps.reshape(n, height * width, channels)
    values, places = flat.max(axis=1), flat.argmax(axis=1)
    indices = np.argsort(-values, axis=0, kind="stable")[:K]
    rows, columns = np.unravel_index(np.take_along_axis(places, indices, axis=0), (height, width))
    positions = np.stack([rows.T, columns.T], axis=2)
    return TopPatches(np.take_along_axis(values, indices, axis=0).T, indices.T, positions)


def _compiled(model: keras.Model) -> Callable[[tf.Tensor], tf.Tensor]:
    """The forward pass, compiled once for batches of any size."""
    signature = [tf.TensorSpec((None, *SHAPE))]
    return tf.function(lambda images: model(images, training=False), signature, autograph=False)


def _network() -> keras.Model:
    return keras.Sequential([
        keras.Input(SHAPE), layers.BatchNormalization(),
        *(layers.Conv2D(32, 3, activation="relu") for _ in range(3)), layers.MaxPooling2D(), layers.Dropout(0.25),
        *(layers.Conv2D(64, 3, activation="relu") for _ in range(3)),
    ])  # fmt: skip
