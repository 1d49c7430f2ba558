"""What is put under the window. Written once for PyTorch's tensors and for the arrays that Keras is given."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from labkit.methods.activation_maximization.arrays import layout, multiply
from labkit.methods.occlusion.places import pair

#: Images: a torch.Tensor (N, C, H, W), or a NumPy array (N, H, W, C) for Keras.
Array = Any


def cover(images: Array, window: int | tuple[int, int] = 8, baseline: str | ArrayLike | Array = "zero") -> Array:
    """What is put under the window.

    Args:
        images: a torch.Tensor (N, C, H, W), or for Keras (N, H, W, C).
        window: side of the window, or height and width; "blur" goes by it.
        baseline: as ``occlusion`` takes it.

    Returns:
        of the images' shape, to be read only: a view where all pixels are alike. For Keras a NumPy array.

    Raises:
        ValueError: another name, or values that cannot be broadcast to the images.
    """
    if not _is_torch(images):
        images = np.asarray(images)
    order = layout(images)
    channels = images.shape[order.index("c")]
    if isinstance(baseline, str):
        if baseline not in _BASELINES:
            raise ValueError(
                f"got baseline={baseline!r}; wanted one of {', '.join(map(repr, _BASELINES))}, a number, "
                f"{channels} numbers for a colour, or a tensor."
            )
        baseline = _BASELINES[baseline](images, max(pair(window)))
    values = _like(images, baseline)
    shape = tuple(values.shape)
    if len(shape) == 1:  # a colour; by the rules of broadcasting it would be a row of pixels where rows come last
        values = values.reshape([-1 if axis == "c" else 1 for axis in order])
    try:
        return values.expand_as(images) if _is_torch(values) else np.broadcast_to(values, images.shape)
    except (RuntimeError, ValueError) as error:
        raise ValueError(
            f"got a baseline of shape {shape}; wanted a number, {channels} numbers for a colour, or what can be "
            f"broadcast to the images, {tuple(images.shape)}."
        ) from error


def _mean(images: Array, side: int) -> Array:
    """The mean colour of each image."""
    order = layout(images)
    return images.mean((order.index("h"), order.index("w")), keepdims=True)


def _blur(images: Array, side: int) -> Array:
    """The images under a Gaussian with a standard deviation of half the window's side."""
    order = layout(images)
    pixels = {axis: images.shape[order.index(axis)] for axis in "hw"}
    reach = min(3 * side // 2 + 1, *(count - 1 for count in pixels.values()))  # reflection allows no more
    for axis, count in pixels.items():
        images = multiply(_gaussian(count, side / 2, reach), images, axis)
    return images


def _gaussian(pixels: int, sigma: float, reach: int) -> np.ndarray:
    """Of each pixel of a row in each blurred one, (pixels, pixels). At its ends the row is reflected."""
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    seen = np.pad(np.arange(pixels), reach, mode="reflect")
    matrix = np.zeros((pixels, pixels))
    for place, row in enumerate(matrix):
        np.add.at(row, seen[place : place + len(weights)], weights / weights.sum())
    return matrix


_BASELINES = {"zero": lambda images, side: 0.0, "mean": _mean, "blur": _blur}


def _like(images: Array, values: ArrayLike | Array) -> Array:
    """The values in the images' framework, type and place."""
    if not _is_torch(images):
        return np.asarray(values, dtype=images.dtype)
    import torch

    return torch.as_tensor(values, dtype=images.dtype, device=images.device)


def _is_torch(array: Array) -> bool:
    return type(array).__module__.partition(".")[0] == "torch"
