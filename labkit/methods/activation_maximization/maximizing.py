"""The search itself, the same for both frameworks: start, step after step, history."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from labkit.methods.activation_maximization.adam import Adam, State
from labkit.methods.activation_maximization.arrays import Array, has_shape
from labkit.methods.activation_maximization.frameworks import Framework, See, framework_of
from labkit.methods.activation_maximization.goal import Measured, Objective, Raise, make_goal
from labkit.methods.activation_maximization.modifiers import Modifier, Random
from labkit.methods.activation_maximization.regularizers import Regularizer
from labkit.methods.activation_maximization.result import Maximized, Recorder
from labkit.methods.activation_maximization.targets import Target, layers_of, read_targets

#: Standard deviation of the noise that a search sets out from.
NOISE = 0.01


def maximize(
    model: Any,
    targets: Iterable[Target],
    *,
    steps: int = 500,
    objective: Objective = Raise(),  # noqa: B008 - it holds nothing that could change
    regularizers: Sequence[Regularizer] = (),
    modifiers: Sequence[Modifier] = (),
    bounds: tuple[float, float] | None = None,
    linear_output: bool = False,
    start: Any = None,
    seed: int = 0,
    learning_rate: float = 5e-3,
    images_every: int | None = None,
) -> Maximized:
    """Look for images that excite units of a model, one image per target, all in one batch.

    Args:
        model: a PyTorch model, or a Keras 3 model on the TensorFlow backend, with one input. It runs as for
            evaluation and comes back as it was, also if a step fails: parameters, gradients, modes and
            activation functions.
        targets: one per image: the number of an output; a ``Unit(layer, index)``; or several of these with
            weights between them, ``{4: 0.5, 9: 0.5}``. The model takes all of them at once.
        steps: T, how many.
        objective: ``Raise()`` the activation, or ``Reach(0.9)``, a probability.
        regularizers: ``TotalVariation(weight)``, ``LpNorm(weight, p)``, or functions from images to (N,).
        modifiers: ``Jitter(pixels)``, ``Blur(sigma)``, ``Rotation(degrees)``, or functions from images and
            a source of random numbers to images; applied in this order at each step.
        bounds: lowest and highest value of a pixel, (0, 1) say; unset: any.
        linear_output: leave out the softmax or log-softmax that the model ends in. Why: see this package.
        start: what to set out from: images, (N, ...) or (1, ...) for all alike; or the shape of one image as
            a tuple, (1, 28, 28) say, for noise, N(0, 0.01), the same for all targets, so that what differs
            between the images comes from the targets. Keras models mostly know that shape themselves.
        seed: of the noise and of the modifiers.
        learning_rate: Adam's, in the images' units: roughly how far a pixel moves in a step.
        images_every: keep the images of every so many steps, for an animation; unset: none.

    Returns:
        the images and their history.

    Raises:
        ValueError: unknown layers or units, arguments that do not fit, or a loss that is no number.
        TypeError: something else than a model, targets that are none, or a layer that gives out several tensors.
    """
    _check(steps=steps, bounds=bounds, learning_rate=learning_rate, images_every=images_every)
    wanted = read_targets(targets)
    framework = framework_of(model)
    layers = layers_of(wanted)
    first = _first_images(framework, start, len(wanted), seed)
    # From a look at one batch the layers' shapes are known, and what kind the outputs are. Noise is added, so that it
    # is the outputs' kind that shows, and not chance at one image.
    noisy = first + np.random.default_rng(0).normal(size=first.shape)
    with framework.opened(layers, linear_output) as see:
        seen = _look(framework, see, noisy, layers)
        goal = make_goal(wanted, objective, regularizers, seen, framework.channels_first, framework.array)
        adam = Adam(learning_rate, bounds)
        random = framework.random(seed)

        def measure(images: Array) -> Measured:
            modified = images
            for modifier in modifiers:
                modified = _modified(modified, modifier, random)
            return goal(images, see(modified))

        def step(state: State, sizes: Any) -> tuple[State, Measured]:
            gradient, measured = framework.gradient(measure, state.images)
            return adam(state, gradient, sizes), measured

        images = framework.array(first if bounds is None else first.clip(*bounds))
        state = State(images, images * 0, images * 0)
        take_step = framework.compiled(step, state)
        recorder = Recorder(framework.numpy, images_every)
        for number in range(steps):
            recorder.images(number, state.images)
            state, measured = take_step(state, adam.sizes(number + 1))
            recorder.measured(measured)
        recorder.images(steps, state.images, last=True)
        recorder.measured(goal(state.images, see(state.images)))
    return Maximized(framework.result(state.images), recorder.history())


def outputs(model: Any, images: Any, *, layer: str = "", linear_output: bool = False) -> np.ndarray:
    """What a model, run as for evaluation, makes of images: what a search sees.

    Args:
        model: as in ``maximize``.
        images: (N, ...), as the model takes them, from either framework or NumPy.
        layer: whose output; "" is the model's.
        linear_output: leave out the softmax or log-softmax that the model ends in.

    Returns:
        (N, ...).

    Raises:
        ValueError: an unknown layer, one that did not run, no softmax at the end, or images of another shape than
            the model takes.
        TypeError: something else than a model, or a layer that gives out several tensors.
    """
    framework = framework_of(model)
    with framework.opened([layer], linear_output) as see:
        return _look(framework, see, framework.numpy(images), [layer])[layer]


def _first_images(framework: Framework, start: Any, count: int, seed: int) -> np.ndarray:
    """What the search sets out from, (N, ...)."""
    shape = framework.input_shape
    if start is None:
        if shape is None:
            raise ValueError("got no start; wanted images, or the shape of one image, such as start=(1, 28, 28).")
        start = shape
    if isinstance(start, tuple) and all(isinstance(side, Integral) for side in start):
        first = np.random.default_rng(seed).normal(0.0, NOISE, (1, *start))
    else:
        first = framework.numpy(start)
    if first.ndim < 2 or len(first) not in (1, count) or (shape is not None and first.shape[1:] != shape):
        inputs = "..." if shape is None else ", ".join(map(str, shape))
        raise ValueError(
            f"got a start of shape {first.shape} for {count} targets; wanted ({count}, {inputs}), or (1, {inputs}) for "
            f"the same one for all. A single image goes in as image[None]; a shape, for noise, is a tuple."
        )
    return np.repeat(first, count // len(first), axis=0)


def _look(framework: Framework, see: See, images: np.ndarray, layers: Sequence[str]) -> Mapping[str, np.ndarray]:
    """What the layers make of images: layer -> its output."""
    try:
        outputs = see(framework.array(images))
    except RuntimeError as error:
        if type(error) is not RuntimeError:  # memory that is used up, say, which has a class of its own
            raise
        raise ValueError(
            f"got inputs of shape {images.shape}, at which the model stopped; wanted inputs of the shape that it "
            f"takes. It says: {error}"
        ) from error
    for layer in layers:
        if layer not in outputs:
            raise ValueError(f"got layer {layer!r}, which did not run; wanted a layer that the model calls.")
        if not hasattr(outputs[layer], "shape"):
            raise TypeError(
                f"layer {layer!r} gave out a {type(outputs[layer]).__name__}; wanted a layer whose output is one "
                f"tensor. Name a layer inside it, or one that takes its output."
            )
    return {layer: framework.numpy(outputs[layer]) for layer in layers}


def _modified(images: Array, modifier: Modifier, random: Random) -> Array:
    """What a modifier makes of images. Rows that it lost would be spread over the targets in silence."""
    modified = modifier(images, random)
    if not has_shape(modified, images.shape):
        raise ValueError(
            f"got images of shape {tuple(getattr(modified, 'shape', ()))} from {modifier}; wanted the shape that it "
            f"was given, {tuple(images.shape)}."
        )
    return modified


def _check(steps: int, bounds: tuple[float, float] | None, learning_rate: float, images_every: int | None) -> None:
    if not (isinstance(steps, Integral) and steps >= 0):
        raise ValueError(f"got steps={steps}; wanted a whole number from 0 on.")
    if bounds is not None and not (len(bounds) == 2 and bounds[0] < bounds[1]):
        raise ValueError(f"got bounds={bounds}; wanted the lowest value and a higher one, such as (0, 1).")
    if not learning_rate > 0:
        raise ValueError(f"got learning_rate={learning_rate}; wanted a number above 0.")
    if images_every is not None and not (isinstance(images_every, Integral) and images_every >= 1):
        raise ValueError(f"got images_every={images_every}; wanted a whole number from 1 on, or None.")
