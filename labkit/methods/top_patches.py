"""Top patches: the images that excite each channel of a Keras layer most, and where in them.

What does a channel of a convolution respond to? Of all images those are taken in which its largest activation is
highest, at most one place in an image, or else one image with a repeated pattern would fill the list. The place
of the activation in the channel's map leads, through the layer's receptive field, to the patch of the image that
the channel has seen.

The images stream by, and the model runs over them once: see ``best_so_far``. The original course kept the
activations of all images, 390 kB an image for 64 maps of 39 x 39. In PyTorch see ``top_activations``.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from labkit.methods.best_so_far import Largest, best_of
from labkit.methods.keras_features import Batch, inputs_of, observing


@dataclass(frozen=True, eq=False)
class TopPatches:
    """The images that each channel likes best, in falling order of its activation.

    Attributes:
        values: the activations, (C, k), at least float32.
        indices: the number of the image, counted over all batches from 0, int64 (C, k).
        positions: where in the channel's map the activation is, int64 (C, k, 2) as row and column; (C, k, 1) for
            maps of one dimension; None for channels without a map, such as the units of a dense layer.
    """

    values: np.ndarray
    indices: np.ndarray
    positions: np.ndarray | None


def top_patches(model: keras.Model, layer: str, batches: Iterable[Batch], k: int) -> TopPatches:
    """The k images with the largest activation of each channel of a layer, and where it is.

    Equal to sorting the largest activations of all images, but memory does not grow with the number of images: it
    is that of one batch and of k x C results. Of equal activations that of the earlier image comes first, and within
    an image the first in reading order is taken; so the size of the batches does not change the result.

    Args:
        model: any Keras model on the TensorFlow backend. It runs as for evaluation, as far as to this layer.
        layer: its name; "inner/name" is a layer of the model "inner" inside this one, "" the model itself. Its
            outputs are (N, H, W, C), (N, C) or with maps of another number of dimensions.
        batches: images (N, ...) as the model takes them, or tuples that start with them: a ``tf.data.Dataset``
            or any iterable, read once.
        k: at least 1.

    Raises:
        ValueError: k below 1 or above the number of images, activations that are NaN (they cannot be
            sorted), outputs without channels, an unknown layer.
        TypeError: something else than a Keras model, or a layer that gives out something else than one tensor.

    Example:
        >>> top = top_patches(model, "conv2d_5", batches, k=16)  # doctest: +SKIP
        >>> top.indices[7], top.positions[7]  # the favourites of channel 7, and where to look  # doctest: +SKIP
    """
    with observing(model, layer, _maps_and_rows) as observe:
        best = best_of((_largest(*observe(images)) for images in inputs_of(batches)), k)
    return TopPatches(*best)


def _maps_and_rows(output: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The maps, (N, H, ..., C), and the largest activation of each of their rows, (N, H, C).

    A row is all that one index of the first dimension leads to. TensorFlow finds the maximum four times as fast as
    the arg-max over a map, which it makes one channel at a time. So that is left for those that get among the best.
    """
    return output, tf.reduce_max(output, axis=list(range(2, len(output.shape) - 1)))


def _largest(maps: tf.Tensor, rows: tf.Tensor) -> Largest:
    """The largest activation of each map, and by the rows where it is."""
    n, *extent, channels = maps.shape
    row_values = rows.numpy().reshape(n, -1, channels)  # units without a map have one row
    height, width = row_values.shape[1], math.prod(extent[1:])
    flat = tf.reshape(maps, [-1])

    def places(images: np.ndarray, units: np.ndarray) -> np.ndarray:
        row = row_values[images, :, units].argmax(axis=1)  # (M,)
        starts = (images * height + row) * (width * channels) + units
        in_row = tf.gather(flat, starts[:, None] + np.arange(width) * channels).numpy()  # (M, W)
        return row * width + in_row.argmax(axis=1)

    return Largest(row_values.max(axis=1), extent, places)
