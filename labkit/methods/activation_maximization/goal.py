"""The goal: one number for each image that is to become small, made of the objective and the regularisers."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from labkit.methods.activation_maximization.arrays import Array, detached, has_shape, log, log_softmax, sums
from labkit.methods.activation_maximization.regularizers import Regularizer
from labkit.methods.activation_maximization.targets import Wanted, weights_for


class Objective(Protocol):
    """What the activation of a target is wanted to do."""

    @property
    def on_log_probabilities(self) -> bool:
        """Take the logarithm of the target's probability for its activation."""

    def loss(self, activation: Array) -> Array:
        """The loss of each image, (N,), given the activation of its target, (N,)."""


@dataclass(frozen=True)
class Raise:
    """Raise the activation as far as it goes: loss = -activation."""

    on_log_probabilities = False

    def loss(self, activation: Array) -> Array:
        """The loss of each image, (N,)."""
        return -activation


@dataclass(frozen=True)
class Reach:
    """Reach a probability, and go no further: loss = (log of the probability reached - log of the one wanted) ** 2.

    The model's output may be probabilities, log-probabilities or logits. Outputs that are each in [0, 1] but do
    not sum to 1, as behind a sigmoid, are none of these.

    Args:
        probability: above 0, at most 1.

    Raises:
        ValueError: another probability; from ``maximize``: targets that are not outputs of a classifier.
    """

    probability: float

    on_log_probabilities = True

    def __post_init__(self) -> None:
        if not 0 < self.probability <= 1:
            raise ValueError(f"got probability={self.probability}; wanted above 0 and at most 1, such as 0.9.")

    def loss(self, activation: Array) -> Array:
        """The loss of each image, (N,)."""
        gap = activation - math.log(self.probability)
        return gap * gap


class Measured(NamedTuple):
    """What one look at the images gives, each (N,)."""

    loss: Array
    activation: Array
    log_confidence: Array | None


@dataclass(frozen=True)
class Goal:
    """From images and what the model makes of them to the loss of each image.

    Attributes:
        weights: layer -> the weight of each of its activations, of the shape of its output.
        log_confidence: from the model's output to the logarithm of the confidence, (N,); None if there is none.
        objective: what the activations are wanted to do.
        regularizers: what the images should have little of.
    """

    weights: Mapping[str, Array]
    log_confidence: Callable[[Array], Array] | None
    objective: Objective
    regularizers: Sequence[Regularizer]

    def __call__(self, images: Array, outputs: Mapping[str, Array]) -> Measured:
        """Measure images.

        Args:
            images: without what modifiers did to them, (N, ...).
            outputs: layer -> its output, for all layers with weights.

        Raises:
            ValueError: a regulariser that does not give one penalty per image.
        """
        log_confidence = None
        if self.log_confidence is not None and self.objective.on_log_probabilities:
            log_confidence = activation = self.log_confidence(outputs[""])
        else:
            activation = sum(sums(outputs[layer] * weights) for layer, weights in self.weights.items())
            if self.log_confidence is not None:
                # Only looked at: no gradient goes through it.
                log_confidence = self.log_confidence(detached(outputs[""]))
        loss = self.objective.loss(activation)
        for regularizer in self.regularizers:
            penalty = regularizer(images)
            if not has_shape(penalty, images.shape[:1]):  # one number would be spread over the images in silence
                raise ValueError(
                    f"got a penalty of shape {tuple(getattr(penalty, 'shape', ()))} from {regularizer}; wanted one for "
                    f"each image, {tuple(images.shape[:1])}."
                )
            loss = loss + penalty
        return Measured(loss, activation, log_confidence)


def make_goal(
    wanted: Wanted,
    objective: Objective,
    regularizers: Sequence[Regularizer],
    outputs: Mapping[str, np.ndarray],
    channels_first: bool,
    as_array: Callable[[np.ndarray], Array],
) -> Goal:
    """The goal for a model, of which one pass has been seen.

    Args:
        wanted: of each image.
        objective: likewise.
        regularizers: likewise.
        outputs: layer -> what it gave out in that pass, for all layers whose units are wanted.
        channels_first: the units are the second axis of an output, and not the last.
        as_array: takes an array to the framework and the device.

    Raises:
        ValueError: a unit that a layer does not have, or an objective that wants a probability where there is none.
    """
    weights = {layer: weights_for(wanted, layer, output.shape, channels_first) for layer, output in outputs.items()}
    log_confidence = None
    if list(outputs) == [""]:
        log_confidence = _log_confidence(outputs[""], weights[""], as_array)
    if objective.on_log_probabilities and log_confidence is None:
        raise ValueError(
            f"got {objective} for targets without a probability; wanted outputs of a classifier, with positive "
            f"weights. Outputs that are each in [0, 1] but do not sum to 1, as behind a sigmoid, are none. For any "
            f"other unit there is Raise()."
        )
    return Goal(
        weights={layer: as_array(array) for layer, array in weights.items()},
        log_confidence=log_confidence,
        objective=objective,
        regularizers=regularizers,
    )


def _log_confidence(
    output: np.ndarray, weights: np.ndarray, as_array: Callable[[np.ndarray], Array]
) -> Callable[[Array], Array] | None:
    """From outputs such as this one, with these weights, to the logarithm of the confidence in each target."""
    if output.ndim != 2 or output.shape[1] == 1 or weights.min() < 0:
        return None
    log_probabilities = _to_log_probabilities(output)
    if log_probabilities is None:
        return None
    shares = as_array(weights / weights.sum(axis=1, keepdims=True))
    return lambda output: sums(log_probabilities(output) * shares)


def _to_log_probabilities(outputs: np.ndarray) -> Callable[[Array], Array] | None:
    """What makes log-probabilities of such outputs: of probabilities, of their logarithms, of logits, or of neither."""
    if (outputs >= 0).all() and (outputs <= 1).all():
        return log if np.allclose(outputs.sum(axis=1), 1, atol=1e-2) else None
    if (outputs <= 0).all() and np.allclose(np.exp(outputs).sum(axis=1), 1, atol=1e-2):
        return _as_they_are
    return log_softmax


def _as_they_are(outputs: Array) -> Array:
    return outputs
