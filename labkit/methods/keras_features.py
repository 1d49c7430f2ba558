"""Features in Keras: what a layer of a model gives out, batch after batch, compiled. The sister of ``features``.

What is to be kept of the outputs is told beforehand, as TensorFlow's operations, so that it runs where they are:

    >>> with observing(model, "conv2d_5", look) as observe:  # doctest: +SKIP
    ...     found = [observe(images) for images in inputs_of(batches)]

``top_patches`` and the occlusion of Keras models are built on this.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias, TypeGuard, TypeVar

import keras
import numpy as np
import tensorflow as tf

from labkit.methods.activation_maximization.in_keras import InKeras

#: Inputs (N, ...), alone or first in a tuple or list with the labels and whatever else.
Batch: TypeAlias = np.ndarray | tf.Tensor | Sequence[Any]

Seen = TypeVar("Seen")


@contextmanager
def observing(
    model: keras.Model, layer: str, look: Callable[[tf.Tensor], Seen]
) -> Iterator[Callable[[tf.Tensor], Seen]]:
    """Run the model, as for evaluation, and look at what a layer gives out.

    TensorFlow writes the operations down once, the look among them, and leaves out those that the look does not
    need: layers behind this one do not run.

    Args:
        model: any Keras model on the TensorFlow backend, functional, Sequential or a subclass. It is left as it was.
        layer: the name of one of its layers, "inner/name" for a layer of the model "inner" inside it; "" is the
            model itself.
        look: function of the layer's output, (N, ...) with the units last, by TensorFlow's operations alone.

    Yields:
        a function from inputs (N, ...) to what ``look`` makes of them, the last time if the layer runs several times.

    Raises:
        TypeError: something else than a Keras model, or a layer that gives out something else than one tensor.
        ValueError: an unknown layer, one that does not run, or one whose output is not one row per input.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"got a model of type {type(model).__name__}; wanted a keras.Model (Keras 3).")
    opened = InKeras(model)
    with opened.opened([layer], linear_output=False) as see:

        def run(inputs: tf.Tensor) -> tuple[Seen, tf.Tensor]:
            outputs = see(inputs)
            if layer not in outputs:
                raise ValueError(f"got layer {layer!r}, which did not run; wanted a layer that the model calls.")
            output = _one_with_units(outputs[layer], layer)
            return look(keras.ops.moveaxis(output, 1, -1) if opened.channels_first else output), tf.shape(output)[0]

        @cache
        def written_down(shape: tuple[int, ...], dtype: tf.DType) -> Callable[[tf.Tensor], tuple[Seen, tf.Tensor]]:
            # Once for batches of any size: writing it down takes as long as running it on a dozen images.
            return tf.function(run, autograph=False).get_concrete_function(tf.TensorSpec((None, *shape), dtype))

        def observe(inputs: tf.Tensor) -> Seen:
            seen, rows = written_down(tuple(inputs.shape[1:]), inputs.dtype)(inputs)
            if rows != len(inputs):
                raise ValueError(
                    f"got an output of {int(rows)} rows from layer {layer!r} for {len(inputs)} inputs; wanted a layer "
                    f"whose output has one row per input, (N, ..., U)."
                )
            return seen

        yield observe


def _one_with_units(output: Any, layer: str) -> tf.Tensor:
    if not tf.is_tensor(output):
        raise TypeError(
            f"layer {layer!r} gave out a {type(output).__name__}; wanted a layer whose output is one tensor. "
            f"Name a layer inside it, or one that takes its output."
        )
    if len(output.shape) < 2:
        raise ValueError(
            f"got outputs of shape {tuple(output.shape)} from layer {layer!r}; wanted a layer with units, (N, ..., U)."
        )
    return output


def inputs_of(batches: Iterable[Batch]) -> Iterator[tf.Tensor]:
    """The inputs (N, ...) of each batch.

    Args:
        batches: a ``tf.data.Dataset``, or any iterable of arrays or tensors or of tuples that start with one.

    Raises:
        ValueError: one array in place of the batches: its rows would be taken for batches.
        TypeError: a batch that is neither an array nor a tuple or list that starts with one.
    """
    if _is_array(batches):
        raise ValueError(
            f"got one array of shape {tuple(batches.shape)}; wanted batches. Put a single batch into a list, "
            f"[inputs], or split it, tf.data.Dataset.from_tensor_slices(inputs).batch(32)."
        )
    for batch in batches:
        inputs = batch[0] if isinstance(batch, (tuple, list)) and batch else batch
        if not _is_array(inputs):
            raise TypeError(f"got a batch with {type(inputs).__name__} as its inputs; wanted an array, (N, ...).")
        yield tf.convert_to_tensor(inputs)


def _is_array(inputs: Any) -> TypeGuard[np.ndarray | tf.Tensor]:
    return isinstance(inputs, np.ndarray) or tf.is_tensor(inputs)
