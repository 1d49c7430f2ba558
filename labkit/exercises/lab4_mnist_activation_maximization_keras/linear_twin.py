"""Exercise 4.5: the same network with its logits as the output, and the original as it was."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call, kind_of
from labkit.exercises.comparing import Explains, Slip, compare, same
from labkit.exercises.core import Case, Exercise

if TYPE_CHECKING:
    import keras

_IMAGE = (4, 5, 1)
_HIDDEN = 6


def _cases(rng: np.random.Generator) -> list[Case]:
    """Weights of two networks that are different in size, and images."""
    return [
        {
            "weights": [
                rng.normal(0, size, shape).astype(np.float32)
                for size, shape in (
                    *((0.4, (20, _HIDDEN)), (0.2, (_HIDDEN,))),
                    *((0.8, (_HIDDEN, classes)), (0.5, (classes,))),
                )
            ],
            "images": rng.uniform(size=(3, *_IMAGE)).astype(np.float32),
        }
        for classes in (10, 4)
    ]


def _network(case: Case) -> "keras.Model":
    from keras import Input, Model, layers

    image = Input(_IMAGE, name="l0")
    hidden = layers.Dense(_HIDDEN, activation="relu", name="l4")(layers.Flatten()(image))
    network = Model(image, layers.Dense(len(case["weights"][-1]), activation="softmax", name="l5")(hidden))
    network.set_weights([weights.copy() for weights in case["weights"]])
    return network


def _probe(answer: Any, case: Case) -> Plain:
    import keras

    network = _network(case)
    twin = call(answer, network)
    if not isinstance(twin, keras.Model):
        raise Misfit(f"your function gives back {kind_of(twin)} where a model was wanted, a keras.Model")
    inputs = getattr(twin, "inputs", None)  # a model with a call of its own has none
    if inputs and tuple(inputs[0].shape[1:]) != _IMAGE:
        raise Misfit(
            f"your twin takes inputs of shape {inputs[0].shape}, and the model that you were handed {(None, *_IMAGE)}: "
            "is it the twin of another model? Use the function's argument"
        )
    if any(isinstance(getattr(layer, "activation", None), str) for layer in (*twin.layers, *network.layers)):
        raise Misfit(
            "an activation is a text now, which cannot be called: set the function keras.activations.linear; a name is "
            "looked up only when a layer is made"
        )
    return {
        "outputs": _computed(twin, case),
        "twin's weights": [array(several) for several in twin.get_weights()],
        "original": _computed(network, case),
        "original's weights": [array(several) for several in network.get_weights()],
    }


def _reading(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
    """What became of the original, and of its weights in the twin."""
    outputs, known = answer.get("outputs"), list(case["weights"])
    # A twin need not have the weights as its own: it may compute with those of the model.
    fresh = not same(answer.get("twin's weights"), known) and not same(outputs, _logits(case))
    kept = same(answer.get("original"), _softmax(case)) and same(answer.get("original's weights"), known)
    return {"outputs": outputs, "fresh weights": fresh, "original": kept}


def _computed(network: "keras.Model", case: Case) -> np.ndarray:
    import keras

    with warnings.catch_warnings():
        # Of a model that was made with a list of one input; it takes the images nonetheless.
        warnings.filterwarnings("ignore", "The structure of `inputs` doesn't match")
        return array(keras.ops.convert_to_numpy(network(case["images"].copy(), training=False)))


def _hidden(case: Case) -> np.ndarray:
    weights, biases = case["weights"][:2]
    return np.maximum(case["images"].reshape(len(case["images"]), -1) @ weights + biases, 0)


def _logits(case: Case) -> np.ndarray:
    weights, biases = case["weights"][2:]
    return _hidden(case) @ weights + biases


def _softmax(case: Case) -> np.ndarray:
    powers = np.exp(_logits(case))
    return powers / powers.sum(axis=1, keepdims=True)


def _outputs(*forms: Callable[[Case], np.ndarray]) -> Explains:
    """Whether the twin's outputs are such, whatever else there is."""
    return lambda answers, cases: any(
        all(same(answer["outputs"], form(case)) for answer, case in zip(answers, cases, strict=True)) for form in forms
    )


LINEAR_TWIN = Exercise(
    "4.5",
    "a linear twin",
    3,
    (
        "Which attribute of the last layer makes the softmax? And whose attribute is it, if you set it on a layer "
        "that both models share?",
        "keras.models.clone_model builds the same layers anew, but with weights of their own, drawn by chance: copy "
        "the weights over.",
        "twin = keras.models.clone_model(model); twin.set_weights(model.get_weights()); twin.layers[-1].activation = "
        "keras.activations.linear; return twin.",
    ),
    _cases,
    _probe,
    compare(
        lambda case: {"outputs": _logits(case), "fresh weights": False, "original": True},
        [
            Slip(
                "changes_original",
                "the model that you were handed has changed: it no longer gives the probabilities that it gave. Work "
                "on a clone, or build a last layer of its own.",
                lambda answers, cases: any(answer["original"] is False for answer in answers),
            ),
            Slip(
                "cut_off",
                "your twin ends before the last layer: it has an output for each hidden unit; wanted one for each "
                "class.",
                _outputs(_hidden),
            ),
            Slip("probabilities", "your twin still gives probabilities.", _outputs(_softmax)),
            Slip(
                "logarithms",
                "your twin gives the logarithms of the probabilities. They are logits less a number that depends on "
                "all the others: just what was to go.",
                _outputs(lambda case: np.log(_softmax(case))),
            ),
            Slip(
                "softmax_twice",
                "your twin has a further softmax behind the first.",
                _outputs(lambda case: np.exp(_softmax(case)) / np.exp(_softmax(case)).sum(axis=1, keepdims=True)),
            ),
            Slip(
                "no_bias",
                "your twin's last layer is without the biases.",
                _outputs(lambda case: _logits(case) - case["weights"][3]),
            ),
            Slip(
                "other_activation",
                "your twin's last layer has another activation; wanted none at all.",
                _outputs(
                    lambda case: np.maximum(_logits(case), 0),
                    lambda case: 1 / (1 + np.exp(-_logits(case))),
                    lambda case: np.tanh(_logits(case)),
                ),
            ),
            Slip(
                "fresh_weights",
                "your twin has weights of its own, drawn by chance: a clone has learned nothing. Copy the weights "
                "over.",
                lambda answers, cases: all(answer["fresh weights"] is True for answer in answers),
            ),
        ],
        "these are not the logits of the model.",
        reading=_reading,
    ),
)
