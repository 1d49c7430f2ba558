"""The network of lab 4, in Keras: three small convolutions and a dense layer of 25 units.

It is a module of its own, so that the PyTorch labs import no TensorFlow.
"""

import itertools

import keras
from keras import layers

_SEEDED_LAYERS = 5


def digits_cnn(seed: int = 0) -> keras.Model:
    """A fresh network for grey images of 28 x 28 pixels.

    Images are float32 (N, 28, 28, 1) in [0, 1], probabilities (N, 10). The layers have the names of the original
    course, "l0" to "l5"; the softmax is the activation of the last one, as is the custom in Keras.

    Args:
        seed: of the first weights, at least 0. It becomes part of the network's description, so that
            ``keras.models.clone_model`` gives the network as it was before training.

    Example:
        >>> digits_cnn().get_layer("l3").filters
        16
    """
    # Each layer has a seed of its own: with one for all, they would start with the same random numbers.
    seeds = itertools.count(_SEEDED_LAYERS * seed)

    def drawn() -> dict[str, keras.initializers.Initializer]:
        return {"kernel_initializer": keras.initializers.GlorotUniform(next(seeds))}

    images = keras.Input((28, 28, 1), name="l0")
    features = images
    for name, filters, width in (("l1", 9, 5), ("l2", 9, 5), ("l3", 16, 3)):
        features = layers.Conv2D(filters, width, padding="same", activation="relu", name=name, **drawn())(features)
        features = layers.MaxPooling2D(2, name=f"{name}_mp")(features)
    features = layers.Flatten(name="flat")(features)
    features = layers.Dense(25, activation="relu", name="l4", **drawn())(features)
    probabilities = layers.Dense(10, activation="softmax", name="l5", **drawn())(features)
    return keras.Model(images, probabilities, name="digits_cnn")
