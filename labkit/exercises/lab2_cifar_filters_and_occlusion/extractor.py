"""Exercise 2.4: the network up to a layer, as a slice."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call
from labkit.exercises.comparing import Slip, compare, in_part, same
from labkit.exercises.core import Case, Exercise
from labkit.exercises.lab2_cifar_filters_and_occlusion.small_network import (
    FIRST_LINEAR,
    SIDE,
    network_cases,
    small_network,
)

if TYPE_CHECKING:
    import torch
    from torch import nn


def _cases(rng: np.random.Generator) -> list[Case]:
    return [case | {"images": rng.uniform(size=(5, 3, SIDE, SIDE)).astype(np.float32)} for case in network_cases(rng)]


def _probe(answer: Any, case: Case) -> Plain:
    import torch
    from torch import nn

    if isinstance(answer, nn.Module):
        raise Misfit("got a network where a function was wanted that makes one of the network it is handed")
    model = small_network(case["seed"], case["widths"])
    extractor = call(answer, model)
    if isinstance(extractor, (list, tuple)):
        raise Misfit(
            "your function gives back a list of layers, which cannot be called: slice the model itself, or put the "
            "layers into nn.Sequential"
        )
    if isinstance(extractor, torch.Tensor) or not callable(extractor):
        raise Misfit("your function gives back no network: a part of the model was wanted, not what it computes")
    layers = list(extractor.modules()) if isinstance(extractor, nn.Module) else []
    if layers and not any(isinstance(layer, nn.Conv2d) for layer in layers):
        raise Misfit("your extractor has no convolution, so it cannot read images: wanted all layers from the first on")
    images = torch.from_numpy(case["images"].copy())
    features = call(extractor, images)
    dropouts = [layer for layer in (*model, *layers) if isinstance(layer, nn.Dropout)]
    return {
        "features": array(features),
        "drops": any(layer.training for layer in dropouts),
        "whole network": _computed(model, images),
    }


def _computed(model: "nn.Module", images: "torch.Tensor") -> np.ndarray:
    """What the network makes of images; nothing if a layer that others need is gone."""
    try:
        return array(model(images))
    except RuntimeError:
        return np.zeros(0)


def _features(stop: int | None = FIRST_LINEAR + 1, start: int = 0) -> Callable[[Case], Plain]:
    """What layers ``start`` to ``stop - 1`` make of the images."""

    def run(case: Case) -> Plain:
        import torch

        with torch.no_grad():
            model = small_network(case["seed"], case["widths"])
            return {"features": array(model[start:stop](torch.from_numpy(case["images"].copy())))}

    return run


def _right(case: Case) -> Plain:
    return _features()(case) | {"drops": False, "whole network": True}


def _reading(answer: dict[str, Plain], case: Case) -> dict[str, Plain]:
    """Whether the network that was handed over is what it was; that dropout is active only explains what is wrong."""
    features, whole = answer.get("features"), answer.get("whole network")
    kept = same(whole, _features(stop=None)(case)["features"])
    wrong = not kept or not same(features, _features()(case)["features"])
    return {"features": features, "drops": answer.get("drops") is True and wrong, "whole network": kept}


EXTRACTOR = Exercise(
    "2.4",
    "the slice that is an extractor",
    2,
    (
        "model[a:b] is a network of its own, made of the layers a to b - 1. At which number stands the first Linear?",
        "Python's slices leave their end out: model[0:5] holds the layers 0, 1, 2, 3 and 4.",
        "Print the model and find the first Linear; one more than its number is the slice's end: model[:end].",
    ),
    _cases,
    _probe,
    compare(
        _right,
        [
            Slip(
                "training_mode",
                "dropout is active in your extractor: half of the numbers are drawn by chance. Leave the model in "
                "evaluation mode.",
                lambda answers, cases: any(answer["drops"] for answer in answers),
            ),
            Slip(
                "changes_network",
                "your function changes the network that it is handed, which others still need whole: a slice or a new "
                "nn.Sequential leaves it as it is.",
                lambda answers, cases: any(not answer["whole network"] for answer in answers),
            ),
            Slip(
                "one_early",
                "your slice ends before the first Linear: the end of a slice is left out.",
                in_part(*(_features(stop) for stop in (FIRST_LINEAR - 1, FIRST_LINEAR))),
            ),
            Slip(
                "one_late",
                "your slice goes on through the ReLU behind the Linear, so all that was negative is 0; wanted the "
                "Linear's own numbers.",
                in_part(_features(FIRST_LINEAR + 2)),
            ),
            Slip(
                "whole_network",
                "this is the whole network, with an output for each class; wanted the layers up to the first Linear.",
                in_part(_features(FIRST_LINEAR + 4)),
            ),
            Slip(
                "without_first_layer",
                "your slice leaves out layer 0, which shifts the range of the images; wanted all layers from 0 on.",
                in_part(_features(start=1)),
            ),
        ],
        "these are not the numbers behind the first Linear.",
        reading=_reading,
    ),
)
