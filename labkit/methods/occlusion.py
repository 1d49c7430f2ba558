"""Occlusion: cover a part of the image and see how much of a score is lost.

Zeiler, Fergus, "Visualizing and Understanding Convolutional Networks", 2014 (arXiv 1311.2901), Figure 6.

A window slides over the image. At each place it covers what is under it, and the model looks again:

    drop(window) = score(image) - score(image with the window covered)

What the model needs makes a large drop when it is covered; a negative drop says that the score is better off
without. A pixel lies under several windows, so its value in the map is the mean of their drops:

    map[y, x] = mean of drop(window) over all windows that cover (y, x)

So the map has the size of the image, and each drop stands where the window stood. A common mistake takes the
grid of drops, a number per place of the window, for a small image and stretches it over the large one. But
the first drop belongs to the first window, whose middle is half a window away from the corner, and not to the
corner itself: a stretched map is shifted and blown up. ``windows`` gives the places.

    >>> maps = occlusion(model, images, target=3, window=8, stride=2)  # class 3  # doctest: +SKIP
    >>> maps = occlusion(model, images, target=17, layer="3")  # unit 17 of layer "3"  # doctest: +SKIP
"""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from numpy.typing import ArrayLike
from torch import Tensor, nn

from labkit.methods.features import device_of, observe

#: Where a window is: the rows and the columns that it covers.
Place = tuple[slice, slice]

#: From what a layer gives out, (B, ...), to a score of each image, (B,).
Score = Callable[[Tensor], Tensor]


@torch.no_grad()
def occlusion(
    model: nn.Module,
    images: Tensor,
    target: int | Sequence[int] | Tensor | Score,
    *,
    layer: str | None = None,
    window: int | tuple[int, int] = 8,
    stride: int | tuple[int, int] = 2,
    baseline: str | ArrayLike | Tensor = "zero",
    batch_size: int = 64,
) -> Tensor:
    """How much of a score is lost where each pixel is covered.

    Args:
        model: any PyTorch model of images. It runs in eval mode, on its device, and gets its modes back.
        images: (N, C, H, W), in the units that the model takes.
        target: the unit whose activation is the score: one for all images, or one per image, (N,). At the
            model's output a unit is a class. Of a unit with a map, (B, U, h, w), the largest value counts,
            wherever it is. Or a function from what the layer gives out, (B, ...), to scores (B,).
        layer: the layer whose units these are, by its name in ``model.named_modules()``; unset: the model's
            output.
        window: side of the window in pixels, or height and width.
        stride: pixels from one window to the next, or down and across; at most the window's side, for else
            there would be gaps between them. Windows that reach over the lower or right edge are cut off.
        baseline: what is put under the window: "zero"; "mean", the image's mean colour; "blur", the image so
            blurred that nothing of the window's size is left; a number; C numbers, a colour; or anything that
            can be broadcast to the images, (H, W) or (N, C, H, W) say.
        batch_size: images that run at once, at least 1. A pass needs memory for so many; on a GPU larger
            ones are faster.

    Returns:
        (N, H, W), at least float32, on the images' device.

    Raises:
        ValueError: arguments that do not fit, an unknown layer or unit, or scores that are NaN.
        TypeError: a layer that gives out something else than one tensor.
    """
    if images.dim() != 4 or not images.numel() or not images.is_floating_point():
        raise ValueError(
            f"got images of {images.dtype}, shape {tuple(images.shape)}; wanted floats, (N, C, H, W). One image "
            f"goes in as image[None]."
        )
    if batch_size < 1:
        raise ValueError(f"got batch_size={batch_size}; wanted at least 1.")
    height, width = images.shape[2:]
    places = windows((height, width), window, stride)
    covers = cover(images, window, baseline)
    wanted = target if callable(target) else _units(target, len(images))

    device = device_of(model)
    sums = []
    for start in range(0, len(images), batch_size):
        part = slice(start, start + batch_size)
        look = partial(_called, wanted) if callable(wanted) else partial(_activations, wanted[part])
        score = partial(observe, model, layer or "", look=look)
        sums.append(_sum_of_drops(score, images[part].to(device), covers[part].to(device), places, batch_size))
    sum_of_drops = torch.cat(sums).to(images.device)
    if not sum_of_drops.isfinite().all():
        raise ValueError("got scores that are NaN or infinite; wanted numbers. Check the weights and the images.")
    windows_over = torch.zeros(height, width, device=images.device)
    for rows, columns in places:
        windows_over[rows, columns] += 1
    return sum_of_drops / windows_over


def _sum_of_drops(score: Score, images: Tensor, covers: Tensor, places: Sequence[Place], batch_size: int) -> Tensor:
    """For each pixel the sum of the drops of all windows over it, (B, H, W).

    Args:
        score: from images (M, C, H, W) to scores (M,).
        images: (B, C, H, W), at most batch_size.
        covers: what is put under the window, of the same shape.
        places: of the window.
        batch_size: few images go through the model under several windows at once.
    """
    whole = score(images.clone())  # a model whose first layer works in place must not reach the images
    total = images.new_zeros(len(images), *images.shape[2:], dtype=torch.promote_types(whole.dtype, torch.float32))
    at_once = batch_size // len(images)
    for start in range(0, len(places), at_once):
        group = places[start : start + at_once]
        occluded = images.repeat(len(group), 1, 1, 1, 1)  # (windows, B, C, H, W)
        for copy, (rows, columns) in zip(occluded, group, strict=True):
            copy[..., rows, columns] = covers[..., rows, columns]
        drops = whole - score(occluded.flatten(0, 1)).view(len(group), -1)
        for drop, (rows, columns) in zip(drops, group, strict=True):
            total[:, rows, columns] += drop[:, None, None]
    return total


def windows(size: tuple[int, int], window: int | tuple[int, int] = 8, stride: int | tuple[int, int] = 2) -> list[Place]:
    """The places of the window, row after row.

    The first stands in the upper left corner, and the last ones reach the lower and right edge or over it:
    a slice ends at the edge. There are ceil((H - window) / stride) + 1 of them downwards, and likewise across.

    Args:
        size: of the image, (H, W).
        window: side of the window, or height and width, at most the image's.
        stride: from one window to the next, or down and across.

    Returns:
        for each place the rows and the columns under the window: ``image[..., rows, columns]``.

    Raises:
        ValueError: a window larger than the image, or a stride that leaves gaps.
    """
    starts = []
    for name, pixels, side, step in zip(("height", "width"), size, _pair(window), _pair(stride), strict=True):
        if not 1 <= side <= pixels:
            raise ValueError(f"got a window of {name} {side}; wanted from 1 to the image's {name}, {pixels}.")
        if step < 1 or (step > side and side < pixels):
            raise ValueError(
                f"got stride {step} for a window of {name} {side}; wanted from 1 to {side}: a larger one leaves "
                f"gaps that no window covers."
            )
        starts.append(range(0, pixels - side + step, step))
    height, width = _pair(window)
    return [
        (slice(top, min(top + height, size[0])), slice(left, min(left + width, size[1])))
        for top in starts[0]
        for left in starts[1]
    ]


def cover(images: Tensor, window: int | tuple[int, int] = 8, baseline: str | ArrayLike | Tensor = "zero") -> Tensor:
    """What is put under the window.

    Args:
        images: (N, C, H, W).
        window: side of the window, or height and width; "blur" goes by it.
        baseline: as ``occlusion`` takes it.

    Returns:
        of the images' shape, to be read only: a view where all pixels are alike.

    Raises:
        ValueError: another name, or values that cannot be broadcast to the images.
    """
    if isinstance(baseline, str):
        if baseline not in _BASELINES:
            raise ValueError(
                f"got baseline={baseline!r}; wanted one of {', '.join(map(repr, _BASELINES))}, a number, "
                f"{images.shape[1]} numbers for a colour, or a tensor."
            )
        return _BASELINES[baseline](images, max(_pair(window))).expand_as(images)
    values = torch.as_tensor(baseline, dtype=images.dtype, device=images.device)
    if values.dim() == 1:  # a colour; by the rules of broadcasting it would be a row of pixels
        values = values.view(-1, 1, 1)
    try:
        return values.expand_as(images)
    except RuntimeError as error:
        raise ValueError(
            f"got a baseline of shape {tuple(torch.as_tensor(baseline).shape)}; wanted a number, {images.shape[1]} "
            f"numbers for a colour, or what can be broadcast to the images, {tuple(images.shape)}."
        ) from error


def _blur(images: Tensor, side: int) -> Tensor:
    """The images under a Gaussian with a standard deviation of half the window's side."""
    from torchvision.transforms.functional import gaussian_blur  # slow to import, and needed here alone

    sigma = side / 2
    reach = min(3 * side // 2 + 1, *(pixels - 1 for pixels in images.shape[2:]))  # reflection allows no more
    return gaussian_blur(images, kernel_size=[2 * reach + 1] * 2, sigma=[sigma, sigma])


_BASELINES: dict[str, Callable[[Tensor, int], Tensor]] = {
    "zero": lambda images, side: images.new_zeros(()),
    "mean": lambda images, side: images.mean(dim=(2, 3), keepdim=True),
    "blur": _blur,
}


def _pair(sides: int | tuple[int, int]) -> tuple[int, int]:
    return sides if isinstance(sides, tuple) else (sides, sides)


def _units(target: int | Sequence[int] | Tensor, images: int) -> Tensor:
    """The unit of each image, (N,)."""
    units = torch.as_tensor(target)
    if units.is_floating_point() or units.dtype == torch.bool or units.shape not in ((), (images,)):
        raise ValueError(
            f"got a target of {units.dtype}, shape {tuple(units.shape)}; wanted the number of a unit, or {images} of "
            f"them, one per image."
        )
    return units.expand(images)


def _called(function: Score, output: Tensor) -> Tensor:
    """The scores that a function makes of a layer's output."""
    scores = function(output)
    if scores.shape != output.shape[:1]:
        raise ValueError(
            f"got scores of shape {tuple(scores.shape)} from the target for {len(output)} images; wanted one per "
            f"image, ({len(output)},)."
        )
    return scores.clone()  # it may be a view of the output, which layers that follow may write into


def _activations(units: Tensor, output: Tensor) -> Tensor:
    """The activation of its unit for each row of the output, the largest of the unit's map: (B, U, ...) to (B,).

    Args:
        units: of the images, fewer than B where these come again under several windows.
        output: of a layer.
    """
    if output.dim() < 2:
        raise ValueError(f"got outputs of shape {tuple(output.shape)}; wanted a layer with units, (B, U, ...).")
    if not 0 <= int(units.min()) <= int(units.max()) < output.shape[1]:
        raise ValueError(
            f"got units from {int(units.min())} to {int(units.max())}; wanted units of the layer, from 0 to "
            f"{output.shape[1] - 1}."
        )
    rows = torch.arange(len(output), device=output.device)
    chosen = output[rows, units.to(output.device).repeat(len(output) // len(units))]
    return chosen.reshape(len(output), -1).amax(dim=1)
