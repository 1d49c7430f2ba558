"""5.6: receptive field and stride of any stack of layers."""

from functools import reduce

import numpy as np


def field_backwards(layers):
    """From one unit back to the pixels it needs."""
    size = 1
    for kernel, stride, dilation in reversed(layers):
        size = (size - 1) * stride + (kernel - 1) * dilation + 1
    return size, int(np.prod([stride for _, stride, _ in layers], dtype=int))


def field_by_reduce(layers):
    return reduce(
        lambda done, layer: (done[0] + (layer[0] - 1) * layer[2] * done[1], done[1] * layer[1]), layers, (1, 1)
    )


def field_by_recursion(layers):
    if not layers:
        return [1, 1]
    *rest, (kernel, stride, dilation) = layers
    size, jump = field_by_recursion(rest)
    return [size + dilation * (kernel - 1) * jump, jump * stride]


def field_by_marking(layers):
    """Which pixels feed unit 0, and which is the first that feeds unit 1?"""

    def pixels(unit):
        seen = {unit}
        for kernel, stride, dilation in layers[::-1]:
            seen = {place * stride + i * dilation for place in seen for i in range(kernel)}
        return min(seen), max(seen)

    return pixels(0)[1] + 1, pixels(1)[0]


def field_of_arrays(layers):
    kernels, strides, dilations = np.array(layers, dtype=int).reshape(-1, 3).T
    steps = np.cumprod([1, *strides])
    return np.array([1 + np.sum((kernels - 1) * dilations * steps[:-1]), steps[-1]])


def field(
    grow=lambda size, kernel, stride, dilation, step: size + (kernel - 1) * dilation * step,
    go_on=lambda step, stride: step * stride,
    start=1,
    order=lambda layers: layers,
    stride_first=False,
    end=lambda size, step: (size, step),
):
    """The solution, in which one thing or another is wrong."""

    def of(layers):
        size, step = start, 1
        for kernel, stride, dilation in order(layers):
            if stride_first:
                step = go_on(step, stride)
            size = grow(size, kernel, stride, dilation, step)
            if not stride_first:
                step = go_on(step, stride)
        return end(size, step)

    return of


def with_stride(rule):
    """The size is right, the stride is made otherwise."""
    return lambda layers: (field()(layers)[0], rule([stride for _, stride, _ in layers]))


def without_end(layers):
    if layers:
        return field()(layers)
    return 0, 1


def returns_within_the_loop(layers):
    for _ in layers:
        return field()(layers)
    return None  # as without this line, when there are no layers


def own_step(layers):
    """The loop takes the name of what is carried along."""
    size, stride = 1, 1
    for kernel, stride, dilation in layers:
        size += (kernel - 1) * dilation * stride
        stride *= stride  # noqa: PLW2901 - as students write it
    return size, stride


def emptied(layers):
    size, step = 1, 1
    while layers:
        kernel, stride, dilation = layers.pop(0)
        size, step = size + (kernel - 1) * dilation * step, step * stride
    return size, step


def begins_with_first(layers):
    size, step, _ = layers[0]
    return field()(layers)


RIGHT = {
    "5.6": [field_backwards, field_by_reduce, field_by_recursion, field_by_marking, field_of_arrays, field()],
}

WRONG = {
    "5.6": [
        (field(end=lambda size, step: (step, size)), "swapped"),
        (field(lambda size, kernel, stride, dilation, step: size + (kernel - 1) * dilation), "steps_of_one_pixel"),
        (field(go_on=lambda step, stride: 1), "steps_of_one_pixel"),
        (field(stride_first=True), "own_stride_first"),
        (
            field(lambda size, kernel, stride, dilation, step: size + (kernel - 1) * dilation * step * stride),
            "own_stride_first",
        ),
        (own_step, "own_stride_first"),
        (field(lambda size, kernel, stride, dilation, step: size + (kernel - 1) * step), "no_dilation"),
        (field(lambda size, kernel, stride, dilation, step: size + (kernel * dilation - 1) * step), "dilation_misread"),
        (
            field(lambda size, kernel, stride, dilation, step: size + (kernel + dilation - 2) * step),
            "dilation_misread",
        ),
        (
            field(lambda size, kernel, stride, dilation, step: size + (kernel - 1) * (dilation + 1) * step),
            "dilation_misread",
        ),
        (field(lambda size, kernel, stride, dilation, step: size + kernel * dilation * step), "whole_kernel"),
        (field(lambda size, kernel, stride, dilation, step: size + kernel * step, start=0), "whole_kernel"),
        (field(start=0), "begins_with_nothing"),
        (field(start=2), "one_too_large"),
        (field(order=lambda layers: layers[::-1]), "wrong_direction"),
        (
            field(lambda size, kernel, stride, dilation, step: (size - 1) * stride + (kernel - 1) * dilation + 1),
            "wrong_direction",
        ),
        (
            field(lambda size, kernel, stride, dilation, step: size * stride + (kernel - 1) * dilation),
            "size_times_stride",
        ),
        (
            field(
                lambda size, kernel, stride, dilation, step: size * stride + (kernel - 1) * dilation,
                order=lambda layers: layers[::-1],
            ),
            "size_times_stride",
        ),
        (
            field(lambda size, kernel, stride, dilation, step: (size + (kernel - 1) * dilation) * stride),
            "size_times_stride",
        ),
        (field(order=lambda layers: layers[1:]), "layer_left_out"),
        (field(order=lambda layers: layers[:-1]), "layer_left_out"),
        (field(go_on=lambda step, stride: stride), "last_stride_alone"),
        (with_stride(lambda strides: max([1, *strides])), "last_stride_alone"),
        (field(go_on=lambda step, stride: step + stride), "strides_added"),
        (with_stride(sum), "strides_added"),
        (with_stride(lambda strides: 1 + sum(s - 1 for s in strides)), "strides_added"),
        (field(end=lambda size, step: (size, 1)), "stride_of_one"),
        (without_end, "no_layers"),
        (lambda layers: field()(layers) if layers else (0, 0), "no_layers"),
        (lambda layers: (20, 2), "other"),
        (field(end=lambda size, step: (size**2, step)), "other"),
        (field(end=lambda size, step: size), "misfit"),
        (field(end=lambda size, step: {"size": size, "stride": step}), "misfit"),
        (field(end=lambda size, step: (size, step, 1)), "misfit"),
        (field(end=lambda size, step: ("20", "2")), "misfit"),
        (returns_within_the_loop, "misfit"),
        (begins_with_first, "raised"),
        (lambda layers: [kernel for kernel, stride in layers], "raised"),
        ((20, 2), "misfit"),
    ],
}

REMARKED = {
    "5.6": [
        (emptied, "changes_handed"),
    ],
}

STUBS = {}
