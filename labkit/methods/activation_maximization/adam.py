"""Adam, written once for PyTorch and TensorFlow, so that both go the same way from the same start."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from labkit.methods.activation_maximization.arrays import Array, add_quotient, clip, moved, root_plus

# The paper's own: how much of the running means is kept from step to step, and what keeps the quotient finite.
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class State(NamedTuple):
    """Where the search is: the images, and what Adam remembers of the gradients, all (N, ...)."""

    images: Array
    mean: Array
    square: Array


@dataclass(frozen=True)
class Adam:
    """The rule of a step (Kingma, Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1).

    It works pixel by pixel, and the size of a step hardly depends on that of the gradient, unless that is
    below some 1e-8: it is roughly the learning rate. So images of a batch do not disturb each other.

    Attributes:
        learning_rate: in the images' units.
        bounds: lowest and highest value that a pixel may take; None: any.
    """

    learning_rate: float
    bounds: tuple[float, float] | None

    def sizes(self, number: int) -> tuple[float, float]:
        """The rate of a step by its number, from 1, and what keeps its quotient finite.

        Both means are drawn towards the zeros that they began with, the more so the fewer steps were taken, and
        this is corrected here: in two numbers, once a step, and not in the means themselves.
        """
        correction = (1 - BETA2**number) ** 0.5
        return self.learning_rate * correction / (1 - BETA1**number), EPSILON * correction

    def __call__(self, state: State, gradient: Array, sizes: Any) -> State:
        """One step.

        Args:
            state: before it; its means are used up, for in PyTorch the new ones are written over them.
            gradient: of the loss by the images, (N, ...).
            sizes: of this step, as numbers or as an array of two.

        Returns:
            the state after it.
        """
        mean = moved(state.mean, gradient, 1 - BETA1)
        square = moved(state.square, gradient * gradient, 1 - BETA2)
        images = add_quotient(state.images, mean, root_plus(square, sizes[1]), -sizes[0])
        return State(images if self.bounds is None else clip(images, *self.bounds), mean, square)
