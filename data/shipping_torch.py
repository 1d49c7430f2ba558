"""How the shipped PyTorch networks are trained and written.

Their weights are rounded to half precision before their accuracy is measured, because that is what the file holds.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import torch
from torch import nn

from labkit import training
from labkit.models import save
from labkit.training import accuracy, fit

#: (network, path, notes by name) -> a checkpoint in half precision.
save_half = partial(save, overwrite=True, dtype=torch.float16)


def train(
    create: Callable[[], nn.Module],
    batches: Callable[..., Iterable[Any]],
    data: Any,
    sizes: Callable[[int], int],
    loss: nn.Module,
    seed: int,
    **settings: Any,
) -> tuple[nn.Module, dict[str, float]]:
    """A trained network in half precision's values, and its validation and test accuracy.

    Args:
        create: gives the fresh network; its weights are drawn with the seed.
        batches: (split, size, seed) -> batches of inputs and labels.
        data: with splits ``train``, ``validation`` and ``test``.
        sizes: epoch -> size of a batch.
        loss: of the network's output and the labels.
        seed: of weights, order and dropout.
        **settings: handed on to ``labkit.training.fit``.
    """
    training.seed_everything(seed)
    model = create()
    fit(
        model,
        lambda epoch: batches(data.train, sizes(epoch), seed=1000 * seed + epoch),
        loss,
        lambda m: accuracy(m, batches(data.validation, 256)),
        optimizer=torch.optim.AdamW,
        seed=seed,
        **settings,
    )
    model.eval().half().float()
    return model, {
        f"{split}_accuracy": accuracy(model, batches(getattr(data, split), 256)) for split in ("validation", "test")
    }
