"""Exercises 2.1 and 2.2: the filters of a layer, counted and taken out."""

from collections.abc import Callable
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, array, call, remark
from labkit.exercises.comparing import Slip, compare, gives, same
from labkit.exercises.core import Case, Exercise
from labkit.exercises.counting import numbers_of, says
from labkit.exercises.lab2_cifar_filters_and_occlusion.small_network import network_cases, small_network

# 2.1 count the filters

_COLOURS, _FILTERS, _PLACES = 3, 32, 3 * 3
_FILTER, _LAYER = "weights of one filter", "parameters of the layer"


def _counted(case: Case) -> Plain:
    weights = _COLOURS * _PLACES
    return {"filters": _FILTERS, _FILTER: weights, _LAYER: _FILTERS * weights + _FILTERS}


COUNT_FILTERS = Exercise(
    "2.1",
    "count the filters",
    1,
    (
        "Conv2d(3, 32, 3): channels that come in, channels that go out, rows and columns of a filter. Each filter "
        "makes one of the channels that go out.",
        "A filter has one weight for each of its places in each channel that comes in. What else does a filter add to "
        "its sum?",
        "model[1].weight.shape holds the filters, the channels and the places; model[1].bias one number more for each "
        "filter.",
    ),
    lambda rng: [{}],
    numbers_of("a dictionary with three numbers"),
    compare(
        _counted,
        [
            Slip(
                "kernel_as_filters",
                "in 'filters' stands the size of a filter or the number of channels that come in; wanted how many "
                "filters there are.",
                says("filters", _COLOURS, _PLACES, _COLOURS * _PLACES),
            ),
            Slip(
                "pairs_as_filters",
                "in 'filters' each colour of a filter is counted as a filter by itself; a filter looks at all of them "
                "at once.",
                says("filters", _FILTERS * _COLOURS),
            ),
            Slip(
                "channels_forgotten",
                "a filter looks at all channels that come in, and has weights of its own for each of them.",
                lambda answers, cases: (
                    answers[0][_FILTER] in (_PLACES, _PLACES + 1)
                    or answers[0][_LAYER] in (_FILTERS * _PLACES, _FILTERS * (_PLACES + 1))
                ),
            ),
            Slip(
                "weights_of_all",
                f"in {_FILTER!r} stand the weights of all filters together; wanted those of a single one.",
                says(_FILTER, _FILTERS * _COLOURS * _PLACES, _FILTERS * (_COLOURS * _PLACES + 1)),
            ),
            Slip(
                "bias_among_weights",
                f"in {_FILTER!r} the bias is counted too; it belongs to the parameters, not to the weights.",
                says(_FILTER, _COLOURS * _PLACES + 1),
            ),
            Slip(
                "bias_forgotten",
                f"in {_LAYER!r} stand the weights alone; a filter has one more number that is learned.",
                says(_LAYER, _FILTERS * _COLOURS * _PLACES),
            ),
            Slip(
                "one_bias",
                f"in {_LAYER!r} the layer has a single bias; each filter has one of its own.",
                says(_LAYER, _FILTERS * _COLOURS * _PLACES + 1),
            ),
            Slip(
                "parameters_of_one",
                f"in {_LAYER!r} stand the numbers of a single filter; wanted those of all of them.",
                says(_LAYER, _COLOURS * _PLACES, _COLOURS * _PLACES + 1),
            ),
        ],
        "at least one of the three is not what was expected.",
        right="All that this layer has learned is in these few numbers.",
    ),
)

# 2.2 the second layer's filters

_FIRST, _SECOND, _THIRD, _FOURTH = 1, 3, 7, 9


def _filters_probe(answer: Any, case: Case) -> Plain:
    found = call(answer, small_network(case["seed"], case["widths"]))
    if getattr(found, "requires_grad", False):
        remark("not_detached")
    return {"weights": array(found)}


def _filters(layer: int = _SECOND, part: Any = ..., bias: bool = False) -> Callable[[Case], Plain]:
    def take(case: Case) -> Plain:
        convolution = small_network(case["seed"], case["widths"])[layer]
        weights = array(convolution.bias if bias else convolution.weight)
        return {"weights": weights[part]}

    return take


SECOND_FILTERS = Exercise(
    "2.2",
    "the second layer's filters",
    1,
    (
        "model[number] is a layer, and a convolution keeps its filters in .weight. Print the model: which number has "
        "the second convolution?",
        "The layers without weights are numbered too. And detach(): a picture needs no gradients.",
        "The first layer's filters are model[1].weight.detach(); the second convolution stands two places on.",
    ),
    network_cases,
    _filters_probe,
    compare(
        _filters(),
        [
            Slip(
                "own_model",
                "whatever network your function gets, it gives back the same weights, those of the notebook's own "
                "model, it seems: use the network that is handed to it.",
                lambda answers, cases: all(same(answer["weights"], answers[0]["weights"]) for answer in answers),
            ),
            Slip("first_layer", "these are the first convolution's filters.", gives(_filters(layer=_FIRST))),
            Slip(
                "later_layer",
                "these are the filters of a convolution further up, behind the pooling.",
                gives(*(_filters(layer=n) for n in (_THIRD, _FOURTH))),
            ),
            Slip(
                "bias", "this is the bias, one number for each filter; wanted the weights.", gives(_filters(bias=True))
            ),
            Slip("one_filter", "this is the first filter alone; wanted all of them.", gives(_filters(part=0))),
            Slip(
                "one_channel",
                "of each filter you keep the part that looks at the first channel; wanted all of its channels. (The "
                "figure chooses what it shows.)",
                gives(*(_filters(part=np.s_[:, channels]) for channels in (0, slice(1), slice(3)))),
            ),
        ],
        "these are not the weights of the second convolution.",
    ),
    remarks={"not_detached": "the filters still take part in the computing of gradients: detach() them for a picture."},
)
