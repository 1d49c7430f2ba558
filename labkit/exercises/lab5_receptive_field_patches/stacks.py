"""Exercise 5.6: receptive field and stride of any stack of layers."""

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from math import prod
from operator import mul
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, call_unchanged, kind_of, number
from labkit.exercises.comparing import Slip, compare, in_part
from labkit.exercises.core import Case, Exercise

# Of (kernel, stride, dilation).
_FIXED: list[list[tuple[int, int, int]]] = [
    [(3, 1, 1)] * 3 + [(2, 2, 1)] + [(3, 1, 1)] * 3,  # the lab's own
    [],
    [(5, 3, 1)],
    [(1, 2, 1), (3, 1, 4), (1, 1, 1), (2, 3, 2)],  # kernel 1: sees no further, but may move by more
    [(3, 2, 1), (3, 1, 2), (3, 1, 4), (5, 2, 1)],
]
_RANDOM = 5


def _cases(rng: np.random.Generator) -> list[Case]:
    """Some stacks with a point, and random ones."""
    drawn = [rng.integers(1, (8, 4, 4), (int(rng.integers(2, 7)), 3)).tolist() for _ in range(_RANDOM)]
    return [{"layers": [list(layer) for layer in stack]} for stack in (*_FIXED, *drawn)]


def _probe(answer: Any, case: Case) -> Plain:
    try:
        found = call_unchanged(answer, [tuple(layer) for layer in case["layers"]])
    except Misfit as error:
        if not case["layers"]:
            raise Misfit(
                f"of a stack without layers: {error} A return within the loop is then never reached"
            ) from error
        raise
    if not isinstance(found, (tuple, list, np.ndarray)) or len(found) != 2:
        if isinstance(found, (tuple, list)):
            raise Misfit(f"got {len(found)} things where two were wanted: the size and the stride, in this order")
        raise Misfit(f"got {kind_of(found)} where two numbers were wanted: the size and the stride, in this order")
    return dict(zip(("size", "stride"), map(number, found), strict=True))


def _before(strides: Iterable[int]) -> list[int]:
    """How many pixels a step is long in front of each layer."""
    return [1, *accumulate(strides, mul)][:-1]


def _size(
    reach: Callable[[int, int], int] = lambda kernel, dilation: (kernel - 1) * dilation,
    steps: Callable[[list[int]], Iterable[int]] = _before,
    start: int = 1,
    part: slice = np.s_[:],
) -> Callable[[Case], dict[str, Plain]]:
    """The size, or what becomes of it when one thing or another is wrong.

    Args:
        reach: how many steps a layer sees further than a single one, by kernel and dilation.
        steps: how many pixels each layer's steps are long, by all strides.
        start: what is there without any layer.
        part: the layers that are counted, in their order.
    """

    def run(case: Case) -> dict[str, Plain]:
        layers = case["layers"][part]
        lengths = steps([stride for _, stride, _ in layers])
        wider = sum(
            reach(kernel, dilation) * length for (kernel, _, dilation), length in zip(layers, lengths, strict=False)
        )
        return {"size": float(start + wider)}

    return run


def _stride(rule: Callable[[list[int]], float] = prod) -> Callable[[Case], dict[str, Plain]]:
    return lambda case: {"stride": float(rule([stride for _, stride, _ in case["layers"]]))}


def _carried(step: Callable[[int, int, int], int], part: slice = np.s_[:]) -> Callable[[Case], dict[str, Plain]]:
    """The size as one number that is carried from layer to layer: of (size, reach, stride) the next size."""

    def run(case: Case) -> dict[str, Plain]:
        size = 1
        for kernel, stride, dilation in case["layers"][part]:
            size = step(size, (kernel - 1) * dilation, stride)
        return {"size": float(size)}

    return run


def _right(case: Case) -> dict[str, Plain]:
    return _size()(case) | _stride()(case)


def _swapped(case: Case) -> dict[str, Plain]:
    right = _right(case)
    return {"size": right["stride"], "stride": right["size"]}


def _right_with_layers(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
    deep = [(answer, case) for answer, case in zip(answers, cases, strict=True) if case["layers"]]
    return in_part(_right)([answer for answer, _ in deep], [case for _, case in deep])


def _ones(strides: list[int]) -> list[int]:
    return [1] * len(strides)


def _sums(strides: list[int]) -> list[int]:
    return [1, *(1 + total for total in accumulate(strides))]


_BACKWARDS = np.s_[::-1]

RECEPTIVE_FIELD_OF = Exercise(
    "5.6",
    "receptive field of any stack",
    4,
    (
        "Begin with what is true of a pixel: size 1, stride 1. What does each layer do to the two?",
        "A window of `kernel` places, `dilation` apart, goes (kernel - 1) * dilation steps further than its first "
        "place. How many pixels long is a step? As many as the stride in front of the layer.",
        "In a loop: size += (kernel - 1) * dilation * stride, and only then stride *= the layer's own.",
    ),
    _cases,
    _probe,
    compare(
        _right,
        [
            Slip(
                "swapped",
                "size and stride stand in each other's place; wanted the size first.",
                in_part(_swapped),
            ),
            Slip(
                "steps_of_one_pixel",
                "your size adds up the windows as if each step were one pixel long: behind a layer with a stride the "
                "steps are longer.",
                in_part(_size(steps=_ones)),
            ),
            Slip(
                "own_stride_first",
                "in your size a layer's stride already counts for its own window; it counts for the layers behind it, "
                "and theirs multiply. First the size, then the stride.",
                in_part(_size(steps=lambda strides: accumulate(strides, mul)), _size(steps=lambda strides: strides)),
            ),
            Slip(
                "no_dilation",
                "your size takes no notice of the dilation: it draws the places of a window apart.",
                in_part(_size(lambda kernel, dilation: kernel - 1)),
            ),
            Slip(
                "dilation_misread",
                "how far does a dilated window reach? The dilation is the distance of neighbouring places, and between "
                "`kernel` places there are kernel - 1 such distances.",
                in_part(
                    _size(lambda kernel, dilation: kernel * dilation - 1),
                    _size(lambda kernel, dilation: kernel + dilation - 2),
                    _size(lambda kernel, dilation: (kernel - 1) * (dilation + 1)),
                ),
            ),
            Slip(
                "whole_kernel",
                "in your size each layer adds its whole window; one place of it was there already.",
                in_part(
                    *(_size(lambda kernel, dilation: kernel * dilation, start=start) for start in (0, 1)),
                    *(_size(lambda kernel, dilation: kernel, start=start) for start in (0, 1)),
                ),
            ),
            Slip(
                "begins_with_nothing",
                "your size is off by one: without any layer a unit is a pixel, so begin with 1.",
                in_part(_size(start=0)),
            ),
            Slip("one_too_large", "your size is one too large.", in_part(_size(start=2))),
            Slip(
                "wrong_direction",
                "you go through the layers in the wrong direction: this is the size of the stack turned round. The "
                "first of the list is next to the image.",
                in_part(_size(part=_BACKWARDS)),
            ),
            Slip(
                "size_times_stride",
                "you multiply the size by a stride. Forwards, the size is only ever added to. Backwards, a row of "
                "`size` units takes (size - 1) * stride + window of the layer below.",
                in_part(
                    *(
                        _carried(step, part)
                        for part in (np.s_[:], _BACKWARDS)
                        for step in (
                            lambda size, reach, stride: size * stride + reach,
                            lambda size, reach, stride: (size + reach) * stride,
                            lambda size, reach, stride: size * stride + reach + 1,
                        )
                    )
                ),
            ),
            Slip(
                "layer_left_out",
                "your size leaves out the first layer or the last.",
                in_part(_size(part=np.s_[:-1]), _size(part=np.s_[1:])),
            ),
            Slip(
                "last_stride_alone",
                "you count the stride of a single layer; all of them matter, and they multiply.",
                in_part(
                    _size(steps=lambda strides: [1, *strides][:-1]),
                    _stride(lambda strides: strides[-1] if strides else 1),
                    _stride(lambda strides: max(strides, default=1)),
                ),
            ),
            Slip(
                "strides_added",
                "you add the strides up; they multiply.",
                in_part(
                    _size(steps=_sums),
                    _stride(sum),
                    _stride(lambda strides: 1 + sum(strides)),
                    _stride(lambda strides: 1 + sum(stride - 1 for stride in strides)),
                ),
            ),
            Slip(
                "stride_of_one",
                "your stride is 1 whatever the layers do: it is to be carried along, as the size is.",
                in_part(_stride(lambda strides: 1)),
            ),
            Slip(
                "no_layers",
                "right for all stacks that have layers. Without any, a unit is a pixel: which size has a pixel, and "
                "how far is it to the next?",
                _right_with_layers,
            ),
        ],
        "size or stride are not what was expected.",
    ),
)
