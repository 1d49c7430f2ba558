"""PyTorch's part of occlusion: copies of the images, and the score of each."""

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from labkit.methods.features import device_of, observe
from labkit.methods.occlusion.scores import Score, Scorer, check_scores, check_units


class InTorch:
    """A PyTorch model, as ``occlusion`` needs it."""

    images_shape = "(N, C, H, W)"

    def __init__(self, model: nn.Module) -> None:
        self.model = model

    def images(self, images: Any) -> Tensor:
        """The images as a tensor without gradient."""
        return torch.as_tensor(images).detach()

    def numpy(self, array: Any) -> np.ndarray:
        """As an array on the CPU. NumPy has no bfloat16."""
        tensor = torch.as_tensor(array).cpu()
        return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()

    def here(self, images: Tensor) -> Tensor:
        """On the model's device."""
        return images.to(device_of(self.model))

    def copies(self, array: Tensor, times: int) -> Tensor:
        """So many copies, (times, B, ...), to be written into."""
        return array.repeat(times, *[1] * array.dim())

    def scoring(self, layer: str, score: Score | None) -> AbstractContextManager[Scorer]:
        """With a look at a layer; the model is open during a pass alone."""

        def scorer(images: Tensor, units: np.ndarray) -> Tensor:
            look = partial(_activations, units) if score is None else partial(_called, score)
            return observe(self.model, layer, images, look)

        return nullcontext(scorer)

    def result(self, maps: np.ndarray, images: Tensor) -> Tensor:
        """The maps as a tensor on the images' device."""
        return torch.from_numpy(maps).to(images.device)


def _called(function: Score, output: Tensor) -> Tensor:
    """The scores that a function makes of a layer's output."""
    scores = function(output)
    check_scores(scores.shape, len(output))
    return scores.clone()  # it may be a view of the output, which layers that follow may write into


def _activations(units: np.ndarray, output: Tensor) -> Tensor:
    """The activation of its unit for each row of the output, the largest of the unit's map: (B, U, ...) to (B,)."""
    if output.dim() < 2:
        raise ValueError(f"got outputs of shape {tuple(output.shape)}; wanted a layer with units, (B, U, ...).")
    check_units(units, output.shape[1])
    rows = torch.arange(len(output), device=output.device)
    chosen = output[rows, torch.from_numpy(units).to(output.device)]
    return chosen.reshape(len(output), -1).amax(dim=1)
