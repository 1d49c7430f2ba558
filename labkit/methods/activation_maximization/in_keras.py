"""Keras' part, on TensorFlow: look into a model, and take the gradient with respect to its input.

TensorFlow runs the Python code of a step once, to write down the operations, and from then on runs these. So what
is put into the model to look inside it needs to be there only while the step is written down.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from difflib import get_close_matches
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from labkit.methods.activation_maximization.frameworks import check_backend
from labkit.methods.activation_maximization.goal import Measured

#: Under each of the names that a layer's activation may be given by.
SOFTMAXES = (
    *(keras.activations.softmax, keras.activations.log_softmax),
    *(keras.ops.softmax, keras.ops.log_softmax),
    *(tf.nn.softmax, tf.nn.log_softmax),
)


class InKeras:
    """A Keras model on the TensorFlow backend, as ``maximize`` needs it.

    Raises:
        ValueError: another backend, or a model that has no weights yet.
    """

    def __init__(self, model: keras.Model) -> None:
        check_backend(keras.backend.backend())
        if not model.built:
            raise ValueError(
                "got a Keras model that is not built yet; wanted one with weights. Call it on images once."
            )
        self.model = model
        self._dtype = "float64" if any(weight.dtype == "float64" for weight in model.weights) else "float32"
        #: The units of a layer are the last axis of its output, unless Keras was told otherwise.
        self.channels_first = keras.config.image_data_format() == "channels_first"

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The shape of one input; None where the model does not say."""
        shape = getattr(self.model, "input_shape", None)  # a subclass of keras.Model has none
        return None if not isinstance(shape, tuple) or None in shape[1:] else shape[1:]

    def array(self, array: np.ndarray) -> tf.Tensor:
        """As a tensor in the type of the model's weights but at least float32."""
        return tf.constant(array, self._dtype)

    def numpy(self, tensor: Any) -> np.ndarray:
        """As an array."""
        return np.array(tensor)

    def result(self, images: tf.Tensor) -> np.ndarray:
        """The images as the user gets them."""
        return np.array(images)

    @contextmanager
    def opened(self, layers: Iterable[str], linear_output: bool) -> Iterator[Callable[[tf.Tensor], Mapping[str, Any]]]:
        """Open the model: with a look at some layers.

        Args:
            layers: their names; "" is the model's output.
            linear_output: without the last activation.

        Yields:
            from images (N, ...) to layer -> its output.

        Raises:
            ValueError: an unknown layer; from the function: no last activation.
        """
        seen: dict[str, Any] = {}

        def watched(layer: str, call: Callable[..., Any]) -> Callable[..., Any]:
            def call_and_keep(*inputs: Any, **options: Any) -> Any:
                seen[layer] = call(*inputs, **options)
                return seen[layer]

            return call_and_keep

        def see(images: tf.Tensor) -> Mapping[str, Any]:
            seen.clear()
            seen[""] = self.model(images, training=False)
            found = {layer: seen[layer] for layer in layers if layer in seen}
            return {
                layer: tf.cast(output, self._dtype) if tf.is_tensor(output) else output
                for layer, output in found.items()
            }

        with ExitStack() as stack:
            if linear_output:
                stack.enter_context(_without_softmax(self.model))
            for layer in filter(None, layers):
                module = find_layer(self.model, layer)
                stack.enter_context(_swapped(module, "call", watched(layer, module.call)))
            yield see

    def gradient(self, measure: Callable[[tf.Tensor], Measured], images: tf.Tensor) -> tuple[tf.Tensor, Measured]:
        """The gradient of the sum of the losses by the images, and what was measured."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(images)
            measured = measure(images)
            loss = tf.reduce_sum(measured.loss)
        return tape.gradient(loss, images), measured

    def compiled(self, step: Callable[..., Any], state: Any) -> Callable[..., Any]:
        """The step as TensorFlow's operations, for states of this shape."""
        written_down = tf.function(step, autograph=False).get_concrete_function(state, tf.TensorSpec((2,), self._dtype))
        return lambda state, sizes: written_down(state, tf.constant(sizes, self._dtype))

    def random(self, seed: int) -> "GraphRandom":
        """A source of random numbers for the modifiers."""
        return GraphRandom(seed)


class GraphRandom:
    """Random numbers as operations, which draw anew each time they run."""

    def __init__(self, seed: int) -> None:
        self._generator = tf.random.Generator.from_seed(seed)

    def uniform(self, low: float, high: float) -> tf.Tensor:
        """A number from low up to high."""
        return self._generator.uniform((), low, high)

    def integer(self, low: int, high: int) -> tf.Tensor:
        """A whole number from low to high, both included."""
        return self._generator.uniform((), low, high + 1, tf.int32)


def find_layer(model: keras.Model, name: str) -> keras.layers.Layer:
    """The layer of that name; "inner/name" is the layer "name" of the model "inner", a layer of this one.

    Raises:
        ValueError: a name that the model does not have; the message lists the names that come near.
    """
    layers = dict(_named_layers(model))
    if name not in layers:
        near = get_close_matches(name, layers, n=5, cutoff=0.4) or list(layers)[:10]
        raise ValueError(
            f"got layer {name!r}, which {type(model).__name__} does not have; wanted the name of one of its layers, "
            f"perhaps {' or '.join(map(repr, near))}."
        )
    return layers[name]


def _named_layers(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, keras.layers.Layer]]:
    for layer in model.layers:
        yield prefix + layer.name, layer
        if isinstance(layer, keras.Model):
            yield from _named_layers(layer, f"{prefix}{layer.name}/")


@contextmanager
def _without_softmax(model: keras.Model) -> Iterator[None]:
    """Let the model give out what goes into its last softmax.

    The last softmax is the one whose output is the model's output, the very same tensor, wherever it stands and
    whether it is a layer or a layer's activation.
    """
    passed: list[tuple[Any, Any]] = []
    call = model.call

    def noted(softmax: Callable[..., Any]) -> Callable[..., Any]:
        def softmax_and_note(inputs: Any, *arguments: Any, **options: Any) -> Any:
            output = softmax(inputs, *arguments, **options)
            passed.append((inputs, output))
            return output

        return softmax_and_note

    def call_without(*inputs: Any, **options: Any) -> Any:
        passed.clear()
        output = call(*inputs, **options)
        # The first that noted it: a softmax may be made of another one inside.
        logits = next((before for before, after in passed if after is output), None)
        passed.clear()
        if logits is None:
            raise ValueError(
                f"got linear_output=True for a {type(model).__name__} that does not end in a Softmax layer or in a "
                f"layer with activation='softmax'; wanted one that does. If its call computes the softmax itself, "
                f"name the layer before it: Unit(layer, index). If it ends in a linear layer, leave linear_output out."
            )
        return logits

    with ExitStack() as swaps:
        for layer in model._flatten_layers():  # public names list neither layers within layers nor a model's own
            if isinstance(layer, keras.layers.Softmax):
                swaps.enter_context(_swapped(layer, "call", noted(layer.call)))
            elif getattr(layer, "activation", None) in SOFTMAXES:
                swaps.enter_context(_swapped(layer, "activation", noted(layer.activation)))
        swaps.enter_context(_swapped(model, "call", call_without))
        yield


@contextmanager
def _swapped(layer: keras.layers.Layer, name: str, value: Any) -> Iterator[None]:
    """Give one object another attribute for a while, unseen by Keras' book-keeping of weights and layers."""
    attributes = vars(layer)
    own = {name: attributes[name]} if name in attributes else {}
    attributes[name] = value
    try:
        yield
    finally:
        del attributes[name]
        attributes.update(own)
