"""The shipped Keras networks, in Keras' own format.

A ``.keras`` file describes the network beside its weights. In Keras' safe mode opening one runs no code of the file,
and what is opened here has been compared with the manifest before.
"""

import keras

from labkit.models.shipped import shipped


def keras_ready(name: str) -> keras.Model:
    """A shipped network, trained by a script in ``data/``; it is not compiled.

    Example:
        >>> keras_ready("digits_keras").get_layer("l4").units
        25

    Raises:
        ValueError: no shipped Keras network of this name, or its file is not as published.
    """
    return keras.saving.load_model(shipped(name, ".keras"), compile=False, safe_mode=True)


def keras_untrained_twin(name: str) -> keras.Model:
    """The network that the training of a shipped one set out from.

    It is built anew from the description in the file, in which each layer has the seed of its first weights. What it
    shows too is no finding about learning.

    Raises:
        ValueError: as for ``keras_ready``.
    """
    return keras.models.clone_model(keras_ready(name))
