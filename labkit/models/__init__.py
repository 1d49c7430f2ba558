"""The networks of the labs, and the files that hold their weights.

Importing this loads no framework: PyTorch comes with the first of the PyTorch names, TensorFlow with the first of the
Keras ones.
"""

from importlib import import_module
from typing import Any

# What is called by the short name, and the module where it lives.
_SHORT_NAMES = {
    "CifarCNN": "cifar_cnn",
    "LeNet5": "digits",
    "MLP": "digits",
    "TextCNN": "text_cnn",
    "create": "checkpoints",
    "digits_cnn": "keras_digits",
    "keras_ready": "keras_checkpoints",
    "keras_untrained_twin": "keras_checkpoints",
    "load": "checkpoints",
    "photos_cnn": "keras_photos",
    "ready": "checkpoints",
    "save": "checkpoints",
    "untrained_twin": "checkpoints",
}

__all__ = sorted(_SHORT_NAMES)


def __getattr__(name: str) -> Any:
    if name in _SHORT_NAMES:
        return getattr(import_module(f"{__name__}.{_SHORT_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
