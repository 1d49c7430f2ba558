"""Filters: the weights of a convolution as images.

A filter of a convolution is a small stack of pictures, one per input channel, of what excites it: where a
weight is positive, a bright input raises the activation, where it is negative, it lowers it.

The three input channels of a first layer are red, green and blue, so its filters are shown as what they are,
small colour images. The channels of a deeper layer are the feature maps of the layer before: they are not
colours, and they are more than three. So each is shown by itself, in grey.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class FilterImages:
    """Filters to look at, and the scale to read them by.

    Attributes:
        images: values in [0, 1], where 0.5 is the weight 0, more is positive and less negative:
            (F, h, w, 3) for three input channels, (F, C, h, w) for any other number, to be drawn in grey.
        limit: per filter the |weight| that 1 stands for, and 0 with a minus: the ends of the colour bar,
            (F,). The weights are (images - 0.5) * 2 * limit.
    """

    images: Tensor
    limit: Tensor


def weights_as_images(convolution: nn.Conv2d | Tensor, scale: str = "filter") -> FilterImages:
    """The filters of a convolution as images.

    Weights are scaled by one number and not shifted, so that 0 is always the middle grey and the sign can be
    read. Stretching each filter from its least to its largest weight, which is often seen, loses that.

    Args:
        convolution: any ``nn.Conv2d``, or its weights (F, C, h, w). Of a grouped convolution C is the number
            of channels that one filter sees.
        scale: "filter", each filter by its own largest |weight|, shows the pattern of weak ones too;
            "layer", all by the largest of all, shows which filters are weak.

    Returns:
        copies in float32 on the CPU. A filter of nothing but zeros is all 0.5, with limit 0.

    Raises:
        ValueError: weights that are not (F, C, h, w) or not finite; another scale.
        TypeError: another kind of layer.
    """
    if scale not in ("filter", "layer"):
        raise ValueError(f"got scale={scale!r}; wanted 'filter' or 'layer'.")
    weights = _weights(convolution)
    limit = weights.abs().amax(dim=(1, 2, 3))
    if scale == "layer":
        limit = limit.max().expand(len(weights)).clone()
    divisor = torch.where(limit > 0, limit, 1.0).view(-1, 1, 1, 1)
    images = 0.5 + 0.5 * (weights / divisor)
    if weights.shape[1] == 3:
        images = images.permute(0, 2, 3, 1).contiguous()
    return FilterImages(images, limit)


def _weights(convolution: nn.Conv2d | Tensor) -> Tensor:
    """The weights (F, C, h, w), float32 on the CPU, without gradient."""
    if not isinstance(convolution, (nn.Conv2d, Tensor)):
        raise TypeError(
            f"got {type(convolution).__name__}; wanted an nn.Conv2d, such as model[1], or its weights (F, C, h, w)."
        )
    weights = convolution if isinstance(convolution, Tensor) else convolution.weight
    weights = weights.detach().to("cpu", torch.float32)
    if weights.dim() != 4 or not weights.numel():
        raise ValueError(f"got weights of shape {tuple(weights.shape)}; wanted (F, C, h, w), none of them 0.")
    if not weights.isfinite().all():
        raise ValueError("got weights that are NaN or infinite; wanted finite ones. Has the training diverged?")
    return weights
