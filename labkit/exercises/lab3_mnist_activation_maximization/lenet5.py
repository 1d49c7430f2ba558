"""Exercises 3.8 and 3.9: the sizes of LeNet-5's maps, and the network itself."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, array, entries
from labkit.exercises.comparing import Explains, Slip, compare
from labkit.exercises.core import Case, Exercise
from labkit.exercises.counting import numbers_of, says
from labkit.exercises.lab3_mnist_activation_maximization import networks
from labkit.exercises.lab3_mnist_activation_maximization.networks import ENDINGS, computes

if TYPE_CHECKING:
    import torch
    from torch import nn

# 3.8 the sizes of the maps

_KERNEL, _MAPS = 5, 16
_INPUTS = "inputs of the first linear layer"
_NAMES = ("conv1", "pool1", "conv2", "pool2", _INPUTS)


def _sides(side: int = 28, lost: int = _KERNEL - 1, maps: int = _MAPS) -> dict[str, float]:
    """The sides of the maps, where a convolution takes away so much, and how many numbers are left."""
    first = side - lost
    second = first // 2 - lost
    last = second // 2
    return dict(zip(_NAMES, (first, first // 2, second, last, maps * last**2), strict=True))


_RIGHT = _sides()


def _read(answer: Any, case: Case) -> Plain:
    wanted = "a dictionary with five numbers"
    pairs = [name for name, value in entries(answer, wanted).items() if isinstance(value, (tuple, list))]
    if pairs:
        raise Misfit(f"in {pairs[0]!r}: wanted a single number, of a map one side's length")
    return numbers_of(wanted)(answer, case)


def _maps_like(**wrong: int) -> Explains:
    """The sides of the maps are all such."""
    return lambda answers, cases: all(answers[0][name] == _sides(**wrong)[name] for name in _NAMES[:4])


MAP_SIZES = Exercise(
    "3.8",
    "the sizes of the maps",
    2,
    (
        "Lay a window of 5 pixels at the left end of a row of 28, and move it by one pixel at a time. In how many "
        "places can it stand?",
        "A convolution without padding takes 5 - 1 pixels off each side's length; pooling by 2 halves what is left.",
        "The first linear layer reads all numbers of the last maps: 16 maps, times rows, times columns.",
    ),
    lambda rng: [{}],
    _read,
    compare(
        lambda case: dict(_RIGHT),
        [
            Slip(
                "padding",
                "your convolutions keep the size of the image, as with padding; here there is none, so the window must "
                "lie inside.",
                lambda answers, cases: any(
                    holds(answers, cases) for holds in (_maps_like(lost=0), says("conv1", 28), says("conv2", 12))
                ),
            ),
            Slip(
                "paper_image",
                "these are the sizes in the paper, whose images have 32 x 32 pixels; MNIST's have fewer.",
                _maps_like(side=32),
            ),
            Slip(
                "kernel_off_by_one",
                "a convolution takes one pixel less away than the kernel has: a window as wide as the row still has "
                "one place.",
                lambda answers, cases: any(_maps_like(lost=lost)(answers, cases) for lost in (_KERNEL, _KERNEL - 2)),
            ),
            Slip(
                "half_the_kernel",
                "you take half a kernel off; without padding it is missing on both sides.",
                _maps_like(lost=_KERNEL // 2),
            ),
            Slip(
                "pixels_of_a_map", "give the side of a map, in pixels; these are all its pixels.", says("conv1", 24**2)
            ),
            Slip(
                "channels_forgotten",
                f"in {_INPUTS!r} stand the numbers of a single map; the layer reads all maps.",
                says(_INPUTS, _RIGHT["pool2"] ** 2),
            ),
            Slip(
                "maps_of_the_first",
                f"in {_INPUTS!r} you count the maps of the first convolution; the layer reads those of the second.",
                says(_INPUTS, 6 * _RIGHT["pool2"] ** 2),
            ),
            Slip(
                "one_side",
                f"in {_INPUTS!r} you count one side of each map; wanted rows times columns.",
                says(_INPUTS, _MAPS * _RIGHT["pool2"]),
            ),
        ],
        "at least one of the five is not what was expected.",
        right="And so the first linear layer's size follows from the image's.",
    ),
)

# 3.9 LeNet-5

_CONVOLUTIONS: list[networks.Shape] = [(6, 1, 5, 5), (6,), (_MAPS, 6, 5, 5), (_MAPS,)]
_DENSE: list[networks.Shape] = [(120, 256), (120,), (84, 120), (84,), (networks.CLASSES, 84), (networks.CLASSES,)]
_SHAPES = [*_CONVOLUTIONS, *_DENSE]


def _probe(answer: Any, case: Case) -> Plain:
    import torch

    network = networks.network(answer).eval()
    if not _flattens(network, torch.from_numpy(case["images"].copy())):
        return {"flattens": False, "sizes": [], "outputs": np.zeros(0)}
    sizes = networks.sizes([tuple(parameter.shape) for parameter in network.parameters()])
    fits = sizes == networks.sizes(_SHAPES)
    outputs = networks.outputs(network, case, _SHAPES) if fits else np.zeros(0)
    return {"flattens": True, "sizes": sizes, "outputs": outputs}


def _flattens(network: "nn.Module", images: "torch.Tensor") -> bool:
    """Whether the dense layers read rows of numbers; maps they take too, row by row, or break at their size.

    Sizes that are found out at the first image are known afterwards.
    """
    import torch
    from torch import nn

    axes = [2]
    for dense in (module for module in network.modules() if isinstance(module, nn.Linear)):
        dense.register_forward_pre_hook(lambda module, inputs: axes.append(inputs[0].ndim))
    with torch.no_grad():
        try:
            network(images)
        except RuntimeError:
            if max(axes) == 2:
                raise
    return max(axes) == 2


def _outputs(
    ending: networks.Ending = lambda z: z.log_softmax(1),
    between: Sequence[networks.Ending] = (lambda h: h.relu(),) * 4,
    average: bool = False,
) -> Callable[[Case], np.ndarray]:
    def run(case: Case) -> np.ndarray:
        import torch
        from torch.nn import functional as F

        known = networks.weights(case["seed"], _SHAPES)
        values = [torch.from_numpy(known[shape]) for shape in _SHAPES]
        pool = F.avg_pool2d if average else F.max_pool2d
        h = torch.from_numpy(case["images"])
        for place, then in enumerate((*between, ending)):
            weight, bias = values[2 * place : 2 * place + 2]
            h = pool(then(F.conv2d(h, weight, bias)), 2) if place < 2 else then(h.flatten(1) @ weight.T + bias)
        return array(h)

    return run


def _first_dense_reads(*inputs: int) -> Explains:
    return lambda answers, cases: any([120, several] in answers[0]["sizes"] for several in inputs)


LENET5 = Exercise(
    "3.9",
    "LeNet-5",
    3,
    (
        "Two blocks of convolution, ReLU and pooling, then three dense layers: your numbers of exercise 3.8 say what "
        "goes in and out.",
        "nn.Conv2d(1, 6, 5) has no padding unless it is asked for. Between the last pooling and the first nn.Linear: "
        "nn.Flatten().",
        "nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), ..., nn.Flatten(), "
        "nn.Linear(256, 120), nn.ReLU(), ..., nn.LogSoftmax(dim=1)).",
    ),
    lambda rng: networks.image_cases(rng, 2),
    _probe,
    compare(
        lambda case: {"flattens": True, "sizes": networks.sizes(_SHAPES), "outputs": _outputs()(case)},
        [
            Slip(
                "no_flatten",
                "your first dense layer is given maps, (N, 16, 4, 4) as they leave the last pooling, of which it reads "
                "the last axis alone: flatten them before.",
                lambda answers, cases: any(answer["flattens"] is False for answer in answers),
            ),
            Slip(
                "padding",
                "your maps are larger than those of exercise 3.8, as with padding; wanted none.",
                _first_dense_reads(_MAPS * 5 * 5, _MAPS * 7 * 7),
            ),
            Slip(
                "missing_pool",
                "your maps are larger than those of exercise 3.8: is a pooling missing?",
                _first_dense_reads(_MAPS * 8 * 8, _MAPS * 10 * 10, _MAPS * 20 * 20),
            ),
            Slip(
                "wrong_sizes",
                "the sizes of your layers are not those of LeNet-5, each with a bias: print the network, and compare.",
                lambda answers, cases: any(answer["sizes"] != networks.sizes(_SHAPES) for answer in answers),
            ),
            *(Slip(name, told, computes(*map(_outputs, forms))) for name, (told, forms) in ENDINGS.items()),
            Slip(
                "missing_relu",
                "a ReLU is missing behind at least one of the first four layers.",
                computes(*(_outputs(between=several) for several in networks.some_missing(4))),
            ),
            Slip(
                "missing_relu_and_logits",
                "two things are missing: a ReLU behind at least one of the first four layers, and the log-softmax at "
                "the end.",
                computes(*(_outputs(lambda z: z, several) for several in networks.some_missing(4))),
            ),
            Slip(
                "other_nonlinearity",
                "there is another nonlinearity between your layers, as in the paper; wanted a ReLU.",
                computes(
                    *(
                        _outputs(between=[then] * 4, average=average)
                        for then in (lambda h: h.tanh(), lambda h: h.sigmoid())
                        for average in (False, True)
                    )
                ),
            ),
            Slip(
                "average_pool",
                "your pooling takes the mean, as in the paper; wanted the largest.",
                computes(_outputs(average=True)),
            ),
        ],
        "this is not the network that was wanted.",
    ),
)
