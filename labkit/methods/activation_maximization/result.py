"""What comes back: the images, and how they came to be."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from labkit.methods.activation_maximization.arrays import Array, stacked
from labkit.methods.activation_maximization.goal import Measured


@dataclass(frozen=True)
class History:
    """How the images came to be. Row t of T + 1 tells of the images after t steps; row 0 is the start.

    Where modifiers act, rows 0 to T - 1 tell of the images as the model saw them, and the last one of the
    images themselves.

    Attributes:
        loss: of each image, regularisers included, (T + 1, N).
        activation: of each target: the sum of its units' activations times their weights, (T + 1, N).
        confidence: the probability that the model gives to each target, (T + 1, N); of a target of several
            outputs their mean (geometric, by their weights), which is high only if none of them is low. None
            where a target is not made of outputs alone or has a negative weight, or where the outputs are not
            those of a classifier: each in [0, 1], say, but not of sum 1.
        images: of every n-th step, from the start to the end, (K, N, ...); None if they were not asked for.
        steps: the numbers of these steps, (K,); likewise. ``loss[steps]`` are their losses.
    """

    loss: np.ndarray
    activation: np.ndarray
    confidence: np.ndarray | None
    images: np.ndarray | None
    steps: np.ndarray | None


@dataclass(frozen=True)
class Maximized:
    """The images and their history.

    Attributes:
        images: (N, ...) as the model takes them: a tensor on the model's device in PyTorch, a NumPy array in
            Keras.
        history: NumPy arrays in both.
    """

    images: Any
    history: History


class Recorder:
    """Writes a history as it happens.

    Args:
        numpy: takes an array from the framework. A GPU is waited for there, so rows are taken many at a time, and
            a tensor is an object of some kB, so not too many.
        images_every: keep the images of every so many steps; None: keep none.
    """

    ROWS_AT_ONCE = 50

    def __init__(self, numpy: Callable[[Array], np.ndarray], images_every: int | None) -> None:
        self._numpy, self._images_every = numpy, images_every
        self._waiting: list[Measured] = []
        self._rows: list[list[np.ndarray]] = []
        self._images: dict[int, np.ndarray] = {}

    def measured(self, row: Measured) -> None:
        """Note what was measured at a step."""
        self._waiting.append(row)
        if len(self._waiting) == self.ROWS_AT_ONCE:
            self._take()

    def images(self, step: int, images: Array, last: bool = False) -> None:
        """Keep the images after so many steps, if they are wanted."""
        if self._images_every and (last or step % self._images_every == 0):
            self._images[step] = self._numpy(images)

    def history(self) -> History:
        """All of it.

        Raises:
            ValueError: a loss that is no number.
        """
        self._take()
        loss, activation, *log_confidence = (np.concatenate(column) for column in zip(*self._rows, strict=True))
        bad = ~np.isfinite(loss).all(axis=1)
        if bad.any():
            raise ValueError(
                f"got a loss that is no number after {bad.argmax()} steps; wanted a finite one. Check the model's "
                f"weights and the start, or take a smaller learning_rate."
            )
        return History(
            loss=loss,
            activation=activation,
            confidence=np.exp(log_confidence[0]) if log_confidence else None,
            images=np.stack(list(self._images.values())) if self._images else None,
            steps=np.array(list(self._images)) if self._images else None,
        )

    def _take(self) -> None:
        if self._waiting:
            columns = [column for column in zip(*self._waiting, strict=True) if column[0] is not None]
            self._rows.append([self._numpy(stacked(column)) for column in columns])
            self._waiting.clear()
