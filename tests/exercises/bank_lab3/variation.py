"""3.12: the total variation of images."""

import numpy as np
import torch
from torch.nn import functional as F


def down(images):
    return images[:, :, 1:] - images[:, :, :-1]


def across(images):
    return images[..., 1:] - images[..., :-1]


def variation(size=torch.abs, gather=lambda steps: steps.mean(dim=(1, 2, 3)), ways=(down, across)):
    return lambda images: sum(gather(size(way(images))) for way in ways)


def variation_by_loops(images):
    found = []
    for image in images[:, 0]:
        rows, columns = image.shape
        below = [abs(image[i + 1, j] - image[i, j]) for i in range(rows - 1) for j in range(columns)]
        right = [abs(image[i, j + 1] - image[i, j]) for i in range(rows) for j in range(columns - 1)]
        found.append(sum(below) / len(below) + sum(right) / len(right))
    return found


def variation_in_numpy(images):
    return sum(np.abs(np.diff(images.numpy(), axis=axis)).mean(axis=(1, 2, 3)) for axis in (2, 3))


def variation_by_l1(images):
    pairs = ((images[:, :, 1:], images[:, :, :-1]), (images[..., 1:], images[..., :-1]))
    return sum(F.l1_loss(a, b, reduction="none").flatten(1).mean(1) for a, b in pairs)


def variation_in_place(images):
    images[:, :, 1:] -= images[:, :, :-1].clone()
    return images.abs().mean(dim=(1, 2, 3))


def pooled(images):
    steps = torch.cat([down(images).abs().flatten(1), across(images).abs().flatten(1)], dim=1)
    return steps.mean(dim=1)


def total(steps):
    return steps.sum(dim=(1, 2, 3))


RIGHT = {"3.12": [variation(), variation_by_loops, variation_in_numpy, variation_by_l1]}

WRONG = {
    "3.12": [
        (variation(gather=torch.mean), "over_batch"),
        (lambda images: variation()(images).sum(), "over_batch"),
        (variation(torch.square), "squared"),
        (variation(lambda steps: steps), "signed"),
        (lambda images: variation(lambda steps: steps)(images).abs(), "signed"),
        (variation(lambda steps: steps, lambda steps: steps.mean(dim=(1, 2, 3)).abs()), "signed"),
        (variation(lambda steps: -steps), "signed"),
        (variation(ways=(down,)), "one_direction"),
        (variation(ways=(across,)), "one_direction"),
        (variation(ways=(down, down)), "one_direction"),
        (variation(ways=(down, lambda images: images[:, 1:] - images[:, :-1])), "along_channels"),
        (variation(ways=[lambda i, d=d: i - i.roll(1, d) for d in (2, 3)]), "wraps_around"),
        (variation(ways=[lambda i, d=d: i.roll(-1, d) - i for d in (-2, -1)]), "wraps_around"),
        (variation(gather=total), "sum"),
        (lambda images: variation(gather=total)(images) / images[0].numel(), "over_pixels"),
        (pooled, "halved"),
        (lambda images: variation()(images) / 2, "halved"),
        (lambda images: images.std(dim=(1, 2, 3)), "other"),
        (lambda images: variation()(images)[:, None], "other"),
        (lambda images: variation(torch.square)(images).sqrt(), "other"),
        (variation_in_place, "other"),
        (lambda images: None, "misfit"),
        (lambda images: down(images) + across(images), "raised"),
        (torch.zeros(3), "misfit"),
    ],
}

STUBS = {}
