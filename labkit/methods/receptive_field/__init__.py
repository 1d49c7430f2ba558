"""Receptive fields: which part of the image does a unit of a network see?

Araujo, Norris, Sim, "Computing receptive fields of convolutional neural networks", Distill 2019
(doi 10.23915/distill.00021).

    >>> field = receptive_field(model, "conv2d_5")  # a Keras model  # doctest: +SKIP
    >>> field.size, field.stride, field.offset  # doctest: +SKIP
    ((20, 20), (2, 2), (0, 0))
    >>> top, left, bottom, right = field.rectangle(3, 4)  # what unit (3, 4) sees  # doctest: +SKIP
    >>> field.unit_at(48, 48)  # which unit looks at the middle of the image  # doctest: +SKIP

    >>> field = receptive_field(model, "features.30", input_shape=(3, 224, 224))  # a PyTorch model  # doctest: +SKIP

How it is found: ``in_keras`` and ``in_torch`` read a model as a graph of windows, ``graph`` walks from the image
to the layer, and each step is the ``arithmetic`` of the paper.

``gradient_support`` finds the same for one unit in another way, by running the model: the pixels by which the
unit's gradient is not zero. It knows nothing of layers, so it checks the arithmetic.
"""

from labkit.methods.receptive_field.finding import receptive_field
from labkit.methods.receptive_field.result import ReceptiveField
from labkit.methods.receptive_field.support import gradient_support

__all__ = ["ReceptiveField", "gradient_support", "receptive_field"]
