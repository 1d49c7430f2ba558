"""The function that people call: from a model of either framework to the receptive field of a layer."""

from typing import Any

from labkit.methods.model_kind import kind_of
from labkit.methods.receptive_field.result import ReceptiveField


def receptive_field(model: Any, layer: str, input_shape: tuple[int, ...] | None = None) -> ReceptiveField:
    """Which pixels of the image a unit of a layer sees, by arithmetic: the model does not run.

    Of branches that meet, a unit sees what it sees through either of them. They must fit: equal strides, and equal
    units centred on the same pixel.

    Args:
        model: a Keras 3 model, Sequential or functional, or a PyTorch model that ``torch.fx`` can trace; with one
            input, images or signals.
        layer: its name: in PyTorch as in ``model.named_modules()``; in Keras the layer's ``name``, within a model
            that is a layer of the model "model/layer". "" is the model's output. Of a layer that runs several
            times the last run counts.
        input_shape: of one input: (C, H, W) in PyTorch, where it is needed, and (H, W, C) in Keras, where the
            model knows it unless it was built for images of any size.

    Returns:
        size, stride and offset along each dimension, and answers: see there.

    Raises:
        ValueError: an unknown layer name; a layer on the way that is not known here, such as attention; branches
            that do not fit, both named; a model without a graph, or of several inputs; a shape that does not fit.
        TypeError: something else than a model.
    """
    if kind_of(model) == "keras":
        from labkit.methods.receptive_field.in_keras import axes_in_keras

        return ReceptiveField.along(axes_in_keras(model, layer, input_shape))
    from labkit.methods.receptive_field.in_torch import axes_in_torch

    return ReceptiveField.along(axes_in_torch(model, layer, input_shape))
