"""Images with labels, and batches of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Images:
    """Some labelled images.

    Attributes:
        images: uint8, values in [0, 255]: colours (N, H, W, 3), or grey (N, H, W).
        labels: int64 (N,), the numbers of the classes.
        masks: bool (N, H, W), True where the object is; None where nobody knows.
        objects: int64 (N,), the number of the object shown; None where nobody knows.
    """

    images: np.ndarray
    labels: np.ndarray
    masks: np.ndarray | None = None
    objects: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)


def channels_last(split: Images) -> np.ndarray:
    """The images as Keras takes them: float32 (N, H, W, C) in [0, 1], C being 3 or 1 (grey)."""
    images = split.images if split.images.ndim == 4 else split.images[..., np.newaxis]
    return images.astype(np.float32) / np.float32(255)


@dataclass(frozen=True)
class ImageData:
    """The three splits of a data set, the names of its classes, and where they come from.

    Attributes:
        source: "sample" or "full".
        why: one line for people: which data these are, and why these.
        classes: the names, by label.
    """

    source: str
    why: str
    classes: tuple[str, ...]
    train: Images
    validation: Images
    test: Images


class ImageBatches:
    """The images of a split in batches, as often as they are asked for.

    Args:
        split: images and labels.
        size: images in a batch; the last one may hold fewer.
        seed: None for the order of the split; else the order of this seed. Every iteration gives the same
            batches, so a training loop takes a new ``ImageBatches`` with another seed for each epoch.
        limit: no more than so many batches.
        device: where the tensors go.

    Yields:
        images float32 (N, C, H, W) in [0, 1], C being 3 or 1, and labels int64 (N,).
    """

    def __init__(
        self, split: Images, size: int, seed: int | None = None, limit: int | None = None, device: str = "cpu"
    ) -> None:
        if size < 1:
            raise ValueError(f"got a batch size of {size}; wanted at least 1.")
        self.split, self.device = split, device
        order = np.arange(len(split)) if seed is None else np.random.default_rng(seed).permutation(len(split))
        self._rows = [order[i : i + size] for i in range(0, len(order), size)][:limit]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple["Tensor", "Tensor"]]:
        import torch  # here, so that data sets can be listed and verified without a framework

        for rows in self._rows:
            images = torch.from_numpy(self.split.images[rows]).to(self.device)
            labels = torch.from_numpy(self.split.labels[rows]).to(self.device)
            if images.ndim == 3:
                images = images.unsqueeze(3)  # grey is one channel
            # Floats on the device, to carry a quarter of the bytes. In memory the channels stay last, as they came:
            # convolutions on a CPU are faster so.
            yield images.permute(0, 3, 1, 2).float() / 255, labels
