"""Localization: does a heat map point at the object? Three scores against the object's true mask.

- *Pointing game*: is the largest value on the object? Zhang et al., "Top-down Neural Attention by Excitation
  Backprop", 2016 (arXiv 1608.00507); there a miss by 15 pixels is forgiven, here none is.
- *IoU*, intersection over union: how well does the part of the map above a threshold cover the object, the
  whole of it and nothing else?
- *Energy inside*: which share of the map's positive mass is on the object? Wang et al., "Score-CAM", 2020
  (arXiv 1910.01279).

A score means something only next to what chance gives: see ``chance``. All take a map and a mask per image
and give a number in [0, 1] per image. Negative values of a map speak against the class and never count.
"""

import torch
from numpy.typing import ArrayLike
from torch import Tensor


def pointing_game(maps: ArrayLike | Tensor, masks: ArrayLike | Tensor) -> Tensor:
    """Whether the map's maximum is on the object.

    Maps made of windows have the same value on several pixels. Where these share the maximum, the score is
    the share of them that is on the object: what pointing at one of them blindly gives on average. So a flat
    map scores what chance gives, and no corner is favoured.

    Args:
        maps: (N, H, W), finite.
        masks: bool, (N, H, W), true on the object.

    Returns:
        (N,), 1 for a hit and 0 for a miss, between them where pixels that share the maximum are on both sides.

    Raises:
        ValueError: shapes or types that do not fit, an empty mask, a map that is not finite.
    """
    maps, masks = _checked(maps, masks)
    largest = maps == maps.amax(dim=(1, 2), keepdim=True)
    return _share(largest & masks, largest)


def threshold(maps: ArrayLike | Tensor, share: float = 0.5) -> Tensor:
    """Where a map is high: the pixels of at least a share of its maximum.

    Args:
        maps: (N, H, W), finite.
        share: in (0, 1].

    Returns:
        bool, (N, H, W). All false for a map without positive values, such as a flat one of zeros.

    Raises:
        ValueError: another share, maps of another shape or not finite.
    """
    if not 0 < share <= 1:
        raise ValueError(f"got share={share}; wanted more than 0 and at most 1, a share of the map's maximum.")
    maps = _checked_maps(maps)
    return (maps > 0) & (maps >= share * maps.amax(dim=(1, 2), keepdim=True))


def iou(maps: ArrayLike | Tensor, masks: ArrayLike | Tensor, share: float = 0.5) -> Tensor:
    """Intersection over union of the thresholded map and the mask.

    Args:
        maps: (N, H, W), finite.
        masks: bool, (N, H, W), true on the object.
        share: of the map's maximum, as ``threshold`` takes it.

    Returns:
        (N,), 1 where map and mask agree in every pixel; 0 for a map without positive values.

    Raises:
        ValueError: as ``pointing_game``, and as ``threshold``.
    """
    maps, masks = _checked(maps, masks)
    high = threshold(maps, share)
    return _share(high & masks, high | masks)


def energy_inside(maps: ArrayLike | Tensor, masks: ArrayLike | Tensor) -> Tensor:
    """The share of the map's positive mass that is on the object.

    Args:
        maps: (N, H, W), finite.
        masks: bool, (N, H, W), true on the object.

    Returns:
        (N,); 0 for a map without positive values, which points nowhere.

    Raises:
        ValueError: as ``pointing_game``.
    """
    maps, masks = _checked(maps, masks)
    mass = maps.clamp(min=0)
    return _share(mass * masks, mass)


def chance(masks: ArrayLike | Tensor) -> Tensor:
    """What pointing game and energy give on average for a map of random positive values: the object's area.

    The area is also what a map gets that marks everything, by all three measures. A random map's IoU has no such
    short formula; draw some and score them.

    Args:
        masks: bool, (N, H, W), true on the object.

    Returns:
        the share of the pixels that is on the object, (N,).

    Raises:
        ValueError: masks of another shape or type, or an empty one.
    """
    masks = _checked_masks(masks)
    return _share(masks, torch.ones_like(masks))


def _share(part: Tensor, whole: Tensor) -> Tensor:
    """The sum of the part over that of the whole, image by image; 0 where the whole is 0. (N, H, W) to (N,)."""
    part, whole = part.double().sum(dim=(1, 2)), whole.double().sum(dim=(1, 2))
    return (part / torch.where(whole > 0, whole, 1.0)).float()


def _checked(maps: ArrayLike | Tensor, masks: ArrayLike | Tensor) -> tuple[Tensor, Tensor]:
    maps, masks = _checked_maps(maps), _checked_masks(masks)
    if maps.shape != masks.shape:
        raise ValueError(
            f"got maps of shape {tuple(maps.shape)} and masks of {tuple(masks.shape)}; wanted a mask per map, of "
            f"its size."
        )
    return maps, masks.to(maps.device)


def _checked_maps(maps: ArrayLike | Tensor) -> Tensor:
    maps = torch.as_tensor(maps)
    if maps.dim() != 3:
        raise ValueError(f"got maps of shape {tuple(maps.shape)}; wanted (N, H, W). One map m goes in as m[None].")
    if not maps.isfinite().all():
        raise ValueError("got maps that are NaN or infinite; wanted finite values.")
    return maps.detach().float()


def _checked_masks(masks: ArrayLike | Tensor) -> Tensor:
    masks = torch.as_tensor(masks)
    if masks.dim() != 3 or masks.dtype != torch.bool:
        raise ValueError(
            f"got masks of {masks.dtype}, shape {tuple(masks.shape)}; wanted bool, (N, H, W). Of numbers make "
            f"them by masks > 0."
        )
    empty = (~masks.flatten(1).any(dim=1)).nonzero().flatten().tolist()
    if empty:
        raise ValueError(
            f"got masks without a single true pixel, {len(empty)} of {len(masks)}, the first with number {empty[0]}; "
            f"wanted an object in each. Leave those images out."
        )
    return masks
