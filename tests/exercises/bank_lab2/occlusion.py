"""2.8 and 2.9: how many windows there are, and the map of what each of them hides."""

import math

import numpy as np
import torch
from torch.nn import functional as F

# --- 2.8 -----------------------------------------------------------------------------------------------------


def count_by_walking(size, window, stride):
    windows, end = 1, window
    while end < size:
        windows, end = windows + 1, end + stride
    return windows


def count_by_range(size, window, stride):
    return len(range(0, size - window + stride, stride))


# --- 2.9 -----------------------------------------------------------------------------------------------------


def needed(size, window, stride):
    return range(0, count_by_walking(size, window, stride) * stride, stride)


def map_by_loops(score, image, window, stride, baseline):
    height, width = image.shape[1:]
    drops = [[[] for _ in range(width)] for _ in range(height)]
    whole = score(image.unsqueeze(0)).item()
    for top in needed(height, window, stride):
        for left in needed(width, window, stride):
            hidden = image.clone()
            hidden[:, top : top + window, left : left + window] = baseline
            drop = whole - score(hidden.unsqueeze(0)).item()
            for y in range(top, min(top + window, height)):
                for x in range(left, min(left + window, width)):
                    drops[y][x].append(drop)
    return [[sum(several) / len(several) for several in row] for row in drops]


def map_in_one_batch(score, image, window, stride, baseline):
    _, height, width = image.shape
    y, x = torch.arange(height), torch.arange(width)
    masks = torch.stack(
        [
            ((y >= top) & (y < top + window))[:, None] & ((x >= left) & (x < left + window))
            for top in needed(height, window, stride)
            for left in needed(width, window, stride)
        ]
    )
    occluded = torch.where(masks[:, None], torch.as_tensor(baseline, dtype=image.dtype), image)
    drops = score(image[None]) - score(occluded)
    return (drops[:, None, None] * masks).sum(0) / masks.sum(0)


def map_with_restoring(score, image, window, stride, baseline):
    """Hides in the image itself and puts back what was there."""
    total, count = np.zeros(image.shape[1:], np.float32), np.zeros(image.shape[1:], np.float32)
    whole = float(score(image[None])[0])
    for top in needed(image.shape[1], window, stride):
        for left in needed(image.shape[2], window, stride):
            place = np.s_[top : top + window, left : left + window]
            before = image[:, *place].clone()
            image[:, *place] = baseline
            total[place] += whole - float(score(image[None])[0])
            count[place] += 1
            image[:, *place] = before
    return torch.from_numpy(total / count)


def mapper(
    starts=needed,
    says=lambda whole, hidden: whole - hidden,
    sides=lambda height, width: (height, width),
    copies="each",
    shift=0,
    fill=None,
    add=True,
    draw=None,
):
    """The loop of the solution, in which one thing or another is wrong."""

    def occlusion_map(score, image, window, stride, baseline):
        _, height, width = image.shape
        rows, columns = ([s + shift * (window // 2) for s in starts(n, window, stride)] for n in sides(height, width))
        total, count = torch.zeros(height, width), torch.zeros(height, width)
        grid = torch.zeros(len(rows), len(columns))
        whole = score(image[None])[0]
        occluded = image if copies == "none" else image.clone()
        for i, top in enumerate(rows):
            for j, left in enumerate(columns):
                occluded = image.clone() if copies == "each" else occluded
                place = np.s_[max(top, 0) : top + window, max(left, 0) : left + window]
                occluded[:, *place] = baseline if fill is None else fill
                drop = says(whole, score(occluded[None])[0])
                grid[i, j] = drop
                total[place] = total[place] + drop if add else drop
                count[place] += 1
        return draw(total, count, grid, window, stride) if draw else total / count

    return occlusion_map


def everywhere(size, window, stride):
    return range(0, size, stride)


def inside(size, window, stride):
    return range(0, size - window + 1, stride)


def moved_in(size, window, stride):
    return [min(start, size - window) for start in needed(size, window, stride)]


def enlarged(mode):
    return lambda total, count, grid, window, stride: F.interpolate(grid[None, None], total.shape, mode=mode)[0, 0]


def summed(total, *others):
    return total


def counted(total, count, *others):
    """The mean, and 0 where no window was."""
    return total / count.clamp(min=1)


def no_copy(score, image, window, stride, baseline):
    total = torch.zeros(image.shape[1:])
    for top in needed(image.shape[1], window, stride):
        occluded = image
        occluded[:, top : top + window] = baseline
        total[top : top + window] += score(image[None])[0] - score(occluded[None])[0]
    return total


def spoiling(score, image, window, stride, baseline):
    found = map_in_one_batch(score, image, window, stride, baseline)
    image.zero_()
    return found


def without_batch(score, image, window, stride, baseline):
    return torch.full(image.shape[1:], score(image))


RIGHT = {
    "2.8": [
        count_by_walking,
        count_by_range,
        lambda size, window, stride: math.ceil((size - window) / stride) + 1,
        lambda size, window, stride: torch.tensor((size - window + stride - 1) // stride + 1),
    ],
    "2.9": [map_by_loops, map_in_one_batch, map_with_restoring, mapper()],
}

WRONG = {
    "2.8": [
        (lambda size, window, stride: (size - window) // stride + 1, "overhanging_left_out"),
        (lambda size, window, stride: len(inside(size, window, stride)), "overhanging_left_out"),
        (lambda size, window, stride: math.ceil((size - window) / stride), "first_forgotten"),
        (lambda size, window, stride: (size - window) // stride, "first_forgotten"),
        (lambda size, window, stride: len(range(0, size - window, stride)), "first_forgotten"),
        (lambda size, window, stride: len(range(0, size, stride)), "starts_everywhere"),
        (lambda size, window, stride: len(range(window // 2, size, stride)), "centres"),
        (lambda size, window, stride: size // stride, "window_forgotten"),
        (lambda size, window, stride: size / stride, "window_forgotten"),
        (lambda size, window, stride: count_by_walking(size, window, stride) ** 2, "both_sides"),
        (lambda size, window, stride: (size - window) / stride + 1, "not_whole"),
        (lambda size, window, stride: size // window, "other"),
        (lambda size, window, stride: math.ceil((size - window) / stride) + 2, "other"),
        (lambda size, window, stride: needed(size, window, stride), "misfit"),
        (lambda size, window: size - window, "raised"),
        (13, "misfit"),
    ],
    "2.9": [
        (spoiling, "changes_image"),
        (no_copy, "no_copy"),
        (mapper(copies="once"), "piles_up"),
        (mapper(copies="none"), "piles_up"),
        (mapper(says=lambda whole, hidden: hidden - whole), "sign"),
        (mapper(says=lambda whole, hidden: (whole - hidden).abs()), "absolute"),
        (lambda *given: mapper()(*given).abs(), "absolute"),
        (mapper(says=lambda whole, hidden: hidden), "no_difference"),
        (mapper(says=lambda whole, hidden: 1 - hidden / whole), "relative"),
        (mapper(fill=0), "baseline_ignored"),
        (mapper(draw=summed), "sum"),
        (mapper(draw=lambda total, count, grid, *others: total / grid.numel()), "same_divisor"),
        (mapper(draw=lambda total, count, grid, window, stride: total / window**2), "same_divisor"),
        (mapper(draw=lambda total, count, grid, window, stride: total / (window / stride) ** 2), "same_divisor"),
        (mapper(add=False, draw=summed), "last_window_wins"),
        (mapper(inside), "edge_left_out"),
        (mapper(inside, draw=counted), "edge_left_out"),
        (mapper(lambda size, window, stride: range(0, size - window, stride)), "edge_left_out"),
        (mapper(moved_in), "moved_in"),
        (mapper(everywhere), "too_many_windows"),
        (mapper(draw=lambda total, count, grid, *others: grid), "grid"),
        (mapper(draw=enlarged("nearest")), "stretched"),
        (mapper(draw=enlarged("bilinear")), "stretched"),
        (mapper(shift=-1), "centred"),
        (mapper(everywhere, shift=-1), "centred"),
        (mapper(shift=-1, draw=counted), "centred"),
        (lambda *given: mapper()(*given).T, "transposed"),
        (mapper(sides=lambda height, width: (height, height)), "same_both_ways"),
        (mapper(sides=lambda height, width: (width, width), draw=counted), "same_both_ways"),
        (mapper(inside, copies="none", draw=summed), "edge_left_out+sum+piles_up"),
        (mapper(inside, copies="once", add=False, draw=summed), "edge_left_out+last_window_wins+piles_up"),
        (mapper(inside, draw=summed), "edge_left_out+sum"),
        (mapper(inside, add=False, draw=summed), "edge_left_out+last_window_wins"),
        (mapper(inside, copies="none"), "edge_left_out+piles_up"),
        (mapper(inside, copies="once", draw=counted), "edge_left_out+piles_up"),
        (mapper(copies="none", draw=summed), "sum+piles_up"),
        (mapper(copies="once", add=False, draw=summed), "last_window_wins+piles_up"),
        (mapper(shift=1), "other"),
        (mapper(fill=0.9), "other"),
        (lambda *given: mapper()(*given)[None], "other"),
        (lambda *given: "a map", "misfit"),
        (without_batch, "raised"),
        (lambda score, image: score(image[None]), "raised"),
    ],
}

STUBS = {}
