"""Exercise 3.2: the network of four dense layers, with dropout between them."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Plain, array, remark
from labkit.exercises.comparing import Explains, Slip, compare
from labkit.exercises.core import Case, Exercise
from labkit.exercises.lab3_mnist_activation_maximization import networks
from labkit.exercises.lab3_mnist_activation_maximization.networks import ENDINGS, computes

if TYPE_CHECKING:
    import torch
    from torch import nn

_WIDTHS = (28 * 28, 256, 128, 64, networks.CLASSES)
_SHAPES = [shape for before, after in pairwise(_WIDTHS) for shape in ((after, before), (after,))]
_RATES = (0.2, 0.3, 0.4, 0.6, 0.7, 0.8)  # of no half one could tell whether it rests or stays
_REPEATS = 60
# Where units may rest, by their place in what _resting gives.
_IMAGE, *_HIDDEN, _OUTPUT = range(5)
_WATCHED = tuple((width,) for width in _WIDTHS[1:])


def _cases(rng: np.random.Generator) -> list[Case]:
    cases, rates = networks.image_cases(rng, 2), rng.choice(_RATES, 2, replace=False).tolist()
    return [case | {"dropout": dropout} for case, dropout in zip(cases, rates, strict=True)]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    network = networks.network(answer, case["dropout"])
    with torch.random.fork_rng(devices=[]):
        reads = _reads_images(network, torch.from_numpy(case["images"].copy()))
        sizes = networks.sizes([tuple(parameter.shape) for parameter in network.parameters()])
        if not reads or sizes != networks.sizes(_SHAPES):
            return {"reads": reads, "sizes": sizes, "outputs": np.zeros(0), "training": [], "evaluation": []}
        torch.manual_seed(case["seed"])
        resting = _resting(network.train(), case)
        for name, place in (("rests_on_image", _IMAGE), ("rests_on_output", _OUTPUT)):
            if resting[place] > 0:
                remark(name)
        return {
            "reads": reads,
            "sizes": sizes,
            "outputs": networks.outputs(network, case, _SHAPES),
            "training": [resting[place] for place in _HIDDEN],
            "evaluation": _resting(network.eval(), case),
        }


def _reads_images(network: "nn.Module", images: "torch.Tensor") -> bool:
    """Whether the network reads images as they are; one that reads flat ones alone does not."""
    import torch

    with torch.no_grad():
        try:
            network(images)
        except RuntimeError:
            network(images.flatten(1))
            return False
    return True


def _resting(network: "nn.Module", case: Case) -> list[float]:
    """The share of units that rest, to one decimal, by place.

    All weights are above 0, so that no ReLU is ever off: where a gradient is 0 nonetheless, a unit rests.
    """
    import torch

    known = networks.weights(case["seed"], _SHAPES)
    networks.fill(network, {shape: (np.abs(value) + 0.1) / value[0].size for shape, value in known.items()})
    biases = [p for shape in _WATCHED for p in network.parameters() if tuple(p.shape) == shape]
    image = torch.from_numpy(case["images"][:1] + np.float32(0.1)).requires_grad_()
    shares = []
    for _ in range(_REPEATS):
        output = network(image)
        ahead = (output * torch.linspace(1, 2, networks.CLASSES)).sum()
        gradients = torch.autograd.grad(ahead, [image, *(bias.requires_grad_() for bias in biases)])
        silent = [array(gradient == 0).ravel() for gradient in gradients]
        silent[_OUTPUT] |= array(output == 0).ravel()
        shares.append([float(several.mean()) for several in silent])
    return [round(float(share), 1) for share in np.mean(shares, axis=0)]


def _outputs(
    ending: networks.Ending = lambda z: z.log_softmax(1),
    between: Sequence[networks.Ending] = (lambda h: h.relu(),) * 3,
) -> Callable[[Case], np.ndarray]:
    def run(case: Case) -> np.ndarray:
        import torch

        known = networks.weights(case["seed"], _SHAPES)
        values = [torch.from_numpy(known[shape]) for shape in _SHAPES]
        h = torch.from_numpy(case["images"]).flatten(1)
        for weight, bias, then in zip(values[::2], values[1::2], (*between, ending), strict=True):
            h = then(h @ weight.T + bias)
        return array(h)

    return run


def _rests(layer: int, holds: Callable[[float, float], bool]) -> Explains:
    """What holds, in training mode, for the share behind a hidden layer and the rate that was asked for."""
    return lambda answers, cases: all(
        len(answer["training"]) > layer and holds(answer["training"][layer], case["dropout"])
        for answer, case in zip(answers, cases, strict=True)
    )


def _one_bare(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return any(_rests(layer, lambda share, rate: share == 0)(answers, cases) for layer in range(len(_HIDDEN)))


def _rate_ignored(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    return any(len({answer["training"][layer] for answer in answers}) == 1 for layer in range(len(_HIDDEN)))


MLP = Exercise(
    "3.2",
    "four dense layers, with dropout",
    3,
    (
        "An image comes as (1, 28, 28); a dense layer reads a row of numbers. What must stand in front of it?",
        "Behind each dense layer but the last: a ReLU, and then nn.Dropout(dropout). A module switches itself off in "
        "evaluation mode; a function such as F.dropout must be told.",
        "nn.Sequential(nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Dropout(dropout), ...): go on like this to "
        "64, and end with nn.Linear(64, 10), nn.LogSoftmax(dim=1).",
    ),
    _cases,
    _probe,
    compare(
        lambda case: {
            "reads": True,
            "sizes": networks.sizes(_SHAPES),
            "outputs": _outputs()(case),
            "training": [case["dropout"]] * len(_HIDDEN),
            "evaluation": [0.0] * (1 + len(_WATCHED)),
        },
        [
            Slip(
                "no_flatten",
                "your network reads rows of 784 numbers alone; images come as (N, 1, 28, 28): flatten them first.",
                lambda answers, cases: any(answer["reads"] is False for answer in answers),
            ),
            Slip(
                "wrong_sizes",
                "the sizes of your layers are not those of 784-256-128-64-10, each with a bias: print the network.",
                lambda answers, cases: any(answer["sizes"] != networks.sizes(_SHAPES) for answer in answers),
            ),
            *(Slip(name, told, computes(*map(_outputs, forms))) for name, (told, forms) in ENDINGS.items()),
            Slip(
                "no_nonlinearity",
                "a ReLU is missing between two of the layers, and without it two layers are no more than one.",
                computes(*(_outputs(between=several) for several in networks.some_missing(3))),
            ),
            Slip(
                "no_nonlinearity_and_logits",
                "two things are missing: a ReLU between two of the layers, and the log-softmax at the end.",
                computes(*(_outputs(lambda z: z, several) for several in networks.some_missing(3))),
            ),
            Slip(
                "other_nonlinearity",
                "there is another nonlinearity between your layers; wanted a ReLU.",
                computes(
                    _outputs(between=[lambda h: h.tanh()] * 3),
                    _outputs(between=[lambda h: h.sigmoid()] * 3),
                ),
            ),
            Slip(
                "rests_in_evaluation",
                "dropout is active in evaluation mode too, so no two answers of your network are alike: F.dropout "
                "wants training=self.training.",
                lambda answers, cases: any(any(answer["evaluation"]) for answer in answers),
            ),
            Slip(
                "no_dropout",
                "no hidden unit ever rests in training mode: where is the dropout?",
                lambda answers, cases: all(not any(answer["training"]) for answer in answers),
            ),
            Slip("one_layer_bare", "behind one of the three hidden layers no unit ever rests.", _one_bare),
            Slip(
                "share_kept",
                "your rate is the share of units that stay; wanted the share that rests.",
                _rests(0, lambda share, rate: round(share + rate, 1) == 1),
            ),
            Slip(
                "rate_ignored",
                "your dropout has the same rate whatever is asked for, in one place at least: hand `dropout` on.",
                _rate_ignored,
            ),
        ],
        "this is not the network that was wanted.",
    ),
    remarks={
        "rests_on_output": "dropout on the output takes classes away by chance; wanted between the layers alone.",
        "rests_on_image": "dropout takes pixels away; wanted between the layers alone.",
    },
)
