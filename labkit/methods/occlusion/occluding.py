"""The method itself, the same for both frameworks: check, slide the window, average."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from labkit.methods.activation_maximization.arrays import layout
from labkit.methods.model_kind import kind_of
from labkit.methods.occlusion.covering import Array, cover
from labkit.methods.occlusion.places import Place, mean_over_windows, windows
from labkit.methods.occlusion.scores import Score, Scorer


class Framework(Protocol):
    """A model in its framework. See ``in_torch`` and ``in_keras``."""

    #: How a batch of images is written there.
    images_shape: str

    def images(self, images: Any) -> Array:
        """The images as they are worked on, without a gradient."""

    def numpy(self, array: Any) -> np.ndarray:
        """From the framework."""

    def here(self, images: Array) -> Array:
        """Where the model is."""

    def copies(self, array: Array, times: int) -> Array:
        """So many copies, (times, B, ...), to be written into."""

    def scoring(self, layer: str, score: Score | None) -> AbstractContextManager[Scorer]:
        """Open the model: with a look at a layer."""

    def result(self, maps: np.ndarray, images: Array) -> Any:
        """The maps as the user gets them."""


def occlusion(
    model: Any,
    images: Any,
    target: int | Sequence[int] | Array | Score,
    *,
    layer: str | None = None,
    window: int | tuple[int, int] = 8,
    stride: int | tuple[int, int] = 2,
    baseline: str | ArrayLike | Array = "zero",
    batch_size: int = 64,
) -> Any:
    """How much of a score is lost where each pixel is covered.

    Args:
        model: a PyTorch model of images, or a Keras 3 model on the TensorFlow backend. It runs as for
            evaluation, on its device, and comes back as it was.
        images: (N, C, H, W) in PyTorch, (N, H, W, C) in Keras, in the units that the model takes.
        target: the unit whose activation is the score: one for all images, or one per image, (N,). At the
            model's output a unit is a class. Of a unit with a map the largest value counts, wherever it is. Or
            a function from what the layer gives out, (B, ...), to scores (B,); in Keras of TensorFlow's operations.
        layer: the layer whose units these are, by its name: in PyTorch as in ``model.named_modules()``, in Keras
            the layer's own, "inner/name" within the model "inner". Unset: the model's output.
        window: side of the window in pixels, or height and width.
        stride: pixels from one window to the next, or down and across; at most the window's side, for else
            there would be gaps between them. Windows that reach over the lower or right edge are cut off.
        baseline: what is put under the window: "zero"; "mean", the image's mean colour; "blur", the image so
            blurred that nothing of the window's size is left; a number; C numbers, a colour; or anything that
            can be broadcast to the images.
        batch_size: images that run at once, at least 1. A pass needs memory for so many; on a GPU larger
            ones are faster.

    Returns:
        (N, H, W), at least float32: in PyTorch a tensor on the images' device, in Keras a NumPy array.

    Raises:
        ValueError: arguments that do not fit, an unknown layer or unit, or scores that are NaN.
        TypeError: something else than a model, or a layer that gives out something else than one tensor.
    """
    framework = _framework_of(model)
    images = framework.images(images)
    if len(images.shape) != 4 or 0 in images.shape or "float" not in str(images.dtype):
        raise ValueError(
            f"got images of {images.dtype}, shape {tuple(images.shape)}; wanted floats, {framework.images_shape}. One "
            f"image goes in as image[None]."
        )
    if batch_size < 1:
        raise ValueError(f"got batch_size={batch_size}; wanted at least 1.")
    order = layout(images)
    size = (images.shape[order.index("h")], images.shape[order.index("w")])
    places = windows(size, window, stride)
    covers = cover(images, window, baseline)
    score = target if callable(target) else None
    units = _units(framework.numpy(0 if callable(target) else target), len(images))
    drops = []
    with framework.scoring(layer or "", score) as scorer:
        for start in range(0, len(images), batch_size):
            part = slice(start, start + batch_size)
            here = framework.here(images[part]), framework.here(covers[part]), units[part]
            drops.append(framework.numpy(_drops(framework, scorer, *here, places, batch_size)))
    return framework.result(mean_over_windows(np.concatenate(drops, axis=1), places, size), images)


def _drops(
    framework: Framework,
    scorer: Scorer,
    images: Array,
    covers: Array,
    units: np.ndarray,
    places: Sequence[Place],
    batch_size: int,
) -> Array:
    """The drop of each window and image, (P, B).

    Args:
        framework: of the images.
        scorer: from images and their units to scores.
        images: B of them, at most batch_size.
        covers: what is put under the window, of the same shape.
        units: of the images, (B,).
        places: of the window, P of them.
        batch_size: few images go through the model under several windows at once.
    """
    # A copy here too: a model whose first layer works in place must not reach the images.
    whole = scorer(framework.copies(images, 1)[0], units)
    order, at_once = layout(images), batch_size // len(images)
    drops = framework.copies(whole, len(places))
    for start in range(0, len(places), at_once):
        group = places[start : start + at_once]
        occluded = framework.copies(images, len(group))
        for copy, (rows, columns) in zip(occluded, group, strict=True):
            under = (..., rows, columns) if order == "nchw" else (..., rows, columns, slice(None))
            copy[under] = covers[under]
        scores = scorer(occluded.reshape(-1, *images.shape[1:]), np.tile(units, len(group)))
        drops[start : start + at_once] -= scores.reshape(len(group), -1)
    return drops


def _units(units: np.ndarray, images: int) -> np.ndarray:
    """The unit of each image, (N,)."""
    if not np.issubdtype(units.dtype, np.integer) or units.shape not in ((), (images,)):
        raise ValueError(
            f"got a target of {units.dtype}, shape {units.shape}; wanted the number of a unit, or {images} of them, "
            f"one per image."
        )
    return np.full(images, units)


def _framework_of(model: Any) -> Framework:
    """The model in its framework."""
    if kind_of(model) == "keras":
        from labkit.methods.occlusion.in_keras import InKeras

        return InKeras(model)
    from labkit.methods.occlusion.in_torch import InTorch

    return InTorch(model)
