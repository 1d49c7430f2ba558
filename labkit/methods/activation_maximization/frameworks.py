"""Which framework a model belongs to, and what the search asks of either. See ``in_torch`` and ``in_keras``."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np

from labkit.methods.activation_maximization.adam import State
from labkit.methods.activation_maximization.arrays import Array
from labkit.methods.activation_maximization.goal import Measured
from labkit.methods.activation_maximization.modifiers import Random
from labkit.methods.model_kind import kind_of

#: From images (N, ...) to layer -> its output.
See = Callable[[Array], Mapping[str, Array]]


class Framework(Protocol):
    """A model in its framework."""

    channels_first: bool

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The shape of one input; None where the model does not say."""

    def array(self, array: np.ndarray) -> Array:
        """To the framework."""

    def numpy(self, tensor: Any) -> np.ndarray:
        """From the framework."""

    def result(self, images: Array) -> Any:
        """The images as the user gets them."""

    def opened(self, layers: Iterable[str], linear_output: bool) -> AbstractContextManager[See]:
        """Open the model for a look at some layers."""

    def gradient(self, measure: Callable[[Array], Measured], images: Array) -> tuple[Array, Measured]:
        """The gradient of the sum of the losses by the images, and what was measured."""

    def compiled(self, step: Callable[..., Any], state: State) -> Callable[..., Any]:
        """The step, a function of a state and of Adam's two sizes for it, made fast."""

    def random(self, seed: int) -> Random:
        """A source of random numbers for the modifiers."""


def framework_of(model: Any) -> Framework:
    """The model in its framework.

    Raises:
        TypeError: neither a PyTorch nor a Keras model.
        ValueError: a Keras model on another backend than TensorFlow, or one that has no weights yet.
    """
    if kind_of(model) == "keras":
        import keras

        check_backend(keras.backend.backend())  # first, for in_keras brings TensorFlow, if it is there at all
        from labkit.methods.activation_maximization.in_keras import InKeras

        return InKeras(model)
    from labkit.methods.activation_maximization.in_torch import InTorch

    return InTorch(model)


def check_backend(backend: str) -> None:
    """Refuse a Keras that does not run on TensorFlow.

    Raises:
        ValueError: it does not.
    """
    if backend != "tensorflow":
        raise ValueError(
            f"got a Keras model on the backend {backend!r}; wanted 'tensorflow'. Set the environment variable "
            f"KERAS_BACKEND=tensorflow before Keras is imported."
        )
