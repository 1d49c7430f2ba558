"""A small network in Keras with the lab's kinds of layers, and what each of them gives, computed without Keras."""

from typing import TYPE_CHECKING

import numpy as np

from labkit.exercises.core import Case

if TYPE_CHECKING:
    import keras

#: What the small network reads: not square.
IMAGE = (9, 8, 2)
_LAYERS = ("image", "first", "second", "pooling", "third", "mean", "dense")
_KERNELS = {"first": (3, 3), "second": (2, 3), "third": (2, 2)}
#: The places of the convolutions among the layers; at place 0 the images come in.
CONVOLUTIONS = tuple(_LAYERS.index(name) for name in _KERNELS)


def network_case(rng: np.random.Generator) -> Case:
    """Names of the layers, drawn by chance; weights; images."""
    widths = [IMAGE[-1], *rng.permutation([3, 4, 5, 6]).tolist()]
    shapes = [(*kernel, *widths[i : i + 2]) for i, kernel in enumerate(_KERNELS.values())] + [tuple(widths[3:])]
    return {
        "names": [
            f"{name}_{number}"
            for name, number in zip(_LAYERS, rng.integers(1000, size=len(_LAYERS)).tolist(), strict=True)
        ],
        "weights": [
            rng.normal(0, scale, size).astype(np.float32)
            for shape in shapes
            for scale, size in ((1 / np.sqrt(np.prod(shape[:-1])), shape), (0.3, shape[-1:]))
        ],
        "images": rng.uniform(size=(3, *IMAGE)).astype(np.float32),
    }


def small_network(case: Case) -> "keras.Model":
    """The network of a case.

    Whatever Keras would name or draw by itself is given, so that its counters and seeds stay as they are.
    """
    from keras import Input, Model, layers

    kernels, names = case["weights"][::2], iter(case["names"])

    def convolution(kernel: np.ndarray) -> layers.Layer:
        *window, _, filters = kernel.shape
        return layers.Conv2D(filters, window, activation="relu", kernel_initializer="zeros", name=next(names))

    output = image = Input(IMAGE, name=next(names))
    for layer in (
        convolution(kernels[0]),
        convolution(kernels[1]),
        layers.MaxPooling2D(name=next(names)),
        convolution(kernels[2]),
        layers.GlobalAveragePooling2D(name=next(names)),
        layers.Dense(kernels[3].shape[1], activation="softmax", kernel_initializer="zeros", name=next(names)),
    ):
        output = layer(output)
    network = Model(image, output, name="network")
    network.set_weights([weights.copy() for weights in case["weights"]])
    return network


def outputs_of(case: Case) -> list[np.ndarray]:
    """The images, and what each layer in turn makes of them."""
    (w1, b1, w2, b2, w3, b3, w4, b4) = case["weights"]
    first = _convolved(case["images"], w1, b1)
    second = _convolved(first, w2, b2)
    n, height, width, channels = second.shape
    even = second[:, : height // 2 * 2, : width // 2 * 2]
    pooled = even.reshape(n, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4))
    third = _convolved(pooled, w3, b3)
    means = third.mean(axis=(1, 2))
    powers = np.exp(means @ w4 + b4)
    return [case["images"], first, second, pooled, third, means, powers / powers.sum(axis=1, keepdims=True)]


def _convolved(maps: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """A convolution without padding, and what of it is above 0."""
    windows = np.lib.stride_tricks.sliding_window_view(maps, kernel.shape[:2], axis=(1, 2))
    return np.maximum(np.einsum("nhwcij,ijcf->nhwf", windows, kernel) + bias, 0)
