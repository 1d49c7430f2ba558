"""Exercise 5.2: the network up to a layer that is given by its name."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call, kind_of
from labkit.exercises.comparing import Slip, compare, in_part, same
from labkit.exercises.core import Case, Exercise, Verdict
from labkit.exercises.lab5_receptive_field_patches.small_network import (
    CONVOLUTIONS,
    network_case,
    outputs_of,
    small_network,
)

if TYPE_CHECKING:
    import keras


def _cases(rng: np.random.Generator) -> list[Case]:
    return [network_case(rng) | {"layer": layer} for layer in CONVOLUTIONS]


def _probe(answer: Any, case: Case) -> Plain:
    import keras

    if isinstance(answer, keras.Model):
        raise Misfit("got a model where a function was wanted that makes one of the model it is handed")
    network = small_network(case)
    model = _read(call(answer, network, case["names"][case["layer"]]), network)
    return {
        "output": _computed(model, case),
        "weights": [array(weights) for weights in model.get_weights()],
        "original": _computed(network, case),
    }


def _read(found: Any, network: "keras.Model") -> "keras.Model":
    """What the answer gives back, if it is a model that reads the network's images.

    A model that is a class of its own, or has not been called yet, does not know its inputs and outputs.
    """
    import keras

    if not isinstance(found, keras.Model):
        raise _no_model(found)
    shapes = [tuple(tensor.shape) for tensor in getattr(found, "inputs", None) or [network.input]]
    if shapes != [tuple(network.input.shape)]:
        raise Misfit("your model does not begin where the images come in: wanted it to take what the given model takes")
    if len(getattr(found, "outputs", None) or [network.output]) != 1:
        raise Misfit("your model has several outputs; wanted that of the one layer")
    return found


def _no_model(found: Any) -> Misfit:
    """What the answer gives back in a model's place, and what is missing to make one of it."""
    import keras

    if isinstance(found, keras.KerasTensor):
        return Misfit("your function gives back a layer's output alone; a keras.Model needs to know its input too")
    if isinstance(found, keras.layers.Layer):
        return Misfit(
            "your function gives back the layer alone, which cannot read images: wanted a model that ends with it"
        )
    if keras.ops.is_tensor(found) or isinstance(found, np.ndarray):
        return Misfit("your function gives back numbers: wanted the model that will compute them, not what it computes")
    return Misfit(f"your function gives back {kind_of(found)} where a model was wanted, a keras.Model")


def _computed(model: "keras.Model", case: Case) -> np.ndarray:
    import keras

    images = case["images"].copy()
    if isinstance(model, keras.Sequential) and not model.layers:
        return images  # which Keras cannot run, though it is what a slice that ends too early leaves
    output = model([images] if isinstance(getattr(model, "input", None), list) else images, training=False)
    return array(keras.ops.convert_to_numpy(output[0] if isinstance(output, list) else output))


def _right(case: Case) -> dict[str, Plain]:
    return {"output": outputs_of(case)[case["layer"]], "weights": case["weights"], "original": outputs_of(case)[-1]}


def _ends(place: Callable[[int], int]) -> Callable[[Case], dict[str, Plain]]:
    """The output of the layer that stands at another place, counted from the right one's."""
    return lambda case: {"output": outputs_of(case)[place(case["layer"])]}


def _changed(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    """Whether the given network no longer gives what it gave, in one case at least."""
    return any(
        not same(answer["original"], _right(case)["original"]) for answer, case in zip(answers, cases, strict=True)
    )


def _fresh(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(
        not same(answer["weights"], case["weights"]) and answer["output"].shape == _right(case)["output"].shape
        for answer, case in zip(answers, cases, strict=True)
    )


def _some_layer(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return all(
        any(same(answer["output"], output) for output in outputs_of(case))
        for answer, case in zip(answers, cases, strict=True)
    )


_SLIPS = (
    Slip(
        "changes_original",
        "the model that you were handed has changed: it no longer gives what it gave. The extractor shares its "
        "layers, so there is nothing to copy or to set.",
        _changed,
    ),
    Slip(
        "whole_model",
        "your model goes on to the end: it gives a number for each class, not the maps of the layer.",
        in_part(_ends(lambda place: -1)),
    ),
    Slip(
        "one_late",
        "your model ends one layer too late.",
        in_part(_ends(lambda place: place + 1)),
    ),
    Slip(
        "one_early",
        "your model ends one layer too early: it gives what the layer takes in, not what it makes of it. (A "
        "slice leaves its end out, and a layer has .input and .output.)",
        in_part(_ends(lambda place: place - 1)),
    ),
    Slip(
        "fresh_weights",
        "your model has the layer's shape, but not its weights, the learned ones: use the layers of the model, and "
        "neither new ones nor a clone.",
        _fresh,
    ),
    Slip(
        "other_layer",
        "your model ends at another layer than the one that was asked for: take it by `layer_name`, not by a "
        "number or a name of your own.",
        _some_layer,
    ),
)


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """Compares outputs and weights; a model that ends early has only some of the network's weights."""
    compared = compare(_right, _SLIPS, "this is not what the layer gives.")
    return compared([_with_all_weights(answer, case) for answer, case in zip(answers, cases, strict=True)], cases)


def _with_all_weights(answer: Plain, case: Case) -> Plain:
    """All of the network's weights in place of some of them."""
    found = answer.get("weights") if isinstance(answer, dict) else None
    if isinstance(found, list) and found and all(any(same(one, ours) for ours in case["weights"]) for one in found):
        return answer | {"weights": case["weights"]}
    return answer


EXTRACTOR = Exercise(
    "5.2",
    "a model that ends earlier",
    2,
    (
        "A functional model is a graph: each layer knows its own output there. Which layer has this name?",
        "model.get_layer(name) finds the layer, and .output is the place in the graph where its numbers come out.",
        "keras.Model(inputs, outputs) makes a model of any stretch of the graph: from model.input to the layer's "
        "output.",
    ),
    _cases,
    _probe,
    _judge,
)
