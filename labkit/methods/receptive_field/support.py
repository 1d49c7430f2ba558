"""What a unit sees, measured: the pixels by which its gradient is not zero."""

from typing import Any

import numpy as np

from labkit.methods.activation_maximization.arrays import sums
from labkit.methods.activation_maximization.frameworks import framework_of
from labkit.methods.activation_maximization.goal import Measured


def gradient_support(
    model: Any, layer: str, unit: tuple[int, ...], input_shape: tuple[int, ...] | None = None, seed: int = 0
) -> tuple[int, ...]:
    """The smallest rectangle with all pixels that change a unit, measured by gradients.

    At one image a unit need not answer to all that it sees: a max pooling passes on one of its values, a ReLU may
    be closed, and weights of both signs may cancel out. So several images are tried: noise, and ramps that rise
    upwards, downwards, to the left and to the right, which draw each max pooling to either edge of its window;
    positive ones and negative ones, next to which the padding is low or high. If all weights are positive, this
    finds the whole receptive field but in rare cases; in a trained network it finds what is left of it.

    Args:
        model: as in ``receptive_field``. It runs as for evaluation and comes back as it was.
        layer: its name, likewise.
        unit: its place in the layer's map, (i, j), or (i,) for signals; all channels count. For a layer whose
            output has no places, all zeros, (0, 0).
        input_shape: of one input, without the batch; Keras models mostly know it themselves.
        seed: of the noise.

    Returns:
        (top, left, bottom, right), bottom and right not included; (start, stop) for signals; all zeros if no
        pixel changes the unit.

    Raises:
        ValueError: an unknown layer, a place that it does not have, or no shape.
        TypeError: something else than a model.
    """
    framework = framework_of(model)
    shape = framework.input_shape if input_shape is None else tuple(input_shape)
    if shape is None or len(shape) < 2:
        raise ValueError(f"got inputs of shape {shape}; wanted images of a known size, input_shape=(3, 96, 96), say.")
    channels = 0 if framework.channels_first else len(shape) - 1

    with framework.opened([layer], False) as see:

        def measure(images: Any) -> Measured:
            activation = sums(_at(see(images)[layer], unit, framework.channels_first))
            return Measured(activation, activation, None)

        images = framework.array(_images(shape, channels, np.random.default_rng(seed)))
        gradient = framework.numpy(framework.gradient(measure, images)[0])
    changes = (gradient != 0).any(axis=(0, channels + 1))
    if not changes.any():
        return (0,) * 2 * changes.ndim
    places = np.argwhere(changes)
    return (*places.min(axis=0).tolist(), *(places.max(axis=0) + 1).tolist())


def _images(shape: tuple[int, ...], channels: int, random: np.random.Generator) -> np.ndarray:
    """Noise and ramps, positive ones and negative ones, and noise of both signs, (N, ...)."""
    ramps = []
    for axis, side in enumerate(shape):
        if axis != channels:
            steps = np.linspace(0.5, 1.5, side).reshape([-1 if other == axis else 1 for other in range(len(shape))])
            ramps += [np.broadcast_to(steps, shape), np.broadcast_to(np.flip(steps), shape)]
    positive = np.concatenate([random.uniform(0.5, 1.5, (8, *shape)), ramps])
    return np.concatenate([positive, -positive, random.uniform(-1, 1, (8, *shape))])


def _at(output: Any, unit: tuple[int, ...], channels_first: bool) -> Any:
    """The activations at a place, (N, C), from those of a layer."""
    sides = tuple(output.shape[2:] if channels_first else output.shape[1:-1])
    if not sides and not any(unit):
        return output
    if len(unit) != len(sides) or not all(0 <= at < side for at, side in zip(unit, sides, strict=True)):
        raise ValueError(f"got unit {unit}; wanted a place in a map of {sides}.")
    return output[(slice(None), slice(None), *unit)] if channels_first else output[(slice(None), *unit)]
