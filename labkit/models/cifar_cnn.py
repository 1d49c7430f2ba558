"""The convolutional network of lab 2: two blocks of two convolutions, and a small head.

It is the network of Keras' example "Train a simple deep CNN on the CIFAR10 small images dataset", its layers
numbered in one row, so that any of them can be named: ``model[3]`` is the second convolution.
"""

from typing import Any

from torch import Tensor, nn

from labkit.models.sequential import Sequence


class Rescale(nn.Module):
    """From colours in [0, 1] to [-1, 1], as the first convolution likes them.

    It is a layer, so that all that works on images works in the images' own units.
    """

    def forward(self, images: Tensor) -> Tensor:
        """(x - 0.5) / 0.5, of any shape."""
        return (images - 0.5) / 0.5


class CifarCNN(Sequence):
    """A network for images of 32 x 32 pixels, with one logit per class.

    Images are float32 (N, 3, 32, 32) in [0, 1], logits (N, classes).

    Args:
        classes: C, at least 2.

    Example:
        >>> CifarCNN()(torch.rand(4, 3, 32, 32)).shape
        torch.Size([4, 10])
    """

    def __init__(self, classes: int = 10) -> None:
        if classes < 2:
            raise ValueError(f"got {classes} classes; wanted at least 2.")
        super().__init__(
            Rescale(),
            nn.Conv2d(3, 32, 3, padding=1), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1), nn.ReLU(),
            nn.MaxPool2d(2), nn.Dropout(0.5),
            nn.Conv2d(32, 64, 3, padding=1), nn.ReLU(),
            nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(),
            nn.MaxPool2d(2), nn.Dropout(0.5),
            nn.Flatten(),
            nn.Linear(64 * 8 * 8, 128), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(128, classes),
        )  # fmt: skip
        #: All that rebuilds this architecture, as JSON can hold it.
        self.hyper: dict[str, Any] = {"classes": classes}
