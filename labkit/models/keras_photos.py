"""The network of lab 5, in Keras: as the original course had it, six convolutions without padding before the head.

It is a module of its own, so that the PyTorch labs import no TensorFlow.
"""

import itertools

import keras
from keras import layers

_SEEDED_LAYERS = 9  # seven convolutions, two dense layers


def photos_cnn(classes: int, seed: int = 0) -> keras.Model:
    """A fresh network for photographs of 96 x 96 pixels.

    Images are float32 (N, 96, 96, 3) in [0, 1], probabilities (N, classes). The layers have the names that Keras
    gave them in the original course; "conv2d_5", the sixth convolution, gives (N, 39, 39, 64). Plain stacks of
    this depth hardly begin to learn from Keras' usual first weights; those of He et al., "Delving Deep into
    Rectifiers", 2015, keep the size of the activations from layer to layer.

    Args:
        classes: how many there are.
        seed: of the first weights, at least 0. It becomes part of the network's description, so that
            ``keras.models.clone_model`` gives the network as it was before training.

    Example:
        >>> photos_cnn(7).get_layer("conv2d_5").output.shape
        (None, 39, 39, 64)
    """
    # Each layer has a seed of its own: with one for all, they would start with the same random numbers.
    seeds = itertools.count(_SEEDED_LAYERS * seed)
    numbers = itertools.count()

    def convolved(features: keras.KerasTensor, filters: int) -> keras.KerasTensor:
        number = next(numbers)
        name = f"conv2d_{number}" if number else "conv2d"
        start = keras.initializers.HeUniform(next(seeds))
        return layers.Conv2D(filters, 3, activation="relu", kernel_initializer=start, name=name)(features)

    def dense(features: keras.KerasTensor, units: int, activation: str, name: str) -> keras.KerasTensor:
        start = keras.initializers.HeUniform(next(seeds))
        return layers.Dense(units, activation=activation, kernel_initializer=start, name=name)(features)

    images = keras.Input((96, 96, 3), name="images")
    features = layers.BatchNormalization(name="batch_normalization")(images)
    for block, filters in (("", (32, 32, 32)), ("_1", (64, 64, 64))):
        for count in filters:
            features = convolved(features, count)
        features = layers.MaxPooling2D(2, name=f"max_pooling2d{block}")(features)
        features = layers.Dropout(0.2, name=f"dropout{block}")(features)
    features = layers.MaxPooling2D(2, name="max_pooling2d_2")(convolved(features, 64))
    features = layers.Dropout(0.5, name="dropout_2")(layers.Flatten(name="flatten")(features))
    features = layers.Dropout(0.3, name="dropout_3")(dense(features, 128, "relu", "dense"))
    return keras.Model(images, dense(features, classes, "softmax", "dense_1"), name="photos_cnn")
