"""The two networks of lab 3, for grey images of 28 x 28 pixels: one that sees pixels, one that sees patterns.

Both end with log-probabilities, and each of their layers has a name: ``model.fc1`` is the first dense layer, and
``model[-2]`` gives the logits.
"""

from collections import OrderedDict
from typing import Any

from torch import nn

from labkit.models.sequential import Sequence


class MLP(Sequence):
    """Four dense layers of 256, 128, 64 and 10 units.

    Images are float32 (N, 1, 28, 28) in [0, 1], or already flat (N, 784); log-probabilities are (N, 10).

    Args:
        dropout: the share of the units of each hidden layer that rest in a training step, in [0, 1).

    Example:
        >>> MLP()(torch.rand(4, 1, 28, 28)).shape
        torch.Size([4, 10])
    """

    def __init__(self, dropout: float = 0.0) -> None:
        if not 0 <= dropout < 1:
            raise ValueError(f"got dropout {dropout}; wanted a share in [0, 1).")
        layers: dict[str, nn.Module] = {"flatten": nn.Flatten()}
        widths = 28 * 28, 256, 128, 64
        for number, (before, after) in enumerate(zip(widths, widths[1:], strict=False), start=1):
            layers[f"fc{number}"] = nn.Linear(before, after)
            layers[f"relu{number}"] = nn.ReLU()
            layers[f"dropout{number}"] = nn.Dropout(dropout)
        layers["fc4"] = nn.Linear(64, 10)
        layers["log_softmax"] = nn.LogSoftmax(dim=1)
        super().__init__(OrderedDict(layers))
        #: All that rebuilds this architecture, as JSON can hold it.
        self.hyper: dict[str, Any] = {"dropout": dropout}


class LeNet5(Sequence):
    """LeNet-5: two convolutions with pooling, three dense layers.

    The layers are those of LeCun et al., "Gradient-based learning applied to document recognition", 1998, in
    today's fashion: ReLU and max pooling. An image of 28 x 28 pixels, where theirs had 32 x 32, leaves 16 maps of
    4 x 4 after the second pooling.

    Images are float32 (N, 1, 28, 28) in [0, 1], log-probabilities (N, 10).

    Example:
        >>> LeNet5()(torch.rand(4, 1, 28, 28)).shape
        torch.Size([4, 10])
    """

    def __init__(self) -> None:
        super().__init__(OrderedDict(
            conv1=nn.Conv2d(1, 6, 5), relu1=nn.ReLU(), pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 16, 5), relu2=nn.ReLU(), pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(16 * 4 * 4, 120), relu3=nn.ReLU(),
            fc2=nn.Linear(120, 84), relu4=nn.ReLU(),
            fc3=nn.Linear(84, 10), log_softmax=nn.LogSoftmax(dim=1),
        ))  # fmt: skip
        #: All that rebuilds this architecture, as JSON can hold it: nothing, there is just one LeNet-5.
        self.hyper: dict[str, Any] = {}
