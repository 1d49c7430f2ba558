"""Which framework a model is of."""

import sys
from typing import Any, Literal


def kind_of(model: Any) -> Literal["keras", "torch"]:
    """The framework of a model. Only what is loaded already can be a model's, so nothing is loaded to find out.

    Raises:
        TypeError: neither a PyTorch nor a Keras model.
    """
    keras, torch = sys.modules.get("keras"), sys.modules.get("torch")
    if keras is not None and isinstance(model, keras.Model):
        return "keras"
    if torch is not None and isinstance(model, torch.nn.Module):
        return "torch"
    raise TypeError(f"got a model of type {type(model).__name__}; wanted a torch.nn.Module or a keras.Model (Keras 3).")
