"""Exercise 4.6: up the gradient of a unit, within the range of images."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call
from labkit.exercises.comparing import Explains, Slip, as_it_was, compare, same
from labkit.exercises.core import Case, Exercise

if TYPE_CHECKING:
    import keras

_IMAGE = (3, 4, 1)
_UNITS = 5


def _cases(rng: np.random.Generator) -> list[Case]:
    """A network that is linear, and two that square: there each step depends on where the last one led."""
    return [_case(rng, squares, steps) for squares, steps in ((False, 3), (True, 5), (True, 4))]


def _case(rng: np.random.Generator, squares: bool, steps: int) -> Case:
    """One in which half of the pixels reach the bounds early, and the others hardly ever.

    A network that squares is drawn anew until it matters to the image when it is clipped.
    """
    reach = np.repeat([1.5, 0.1], np.prod(_IMAGE) // 2)[:, None]
    while True:
        case = {
            "squares": squares,
            "weights": (reach * rng.normal(size=(len(reach), _UNITS))).astype(np.float32),
            "biases": rng.normal(0, 2, _UNITS).astype(np.float32),
            "unit": int(rng.integers(1, _UNITS)),
            "start": rng.uniform(0.3, 0.7, (1, *_IMAGE)).astype(np.float32),
            "steps": steps,
            "rate": 0.04 if squares else 0.1,
            "later": rng.normal(size=(4, *_IMAGE)).astype(np.float32),
            "signal": rng.normal(size=(4, _UNITS)).astype(np.float32),
        }
        images = [_ascended(bound=bound)(case) for bound in _BOUNDS]
        if not squares or not any(same(a, b, tolerance=0.01) for a, b in combinations(images, 2)):
            return case


def _network(case: Case, modes: list[bool]) -> "keras.Model":
    """The case's network, with a dropout that notes the mode of each pass."""
    import keras

    class Noting(keras.layers.Dropout):
        def call(self, inputs: Any, training: bool = False) -> Any:
            modes.append(bool(training))
            return super().call(inputs, training=training)

    image = keras.Input(_IMAGE)
    dense = keras.layers.Dense(_UNITS, activation=keras.ops.square if case["squares"] else None)
    network = keras.Model(image, dense(Noting(0.5)(keras.layers.Flatten()(image))))
    network.set_weights([case["weights"].copy(), case["biases"].copy()])
    return network


def _probe(answer: Any, case: Case) -> Plain:
    modes: list[bool] = []
    network, start = _network(case, modes), case["start"].copy()
    with _tape_sees_image():
        image = array(call(answer, network, case["unit"], start, case["steps"], case["rate"]))
    return {
        "image": image,
        "start": array(start),
        "weights": [array(weight) for weight in network.get_weights()],
        "training": modes.copy(),
        "learned": _learned(network, case),
    }


def _learned(network: "keras.Model", case: Case) -> list[np.ndarray]:
    """What reaches the weights that can be trained of a signal at the network's output: for each its gradient."""
    import tensorflow as tf

    with tf.GradientTape() as tape:
        output = network(tf.constant(case["later"]), training=False)
    weights = network.trainable_weights
    return [array(each.numpy()) for each in tape.gradient(output, weights, tf.constant(case["signal"]))]


def _to_be_learned(case: Case) -> list[np.ndarray]:
    """The same, by hand, of a network whose weights can all be trained."""
    pixels = case["later"].reshape(len(case["later"]), -1)
    before = pixels @ case["weights"] + case["biases"]
    signal = case["signal"] * (2 * before if case["squares"] else 1)
    return [pixels.T @ signal, signal.sum(axis=0)]


def _reading(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
    """What became of start and network; that it ran as in training only explains an image that is wrong."""
    seen = as_it_was("start", "start", told="start as it was")(answer, case)
    image, modes = seen.get("image"), seen.get("training")
    untouched = same(seen.get("weights"), [case["weights"], case["biases"]])
    dropped = isinstance(modes, list) and any(mode is not False for mode in modes)
    return {
        "image": image,
        "start as it was": seen["start as it was"],
        "weights as they were": untouched,
        "trainable as before": not untouched or same(seen.get("learned"), _to_be_learned(case)),
        "trains": dropped and not same(image, _ascended()(case)),
    }


@contextmanager
def _tape_sees_image() -> Iterator[None]:
    """While a student's ascent is on: says what is behind TensorFlow's errors where the tape has no gradient to give.

    Raises:
        Misfit: the tape has seen nothing of the image.
    """
    try:
        yield
    except (AttributeError, TypeError, ValueError) as error:
        if not any(sign in str(error) for sign in ("'_id'", "NoneType", "not tf.Tensor or tf.Variable")):
            raise
        raise Misfit(
            "the tape has no gradient of your image, as it has not seen it: make the image a tensor, not an array, "
            "call tape.watch(image) in every step (even a variable is a tensor once image = ... has replaced it), and "
            "within the tape model(image), not model.predict"
        ) from error


#: Of the gradients of all units, (pixels, units), and the unit: the direction of a step.
Direction = Callable[[np.ndarray, int], np.ndarray]
#: (image, number of the step, number of steps) -> the image that is left after the step.
Bound = Callable[[np.ndarray, int, int], np.ndarray]


def _own(gradients: np.ndarray, unit: int) -> np.ndarray:
    return gradients[:, unit]


def _each_step(image: np.ndarray, step: int, steps: int) -> np.ndarray:
    return image.clip(0, 1)


def _at_the_end(image: np.ndarray, step: int, steps: int) -> np.ndarray:
    return image.clip(0, 1) if step == steps - 1 else image


def _before_each(image: np.ndarray, step: int, steps: int) -> np.ndarray:
    return image if step == steps - 1 else image.clip(0, 1)


def _never(image: np.ndarray, step: int, steps: int) -> np.ndarray:
    return image


def _other_range(image: np.ndarray, step: int, steps: int) -> np.ndarray:
    return image.clip(-1, 1)


_BOUNDS: tuple[Bound, ...] = (_each_step, _at_the_end, _before_each, _never, _other_range)


def _ascended(
    direction: Direction = _own, bound: Bound = _each_step, more: int = 0, rate: float | None = None
) -> Callable[[Case], np.ndarray]:
    """Gradient ascent by hand, in which one thing or another is wrong."""

    def run(case: Case) -> np.ndarray:
        image = case["start"].astype(np.float64).ravel()
        for step in range(case["steps"] + more):
            gradients = case["weights"].astype(np.float64)
            if case["squares"]:
                gradients = gradients * 2 * (image @ case["weights"] + case["biases"])
            image = image + (rate or case["rate"]) * direction(gradients, case["unit"])
            image = bound(image, step, case["steps"])
        return image.reshape(1, *_IMAGE)

    return run


def _normalised(size: Callable[[np.ndarray], Any]) -> Direction:
    return lambda gradients, unit: gradients[:, unit] / size(gradients[:, unit])


def _with_adam(case: Case) -> np.ndarray:
    """Adam's steps up. Keras computes its shares of past gradients in single precision, which shows in the image."""
    mean, square, step = np.zeros(()), np.zeros(()), 0

    def direction(gradients: np.ndarray, unit: int) -> np.ndarray:
        nonlocal mean, square, step
        step += 1
        mean = 0.9 * mean + 0.1 * gradients[:, unit]
        square = 0.999 * square + 0.001 * gradients[:, unit] ** 2
        return (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-7)

    return _ascended(direction)(case)


def _made(*forms: Callable[[Case], np.ndarray], tolerance: float = 1e-4) -> Explains:
    """Whether the images are such, whatever else there is."""
    return lambda answers, cases: any(
        all(same(answer["image"], form(case), tolerance) for answer, case in zip(answers, cases, strict=True))
        for form in forms
    )


def _sees(what: str, value: bool) -> Explains:
    return lambda answers, cases: any(answer[what] is value for answer in answers)


GRADIENT_ASCENT = Exercise(
    "4.6",
    "gradient ascent",
    4,
    (
        "Of what do you want the gradient, with respect to what, and which way do you go along it?",
        "Watch the image with tf.GradientTape, take model(image)[0, unit], and ask the tape for the gradient of it.",
        "In each step: the image plus rate times the gradient, and then its values back into [0, 1].",
        "image = tf.Variable(start); in each step: with tf.GradientTape() as tape: activation = model(image)[0, "
        "unit]; then image.assign(tf.clip_by_value(image + rate * tape.gradient(activation, image), 0.0, 1.0)).",
    ),
    _cases,
    _probe,
    compare(
        lambda case: {
            "image": _ascended()(case),
            "start as it was": True,
            "weights as they were": True,
            "trainable as before": True,
            "trains": False,
        },
        [
            Slip(
                "changes_model",
                "the model's weights are no longer what they were: only the image may change.",
                _sees("weights as they were", False),
            ),
            Slip(
                "left_frozen",
                "the model's weights cannot be trained any more, or can be where they could not. The gradient is taken "
                "with respect to the image alone, so there is nothing to freeze.",
                _sees("trainable as before", False),
            ),
            Slip(
                "training_mode",
                "the model ran as in training, with dropout, so each step climbs another network: training=False.",
                _sees("trains", True),
            ),
            Slip(
                "start_overwritten",
                "the start that was handed in is no longer what it was: work on a copy.",
                _sees("start as it was", False),
            ),
            Slip(
                "descent",
                "your image goes down the gradient, so the unit falls silent: up is plus.",
                _made(_ascended(lambda gradients, unit: -gradients[:, unit])),
            ),
            Slip(
                "all_units",
                "your image raises all units at once; wanted the one.",
                _made(
                    _ascended(lambda gradients, unit: gradients.mean(axis=1)),
                    _ascended(lambda gradients, unit: gradients.sum(axis=1)),
                ),
            ),
            Slip(
                "first_unit",
                "your image raises unit 0 whatever is asked for: use `unit` as the index.",
                _made(_ascended(lambda gradients, unit: gradients[:, 0])),
            ),
            Slip(
                "not_clipped",
                "your image has left the range of images: wanted all values in [0, 1] after each step.",
                _made(_ascended(bound=_never)),
            ),
            Slip(
                "other_range",
                "you keep the values in [-1, 1]; these images have values in [0, 1].",
                _made(_ascended(bound=_other_range)),
            ),
            Slip(
                "clipped_at_the_end",
                "you clip once, at the end; on the way the image was none, and the gradients were those of no image. "
                "Clip after each step.",
                _made(_ascended(bound=_at_the_end)),
            ),
            Slip(
                "clipped_before",
                "you clip before each step, so the last one is not clipped: step first, then clip.",
                _made(_ascended(bound=_before_each)),
            ),
            Slip(
                "one_step",
                "this is the image of a single step: does `return` stand within the loop, or does each step set out "
                "from the start?",
                _made(lambda case: _ascended(more=1 - case["steps"])(case)),
            ),
            Slip(
                "step_count",
                "this is the image of one step too few or too many.",
                _made(_ascended(more=-1), _ascended(more=1)),
            ),
            Slip(
                "normalised",
                "you divide the gradient by its size, or take its sign alone; wanted the gradient itself.",
                _made(
                    _ascended(_normalised(lambda g: np.sqrt(np.mean(g**2)))),
                    _ascended(_normalised(lambda g: np.sqrt(np.sum(g**2)))),
                    _ascended(_normalised(np.std)),
                    _ascended(_normalised(lambda g: np.abs(g).mean())),
                    _ascended(_normalised(lambda g: np.abs(g).max())),
                    _ascended(_normalised(np.abs)),
                ),
            ),
            Slip(
                "adam",
                "these are the steps of Adam, which has momentum and divides the gradient by its size; wanted rate "
                "times the gradient itself.",
                _made(_with_adam, tolerance=2e-3),
            ),
            Slip("rate_ignored", "`rate` is not used: wanted rate times the gradient.", _made(_ascended(rate=1.0))),
            Slip(
                "still",
                "the image is the start: what a step makes must become the image of the next.",
                _made(lambda case: case["start"]),
            ),
            Slip(
                "no_batch",
                "the batch of one is gone; wanted an image of the same shape as the start.",
                _made(lambda case: _ascended()(case)[0], lambda case: _ascended()(case)[0, ..., 0]),
            ),
        ],
        "this is not where plain gradient ascent leads.",
        reading=_reading,
    ),
)
