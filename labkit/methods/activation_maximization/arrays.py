"""What PyTorch and TensorFlow call differently, under one name each.

Arithmetic, ``abs``, ``**`` and slices are written alike in both, so all the rest of this package that works
on images is written once, over these few functions. Each looks at what it is given, so that neither framework
is loaded where it is not used.

Images are (N, C, H, W) in PyTorch and (N, H, W, C) in TensorFlow. Which of the two is known here alone.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

#: A torch.Tensor or a tf.Tensor.
Array = Any


def layout(images: Array) -> str:
    """The order of the axes of images: "nchw" or "nhwc"; its ``index("h")`` is the number of the rows' axis.

    Raises:
        ValueError: something else than a batch of images.
    """
    if len(images.shape) != 4:
        wanted = "(N, C, H, W)" if _is_torch(images) else "(N, H, W, C)"
        raise ValueError(
            f"got inputs of shape {tuple(images.shape)}; wanted images, {wanted}, for what has to do with neighbouring "
            f"pixels. Let the model itself begin with the layer that flattens them."
        )
    if _is_torch(images):
        return "nchw"
    import keras

    return "nchw" if keras.config.image_data_format() == "channels_first" else "nhwc"


def has_shape(values: Any, shape: Sequence[int]) -> bool:
    """Whether values are an array of that shape. A side that TensorFlow does not know yet may be any."""
    known = getattr(values, "shape", ())
    return len(known) == len(shape) and all(side in (None, want) for side, want in zip(known, shape, strict=True))


def sums(values: Array) -> Array:
    """The sum over all but the first axis: (N, ...) to (N,)."""
    axes = list(range(1, len(values.shape)))
    if _is_torch(values):
        return values.sum(axes)
    import tensorflow as tf

    return tf.reduce_sum(values, axes)


def moved(values: Array, towards: Array, share: float) -> Array:
    """The values moved by a share of the way: 0 is where they are, 1 is there.

    In PyTorch they are moved in place, which saves asking for memory; in TensorFlow, where tensors never change, the
    values given are still what they were.
    """
    return values.lerp_(towards, share) if _is_torch(values) else values + share * (towards - values)


def root_plus(squares: Array, number: Any) -> Array:
    """The square root of squares, and a number added to it; in PyTorch without asking for memory a second time."""
    return squares.sqrt().add_(number) if _is_torch(squares) else squares**0.5 + number


def add_quotient(values: Array, above: Array, below: Array, factor: Any) -> Array:
    """The values + factor * above / below, in one operation where there is one."""
    return values.addcdiv(above, below, value=factor) if _is_torch(values) else values + factor * above / below


def stacked(several: Sequence[Array]) -> Array:
    """Arrays of one shape as one, along a new first axis."""
    if _is_torch(several[0]):
        import torch

        return torch.stack(list(several))
    import tensorflow as tf

    return tf.stack(several)


def detached(values: Array) -> Array:
    """The values without their history, through which no gradient goes."""
    if _is_torch(values):
        return values.detach()
    import tensorflow as tf

    return tf.stop_gradient(values)


def log_softmax(logits: Array) -> Array:
    """Logits to log-probabilities, (N, C). Log-probabilities come back as they are."""
    if _is_torch(logits):
        return logits.log_softmax(dim=1)
    import tensorflow as tf

    return tf.nn.log_softmax(logits, axis=1)


def log(probabilities: Array) -> Array:
    """The logarithm of probabilities, (N, C); below 1e-30 it is -69, without a gradient, and never -infinity."""
    if _is_torch(probabilities):
        return probabilities.clamp(min=1e-30).log()
    import tensorflow as tf

    return tf.math.log(tf.maximum(probabilities, 1e-30))


def clip(images: Array, low: float, high: float) -> Array:
    """The values below low raised to it, those above high lowered to it."""
    if _is_torch(images):
        return images.clamp(low, high)
    import tensorflow as tf

    return tf.clip_by_value(images, low, high)


def roll(images: Array, down: Any, right: Any) -> Array:
    """The images shifted by whole pixels; what leaves at one edge comes in at the other."""
    axes = [layout(images).index(axis) for axis in "hw"]
    if _is_torch(images):
        return images.roll((down, right), axes)
    import tensorflow as tf

    return tf.roll(images, (down, right), axes)


def multiply(matrix: np.ndarray, images: Array, axis: str) -> Array:
    """Each column ("h") or each row ("w") of the images times a matrix, (H, H) or (W, W)."""
    order = layout(images)
    equation = f"z{axis},{order}->{order.replace(axis, 'z')}"
    if _is_torch(images):
        import torch

        return torch.einsum(equation, torch.as_tensor(matrix, dtype=images.dtype, device=images.device), images)
    import tensorflow as tf

    return tf.einsum(equation, tf.cast(matrix, images.dtype), images)


def rotate(images: Array, angle: Any) -> Array:
    """The images turned about their middle by an angle in radians, anticlockwise if it is positive.

    Values between pixels are interpolated linearly, and zeros come in at the corners.
    """
    order = layout(images)
    height, width = (images.shape[order.index(axis)] for axis in "hw")
    if _is_torch(images):
        import torch
        from torch.nn import functional as F

        cosine, sine = math.cos(angle), math.sin(angle)
        # Its coordinates run from -1 to 1, whatever the sides are.
        matrix = [[cosine, -sine * height / width, 0.0], [sine * width / height, cosine, 0.0]]
        turns = torch.tensor(matrix, dtype=images.dtype, device=images.device).expand(len(images), 2, 3)
        places = F.affine_grid(turns, list(images.shape), align_corners=False)
        return F.grid_sample(images, places, align_corners=False)
    import keras
    import tensorflow as tf

    cosine, sine = tf.cos(angle), tf.sin(angle)
    # Its coordinates are pixels from the upper left corner, so the middle is put back by a shift.
    x, y = (width - 1) / 2, (height - 1) / 2
    numbers: list[Any] = [cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y, 0.0, 0.0]
    data_format = "channels_first" if order == "nchw" else "channels_last"
    return keras.ops.image.affine_transform(
        images, tf.stack([tf.cast(number, images.dtype) for number in numbers]), data_format=data_format
    )


def _is_torch(array: Array) -> bool:
    return type(array).__module__.partition(".")[0] == "torch"
