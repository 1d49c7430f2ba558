"""Occlusion's cost: by the method, and with all copies made at once, against the bare forward passes."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from labkit.methods.occlusion import Place, occlusion, windows
from labkit.models.cifar_cnn import CifarCNN

VARIANTS = ("forward passes", "occlusion", "all copies at once")

WINDOW, STRIDE, BATCH = 8, 2, 64


def prepare(small: bool = False) -> dict[str, Callable[[], object]]:
    """60 random images of 32 x 32 and a window of 8 at stride 2, so 10,140 occluded images; small: 2 images."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2 if small else 60, 3, 32, 32, generator=generator)
    classes = torch.arange(len(images)) % 10
    torch.manual_seed(0)
    model = CifarCNN().eval()
    places = windows((32, 32), WINDOW, STRIDE)
    return {
        "forward passes": lambda: _forward_passes(model, images, len(places)),
        "occlusion": lambda: occlusion(model, images, classes, window=WINDOW, stride=STRIDE, batch_size=BATCH),
        "all copies at once": lambda: _all_copies_at_once(model, images, classes, places),
    }


@torch.no_grad()
def _forward_passes(model: nn.Module, images: Tensor, places: int) -> None:
    """As many images, in batches as large: at each pass all of the images, as often as fits into a batch."""
    at_once = BATCH // len(images)
    batch = images.repeat(at_once, 1, 1, 1)
    for start in range(0, places, at_once):
        model(batch[: min(at_once, places - start) * len(images)])


@torch.no_grad()
def _all_copies_at_once(model: nn.Module, images: Tensor, classes: Tensor, places: Sequence[Place]) -> Tensor:
    """What one writes first: a list of a copy of the images per window, then all of them through the model."""
    copies = []
    for rows, columns in places:
        copy = images.clone()
        copy[..., rows, columns] = 0
        copies.append(copy)
    logits = torch.cat([model(batch) for batch in torch.cat(copies).split(BATCH)])
    scores = logits.view(len(places), len(images), -1)[:, range(len(images)), classes]
    drops = model(images)[range(len(images)), classes] - scores
    total, windows_over = torch.zeros(len(images), 32, 32), torch.zeros(32, 32)
    for drop, (rows, columns) in zip(drops, places, strict=True):
        total[:, rows, columns] += drop[:, None, None]
        windows_over[rows, columns] += 1
    return total / windows_over
