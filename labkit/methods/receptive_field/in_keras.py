"""Keras' part: a model as a graph of windows.

The graph is what ``keras.Input`` and the calls of layers left behind, so nothing runs, and weights do not matter.
Models within the model are laid open: their layers are called "inner/name".
"""

from functools import partial
from typing import Any

import keras

from labkit.methods.activation_maximization.in_keras import find_layer
from labkit.methods.receptive_field.axis import Axis
from labkit.methods.receptive_field.graph import Node, unchanged, walk
from labkit.methods.receptive_field.keras_windows import windows_of_layer


def axes_in_keras(model: keras.Model, layer: str, input_shape: tuple[int, ...] | None) -> tuple[Axis, ...]:
    """What the units of a layer see of the image, along each dimension.

    Args:
        model: Sequential or functional.
        layer: the layer's name; within a model that is a layer "model/name"; "" is the model's output.
        input_shape: of one input, where the model leaves it open.

    Raises:
        ValueError: see ``receptive_field``.
    """
    nodes = [Node("the image", (), unchanged)]
    named: dict[str, list[int]] = {}
    sizes = _image_of(model, input_shape)
    named[""] = _lay_open(model, [0], "", nodes, named)
    if layer not in named:
        find_layer(model, layer)  # it says which names come near
        raise ValueError(f"got layer {layer!r}, which {model.name!r} does not call; wanted one that it calls.")
    if len(named[layer]) != 1:
        raise ValueError(f"got layer {layer!r} with {len(named[layer])} outputs; wanted one with one output.")
    return walk(nodes, named[layer][0], sizes)


def _image_of(model: keras.Model, input_shape: tuple[int, ...] | None) -> tuple[int, ...]:
    """The size of the image, without channels."""
    if not hasattr(_functional(model), "_nodes_by_depth"):
        raise ValueError(
            f"got {model.name!r}, a {type(model).__name__} without a graph of its layers; wanted a functional model, "
            f"or a Sequential one that begins with keras.Input(shape) or has been called once. Of a subclass of "
            f"keras.Model make one by calling its layers on keras.Input(shape)."
        )
    if len(model.inputs) != 1:
        raise ValueError(f"got {model.name!r}, a model of {len(model.inputs)} inputs; wanted one with a single one.")
    shape = tuple(model.inputs[0].shape[1:])
    wanted = shape if input_shape is None else tuple(input_shape)
    if len(wanted) != len(shape) or any(have not in (None, want) for have, want in zip(shape, wanted, strict=True)):
        raise ValueError(f"got input_shape={input_shape} for a model of inputs {shape}; wanted one that fits.")
    sizes = wanted[1:] if keras.config.image_data_format() == "channels_first" else wanted[:-1]
    if not sizes or None in sizes:
        raise ValueError(
            f"got a model of inputs {shape}; wanted images of a known size, since 'same' padding depends on it: "
            f"receptive_field(model, layer, input_shape=(96, 96, 3)), say."
        )
    return sizes


def _functional(model: keras.Model) -> Any:
    """The model that holds the graph; a Sequential one has it inside."""
    return getattr(model, "_functional", None) or model


def _lay_open(
    model: keras.Model, inputs: list[int], prefix: str, nodes: list[Node], named: dict[str, list[int]]
) -> list[int]:
    """Add what a model calls to the nodes, and to the names of outputs.

    Args:
        model: the model, or one within it.
        inputs: the numbers of the nodes that it is given.
        prefix: of its layers' names.
        nodes: all nodes so far.
        named: layer -> the numbers of its outputs when it was last called.

    Returns:
        the numbers of its outputs.
    """
    graph = _functional(model)
    numbers = {id(tensor): number for tensor, number in zip(graph.inputs, inputs, strict=True)}
    for depth in sorted(graph._nodes_by_depth, reverse=True):
        for call in graph._nodes_by_depth[depth]:
            name = prefix + call.operation.name
            given = [numbers[id(tensor)] for tensor in call.input_tensors]
            if call.is_input:
                outputs = [numbers[id(tensor)] for tensor in call.outputs]
            elif hasattr(_functional(call.operation), "_nodes_by_depth"):
                outputs = _lay_open(call.operation, given, f"{name}/", nodes, named)
            else:
                rank = len(call.input_tensors[0].shape)
                nodes.append(Node(name, tuple(given), partial(windows_of_layer, call.operation, name, rank)))
                outputs = [len(nodes) - 1] * len(call.outputs)
            named[name] = outputs
            numbers.update(zip(map(id, call.outputs), outputs, strict=True))
    return [numbers[id(tensor)] for tensor in graph.outputs]
