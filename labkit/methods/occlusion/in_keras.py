"""Keras' part of occlusion, on TensorFlow: copies of the images, and the score of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from labkit.methods.keras_features import observing
from labkit.methods.occlusion.scores import Score, Scorer, check_scores, check_units


class InKeras:
    """A Keras model, as ``occlusion`` needs it. TensorFlow's tensors cannot be written into, so images are NumPy's."""

    images_shape = "(N, H, W, C)"

    def __init__(self, model: keras.Model) -> None:
        self.model = model

    def images(self, images: Any) -> np.ndarray:
        """The images as an array."""
        return np.asarray(images)

    def numpy(self, array: Any) -> np.ndarray:
        """As an array."""
        return np.asarray(array)

    def here(self, images: np.ndarray) -> np.ndarray:
        """As they are: TensorFlow takes them to its device."""
        return images

    def copies(self, array: np.ndarray, times: int) -> np.ndarray:
        """So many copies, (times, B, ...), to be written into."""
        return np.tile(array, (times, *[1] * array.ndim))

    @contextmanager
    def scoring(self, layer: str, score: Score | None) -> Iterator[Scorer]:
        """With a look at a layer, compiled once for all passes."""
        with observing(self.model, layer, score or _largest) as observe:

            def scorer(images: np.ndarray, units: np.ndarray) -> np.ndarray:
                scores = np.asarray(observe(tf.convert_to_tensor(images)))
                if score is None:
                    check_units(units, scores.shape[1])
                    return scores[np.arange(len(scores)), units]
                check_scores(scores.shape, len(images))
                return scores

            yield scorer

    def result(self, maps: np.ndarray, images: np.ndarray) -> np.ndarray:
        """The maps as they are."""
        return maps


def _largest(output: tf.Tensor) -> tf.Tensor:
    """The largest activation of each unit's map: (B, ..., U) to (B, U)."""
    return tf.reduce_max(output, axis=list(range(1, len(output.shape) - 1)))
