"""Batches of texts of like length.

A batch is padded to its own longest text. With texts drawn at random that is often the longest of all:
25,000 IMDB reviews of 235 words on average would be padded to 2,494. Texts of like length side by side
leave almost nothing to pad.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from labkit.datasets.reviews import Split
from labkit.datasets.vocabulary import PADDING

if TYPE_CHECKING:
    from torch import Tensor

# Lengths are blurred by this share before sorting, so that a text meets other neighbours in each epoch.
BLUR = 0.1


class Batches:
    """The texts of a split in padded batches, as often as they are asked for.

    Args:
        split: texts and labels.
        size: texts in a batch; the last one may hold fewer.
        seed: None for a fixed order by length; else the order of this seed. Every iteration gives the same
            batches, so a training loop takes a new ``Batches`` with another seed for each epoch.
        limit: no more than so many batches.
        device: where the tensors go.

    Yields:
        ids int64 (N, L), padded on the right with 0, and labels float32 (N,).
    """

    def __init__(
        self, split: Split, size: int, seed: int | None = None, limit: int | None = None, device: str = "cpu"
    ) -> None:
        if size < 1:
            raise ValueError(f"got a batch size of {size}; wanted at least 1.")
        self.split, self.device = split, device
        lengths = np.array([len(ids) for ids in split.ids])
        if seed is None:
            order = np.argsort(lengths, kind="stable")
        else:
            rng = np.random.default_rng(seed)
            order = np.argsort(lengths * rng.uniform(1 - BLUR, 1 + BLUR, len(lengths)), kind="stable")
        self._rows = [order[i : i + size] for i in range(0, len(order), size)]
        if seed is not None:
            self._rows = [self._rows[i] for i in rng.permutation(len(self._rows))]
        self._rows = self._rows[:limit]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[tuple["Tensor", "Tensor"]]:
        import torch  # here, so that data sets can be listed and verified without a framework

        for rows in self._rows:
            ids = torch.from_numpy(pad([self.split.ids[i] for i in rows]))
            labels = torch.from_numpy(self.split.labels[rows])
            yield ids.to(self.device), labels.to(self.device)


def pad(texts: Sequence[np.ndarray]) -> np.ndarray:
    """Texts as one array, padded on the right to the longest of them.

    Args:
        texts: N arrays of ids, (L_n,).

    Returns:
        int64 (N, max L_n).
    """
    padded = np.full((len(texts), max(len(ids) for ids in texts)), PADDING, dtype=np.int64)
    for row, ids in zip(padded, texts, strict=True):
        row[: len(ids)] = ids
    return padded
