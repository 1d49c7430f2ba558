"""What the layers of Keras look at: from their settings to windows."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from labkit.methods.receptive_field.arithmetic import Window, enlarging, strided, transposed, whole
from labkit.methods.receptive_field.graph import unchanged

CONVOLUTIONS = (
    layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.DepthwiseConv1D, layers.DepthwiseConv2D,
    layers.SeparableConv1D, layers.SeparableConv2D,
)  # fmt: skip
TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
POOLINGS = (
    layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D,
    layers.AveragePooling1D, layers.AveragePooling2D, layers.AveragePooling3D,
)  # fmt: skip
PADDINGS = (layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D)
CROPPINGS = (layers.Cropping1D, layers.Cropping2D, layers.Cropping3D)
ENLARGING = (layers.UpSampling1D, layers.UpSampling2D, layers.UpSampling3D)
WHOLE = (
    layers.Flatten, layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D, layers.GlobalMaxPooling3D,
    layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalAveragePooling3D,
)  # fmt: skip
#: Each place of the map for itself, or several maps put together place by place.
POINTWISE = (
    layers.Activation, layers.ReLU, layers.LeakyReLU, layers.PReLU, layers.ELU, layers.BatchNormalization,
    layers.Rescaling, layers.Normalization, layers.Identity, layers.ActivityRegularization,
    layers.Dropout, layers.SpatialDropout1D, layers.SpatialDropout2D, layers.SpatialDropout3D,
    layers.AlphaDropout, layers.GaussianDropout, layers.GaussianNoise,
    layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum,
)  # fmt: skip
#: Pointwise where they work along the channels alone.
ALONG_AN_AXIS = (layers.Softmax, layers.LayerNormalization, layers.Concatenate)
#: The classes that Keras makes of ``x + y``, ``keras.ops.relu(x)`` and so on.
OPERATIONS = {
    "Absolute", "Add", "Cast", "Clip", "Divide", "Elu", "Exp", "Gelu", "HardSigmoid", "HardSilu", "LeakyRelu", "Log",
    "Maximum", "Minimum", "Multiply", "Negative", "Power", "Relu", "Relu6", "Sigmoid", "Silu", "Softplus", "Sqrt",
    "Square", "Subtract", "Tanh", "TrueDivide",
}  # fmt: skip


def windows_of_layer(layer: Any, name: str, rank: int, sizes: tuple[int, ...]) -> Sequence[Window]:
    """What a layer looks at.

    Args:
        layer: a layer, or an operation of ``keras.ops``.
        name: what to call it in an error message.
        rank: of its input, batch and channels included.
        sizes: of the map that it is given, without them.

    Returns:
        a window along each dimension.

    Raises:
        ValueError: a layer that is not known here.
    """
    if getattr(layer, "data_format", None) not in (None, keras.config.image_data_format()):
        raise ValueError(
            f"got layer {name!r} on the way, a {type(layer).__name__} with data_format={layer.data_format!r}; wanted "
            f"what Keras is set to, {keras.config.image_data_format()!r}: see keras.config.set_image_data_format."
        )
    if _is(layer, CONVOLUTIONS):
        return _strided(sizes, layer.kernel_size, layer.strides, layer.dilation_rate, layer.padding)
    if _is(layer, POOLINGS):
        return _strided(sizes, layer.pool_size, layer.strides, (1,) * len(sizes), layer.padding)
    if _is(layer, TRANSPOSED):
        return _transposed(sizes, layer)
    if _is(layer, PADDINGS):
        return [Window(before=before, after=after) for before, after in _pairs(layer.padding)]
    if _is(layer, CROPPINGS):
        return [Window(before=-before, after=-after) for before, after in _pairs(layer.cropping)]
    if _is(layer, ENLARGING) and (mode := getattr(layer, "interpolation", "nearest")) in ("nearest", "bilinear"):
        factors = (layer.size,) if isinstance(layer.size, int) else layer.size
        return [enlarging(factor, mode == "bilinear", below) for factor, below in zip(factors, sizes, strict=True)]
    if _is(layer, WHOLE):
        return [whole(below) for below in sizes]
    if _is_pointwise(layer, rank, single=set(sizes) == {1}):
        return unchanged(sizes)
    raise ValueError(
        f"got layer {name!r} on the way, a {type(layer).__name__} whose receptive field is not known here; wanted "
        f"convolutions, poolings, padding, cropping, upsampling, and layers that work on each place alone. Name a "
        f"layer before it, or measure what a unit sees with gradient_support."
    )


def _strided(
    sizes: tuple[int, ...], kernels: Sequence[int], strides: Sequence[int], dilations: Sequence[int], padding: str
) -> Sequence[Window]:
    windows = []
    for below, kernel, stride, dilation in zip(sizes, kernels, strides, dilations, strict=True):
        reach = (kernel - 1) * dilation + 1
        if padding == "valid":
            windows.append(Window(kernel, stride, dilation))
            continue
        units = math.ceil(below / stride)
        before = reach - 1 if padding == "causal" else _same(units, stride, reach, below)
        windows.append(strided(kernel, stride, dilation, before, units, below))
    return windows


def _same(units: int, stride: int, reach: int, below: int) -> int:
    """How many places TensorFlow's 'same' puts before a map: as few as needed, the odd one behind it."""
    return max((units - 1) * stride + reach - below, 0) // 2


def _transposed(sizes: tuple[int, ...], layer: Any) -> Sequence[Window]:
    """A transposed convolution undoes a convolution, and cuts off what that one would pad."""
    channels = layer.kernel.shape[-1]
    first = layer.data_format == "channels_first"
    shape = layer.compute_output_shape((1, channels, *sizes) if first else (1, *sizes, channels))
    windows = []
    for below, units, kernel, stride, dilation in zip(
        sizes, shape[2:] if first else shape[1:-1], layer.kernel_size, layer.strides, layer.dilation_rate, strict=True
    ):
        reach = (kernel - 1) * dilation + 1
        cut = 0 if layer.padding == "valid" else _same(below, stride, reach, units)
        windows.append(transposed(kernel, stride, dilation, cut, units, below))
    return windows


def _pairs(amounts: Sequence[Any]) -> Sequence[tuple[int, int]]:
    """(before, after) along each dimension; layers for signals have the pair alone."""
    return [(amounts[0], amounts[1])] if isinstance(amounts[0], int) else [(one, two) for one, two in amounts]


def _is_pointwise(layer: Any, rank: int, single: bool) -> bool:
    """Whether a layer works on each place of its map alone.

    Args:
        layer: any layer or operation.
        rank: of its input, batch and channels included.
        single: the map has one place.
    """
    if isinstance(layer, keras.Operation) and type(layer).__module__.startswith("keras.src.ops"):
        return type(layer).__name__ in OPERATIONS
    if _is(layer, (layers.Reshape, layers.Dense)):
        return single or (isinstance(layer, layers.Dense) and _channels(rank) == rank - 1)
    if _is(layer, ALONG_AN_AXIS):
        axes = [layer.axis] if isinstance(layer.axis, int) else layer.axis
        return all(axis % rank == _channels(rank) for axis in axes)
    return _is(layer, POINTWISE)


def _channels(rank: int) -> int:
    """The axis of the channels."""
    return 1 if keras.config.image_data_format() == "channels_first" else rank - 1


def _is(layer: Any, classes: tuple[Any, ...]) -> bool:
    """Whether a layer is of one of these classes and does what they do."""
    return any(isinstance(layer, kind) and type(layer).call is kind.call for kind in classes)
