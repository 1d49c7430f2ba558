"""What a network is, as plain data: the sizes of its layers, and what it computes with weights that the judge knows."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, call, kind_of
from labkit.exercises.comparing import Explains, same
from labkit.exercises.core import Case

if TYPE_CHECKING:
    import torch
    from torch import nn

#: Of a parameter. All parameters of a network here have different ones, so a shape names its parameter.
Shape: TypeAlias = tuple[int, ...]

CLASSES = 10


def image_cases(rng: np.random.Generator, count: int) -> list[Case]:
    """Cases with a few images and the seed of the weights."""
    return [
        {"images": rng.uniform(size=(4, 1, 28, 28)).astype(np.float32), "seed": int(rng.integers(2**31))}
        for _ in range(count)
    ]


def network(answer: Any, *arguments: Any) -> "nn.Module":
    """What the student's function makes, if it is a network.

    Raises:
        Unanswered: as ``call``.
        Misfit: it is none, or the answer is a network itself.
    """
    from torch import nn

    if isinstance(answer, nn.Module):
        raise Misfit("got a network where a function that makes one was wanted: put it behind the function's return")
    made = call(answer, *arguments)
    if isinstance(made, type):
        raise Misfit("your function gives back a class; wanted the network that the class makes, so with brackets")
    if not isinstance(made, nn.Module):
        raise Misfit(f"your function gives back {kind_of(made)} where a network was wanted, an nn.Module")
    return made


def sizes(shapes: Sequence[Shape]) -> list[list[int]]:
    """The shapes of parameters as plain data, in an order of their own."""
    return sorted(list(shape) for shape in shapes)


def weights(seed: int, shapes: Sequence[Shape]) -> dict[Shape, np.ndarray]:
    """Weights that let a signal pass through many layers, neither fading nor growing."""
    rng = np.random.default_rng(seed)
    spread = {shape: np.sqrt(2 / prod(shape[1:])) if len(shape) > 1 else 0.5 for shape in shapes}
    return {shape: rng.normal(0, spread[shape], shape).astype(np.float32) for shape in shapes}


def fill(module: "nn.Module", values: Mapping[Shape, np.ndarray]) -> None:
    """Put values into the parameters, each known by its shape."""
    import torch

    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.from_numpy(values[tuple(parameter.shape)]))


def outputs(module: "nn.Module", case: Case, shapes: Sequence[Shape]) -> np.ndarray:
    """What a network computes in evaluation mode with the case's weights."""
    import torch

    fill(module.eval(), weights(case["seed"], shapes))
    with torch.no_grad():
        return array(module(torch.from_numpy(case["images"].copy())))


#: What may stand at a network's end: logits (N, C) -> (N, C).
Ending: TypeAlias = Callable[["torch.Tensor"], "torch.Tensor"]

#: The mistakes at a network's end, by name, with what is said about each and what it does.
ENDINGS: dict[str, tuple[str, tuple[Ending, ...]]] = {
    "logits": (
        "your network gives logits: the log-softmax at its end is missing.",
        (lambda z: z,),
    ),
    "softmax_without_log": (
        "your network gives probabilities; wanted their logarithms.",
        (lambda z: z.softmax(1),),
    ),
    "softmax_twice": (
        "there is a softmax before the log-softmax, which makes all classes nearly equal: a log-softmax wants logits.",
        (lambda z: z.softmax(1).log_softmax(1),),
    ),
    "over_batch": (
        "your log-softmax runs over the images of the batch; wanted over the classes: dim=1.",
        (lambda z: z.log_softmax(0), lambda z: z.softmax(0)),
    ),
    "relu_on_output": (
        "there is a ReLU between the last layer and the log-softmax, so all negative logits are equal.",
        (lambda z: z.relu().log_softmax(1),),
    ),
}


def some_missing(layers: int) -> list[list[Ending]]:
    """What stands behind each of so many layers where one ReLU or more is missing, in all ways there are."""
    kept = [several for several in product((False, True), repeat=layers) if not all(several)]
    return [[(lambda h: h.relu()) if there else (lambda h: h) for there in several] for several in kept]


def computes(*forms: Callable[[Case], np.ndarray]) -> Explains:
    """For a slip: the outputs, whatever else there is, are those of one of these networks."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        pairs = list(zip(answers, cases, strict=True))
        return any(all(same(answer["outputs"], form(case)) for answer, case in pairs) for form in forms)

    return explains
