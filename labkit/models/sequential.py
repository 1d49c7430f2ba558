"""A sequence of layers that is built from hyper-parameters and can still be cut like a list."""

from collections import OrderedDict
from typing import Any

from torch import nn


class Sequence(nn.Sequential):
    """A ``Sequential`` whose slices are plain ``Sequential`` models, with the same layers under the same names.

    PyTorch makes a slice by calling the model's own class with the layers, which fails where the class takes
    hyper-parameters.
    """

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return nn.Sequential(OrderedDict(list(self._modules.items())[index]))
        return super().__getitem__(index)
