"""The goal: one number for each image that is to become small, made of the objective and the regularisers."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from labkit.methods.activation_maximization.arrays import Array, detached, log, log_softmax, sums
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

    The model's output may be probabilities, log-probabilities or logits.

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
        shares: the weights at the output, (N, C), scaled to sum up to 1; None if there is no confidence.
        log_probabilities: from the model's output to log-probabilities, (N, C).
        objective: what the activations are wanted to do.
        regularizers: what the images should have little of.
    """

    weights: Mapping[str, Array]
    shares: Array | None
    log_probabilities: Callable[[Array], Array]
    objective: Objective
    regularizers: Sequence[Regularizer]

    def __call__(self, images: Array, outputs: Mapping[str, Array]) -> Measured:
        """Measure images.

        Args:
            images: without what modifiers did to them, (N, ...).
            outputs: layer -> its output, for all layers with weights.
        """
        if self.objective.on_log_probabilities:
            log_confidence = activation = self._log_confidence(outputs[""])
        else:
            activation = sum(sums(outputs[layer] * weights) for layer, weights in self.weights.items())
            # It is but looked at, so the way back need not be remembered.
            log_confidence = None if self.shares is None else self._log_confidence(detached(outputs[""]))
        loss = self.objective.loss(activation)
        for regularizer in self.regularizers:
            loss = loss + regularizer(images)
        return Measured(loss, activation, log_confidence)

    def _log_confidence(self, output: Array) -> Array:
        return sums(self.log_probabilities(output) * self.shares)


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
    classifies = list(outputs) == [""] and outputs[""].ndim == 2 and outputs[""].shape[1] > 1
    has_confidence = classifies and min(weight for units in wanted for weight in units.values()) > 0
    if objective.on_log_probabilities and not has_confidence:
        raise ValueError(
            f"got {objective} for targets without a probability; wanted outputs of a classifier, with positive "
            f"weights. For any other unit there is Raise()."
        )
    return Goal(
        weights={layer: as_array(array) for layer, array in weights.items()},
        shares=as_array(weights[""] / weights[""].sum(axis=1, keepdims=True)) if has_confidence else None,
        log_probabilities=_to_log_probabilities(outputs[""]) if classifies else log_softmax,
        objective=objective,
        regularizers=regularizers,
    )


def _to_log_probabilities(outputs: np.ndarray) -> Callable[[Array], Array]:
    """What makes log-probabilities of such outputs: of probabilities, of log-probabilities, or of logits."""
    if (outputs >= 0).all() and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
        return log
    if (outputs <= 0).all() and np.allclose(np.exp(outputs).sum(axis=1), 1, atol=1e-3):
        return _as_they_are
    return log_softmax


def _as_they_are(outputs: Array) -> Array:
    return outputs
