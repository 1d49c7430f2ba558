"""2.10, 2.11 and 2.12: how map and mask fall together, and the choice that is defended by it."""

import numpy as np
import torch

# --- 2.10 ----------------------------------------------------------------------------------------------------


def energy_by_loops(heat, mask):
    inside = everything = 0.0
    for value, within in zip(heat.flatten().tolist(), mask.flatten().tolist(), strict=True):
        if value > 0:
            everything += value
            inside += value * within
    return inside / everything if everything else 0


def energy_in_numpy(heat, mask):
    positive = np.where(heat.numpy() > 0, heat.numpy(), 0)
    return np.nan_to_num(np.divide(positive[mask.numpy()].sum(), positive.sum() or 1))


def energy_by_product(heat, mask):
    positive = heat.relu()
    return (positive * mask).sum() / positive.sum().clamp(min=1e-12)


def energy_in_place(heat, mask):
    return heat.clamp_(min=0)[mask].sum() / heat.sum().clamp(min=1e-12)


def energy(above, below, guard=True):
    def measure(heat, mask):
        over = below(heat, mask)
        return above(heat, mask) / over if over or not guard else 0.0

    return measure


def within(heat, mask):
    return heat.clamp(min=0)[mask].sum()


def outside(heat, mask):
    return heat.clamp(min=0)[~mask].sum()


def positive(heat, mask):
    return heat.clamp(min=0).sum()


# --- 2.11 ----------------------------------------------------------------------------------------------------


def iou_by_sets(predicted, true):
    a, b = ({tuple(place) for place in mask.nonzero().tolist()} for mask in (predicted, true))
    return len(a & b) / len(a | b) if a | b else 0


def iou_by_arithmetic(predicted, true):
    total = predicted.int() + true.int()
    return (total == 2).sum() / (total > 0).sum().clamp(min=1)


def iou_in_numpy(predicted, true):
    a, b = predicted.numpy(), true.numpy()
    either = np.logical_or(a, b).sum()
    return np.float32(np.logical_and(a, b).sum() / either) if either else np.float32(0)


def over(size, empty=0.0):
    def measure(a, b):
        below = size(a, b)
        return ((a & b).sum() / below).item() if below else empty

    return measure


def iou_in_place(predicted, true):
    either = (predicted | true).sum()
    predicted &= true
    return predicted.sum() / either.clamp(min=1)


# --- 2.12 ----------------------------------------------------------------------------------------------------

WHY = (
    "A window of 8 with the mean as baseline put 0.61 of the energy inside the masks, where 4 pixels gave 0.52 and "
    "the black occluder 0.55."
)


def choice(**changed):
    return {"window": 8, "stride": 2, "baseline": "mean", "score": 0.61, "why": WHY} | changed


RIGHT = {
    "2.10": [energy_by_loops, energy_in_numpy, energy_by_product, energy(within, positive)],
    "2.11": [iou_by_sets, iou_by_arithmetic, iou_in_numpy, over(lambda a, b: (a | b).sum())],
    "2.12": [
        choice(),
        choice(window=16, stride=16, baseline="zero", score=torch.tensor(0.4)),
        choice(score=-0.02),
        choice(window=np.int64(2), stride=1.0, baseline="blur", score=1, why=WHY.replace(" ", "\n")),
    ],
}

WRONG = {
    "2.10": [
        (energy(within, positive, guard=False), "zero_mass"),
        (lambda heat, mask: energy(within, positive)(heat, mask) if (heat > 0).any() else 1.0, "zero_mass"),
        (energy(lambda heat, mask: heat[mask].sum(), lambda heat, mask: heat.sum()), "negatives_counted"),
        (energy(lambda heat, mask: heat[mask].sum(), positive), "negatives_counted"),
        (energy(within, lambda heat, mask: heat.sum()), "negatives_counted"),
        (energy(lambda heat, mask: heat.abs()[mask].sum(), lambda heat, mask: heat.abs().sum()), "by_size"),
        (energy(lambda heat, mask: heat.relu()[mask].mean(), lambda heat, mask: heat.relu().mean()), "means"),
        (within, "not_divided"),
        (energy(outside, positive), "outside"),
        (energy(within, outside), "inside_over_outside"),
        (energy(lambda heat, mask: (mask & (heat > 0)).sum(), lambda heat, mask: (heat > 0).sum()), "counts_pixels"),
        (lambda heat, mask: float(within(heat, mask)) / float(positive(heat, mask)), "misfit"),
        (lambda heat, mask: heat.clamp(min=0)[mask], "misfit"),
        (lambda heat, mask: heat.clamp(min=0).max() / positive(heat, mask).clamp(min=1e-12), "other"),
        (lambda heat, mask: 0.5, "other"),
        (lambda heat, mask: heat[mask.float()].sum(), "raised"),
    ],
    "2.11": [
        (lambda a, b: (a & b).sum() / (a | b).sum(), "both_empty"),
        (over(lambda a, b: (a | b).sum(), empty=1.0), "both_empty"),
        (over(lambda a, b: b.sum()), "over_true"),
        (over(lambda a, b: a.sum()), "over_predicted"),
        (over(lambda a, b: a.sum() + b.sum()), "dice"),
        (over(lambda a, b: (a.sum() + b.sum()) / 2), "dice_doubled"),
        (lambda a, b: (a == b).double().mean(), "accuracy"),
        (lambda a, b: (a & b).double().mean(), "over_image"),
        (lambda a, b: (a & b).sum(), "count"),
        (lambda a, b: 1 - over(lambda a, b: (a | b).sum())(a, b), "distance"),
        (lambda a, b: (a & b).sum().item() / (a | b).sum().item(), "misfit"),
        (lambda a, b: a & b, "misfit"),
        (over(lambda a, b: torch.maximum(a.sum(), b.sum())), "other"),
        (lambda a, b: 0.0, "other"),
        (lambda a, b: (a - b).sum(), "raised"),
    ],
    "2.12": [
        (choice(window=8.5), "no_window"),
        (choice(stride=0.5), "no_window"),
        (choice(window=1, stride=1), "window_size"),
        (choice(window=32), "window_size"),
        (choice(stride=0), "no_stride"),
        (choice(window=4, stride=6), "gaps"),
        (choice(baseline="black"), "unknown_baseline"),
        (choice(baseline="Zero"), "unknown_baseline"),
        (choice(score=61), "no_share"),
        (choice(score=float("nan")), "no_share"),
        (choice(window=float("inf")), "no_window"),
        (choice(stride=float("nan")), "no_window"),
        (
            choice(why="The mean is better because a black square is an edge which photos never have in them."),
            "no_number",
        ),
        (choice(why="It scored 0.61."), "too_short"),
        (choice(why="0.61 and " * 20), "too_short"),
        (choice(baseline=0.5), "misfit"),
        (choice(window="8"), "misfit"),
        (choice(why=0.61), "misfit"),
        ({name: value for name, value in choice().items() if name != "score"}, "misfit"),
        (list(choice().values()), "misfit"),
        (WHY, "misfit"),
    ],
}

REMARKED = {
    "2.10": [
        (energy_in_place, "changes_handed"),
    ],
    "2.11": [
        (iou_in_place, "changes_handed"),
    ],
}

STUBS = {
    "2.12": [
        ...,
        choice(window=..., stride=..., baseline=..., score=..., why="YOUR ANSWER HERE"),
        choice(score=...),
        choice(why="YOUR ANSWER HERE"),
        choice(why=f"{WHY} YOUR ANSWER HERE"),
        choice(why=""),
    ],
}
