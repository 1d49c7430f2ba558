"""Random convolutional networks, as plain data that each framework builds in its own way.

A network is a list of steps, and a step a tuple of its kind and its settings:

    ("conv", kernel, stride, dilation, padding)     padding: "same", "valid" or a number of rows and columns
    ("pool", "max" or "average", kernel, stride, padding)
    ("transposed", kernel, stride, padding)
    ("enlarge", factors, "nearest" or "bilinear")
    ("pad", ((top, bottom), (left, right))), ("crop", ...)
    ("pointwise",)
    ("branches", "add" or "concatenate", steps, steps)
"""

import random

IMAGE = (34, 30)


def architectures(count):
    """So many networks; each of the kinds of steps is in some of them."""
    return [architecture(random.Random(seed)) for seed in range(count)]


def architecture(dice):
    steps, side, enlarged = [], min(IMAGE), False
    while len(steps) < 6 and side >= 10:
        kinds = ["conv", "conv", "conv", "pool", "pool", "branches", "branches", "pad", "crop", "pointwise"]
        kind = dice.choice(kinds if enlarged or side > 28 else [*kinds, "transposed", "transposed", "enlarge"])
        enlarged |= kind in ("transposed", "enlarge")
        step = STEPS[kind](dice)
        steps.append(step)
        side = side_after(step, side)
    return steps


def conv(dice):
    stride = pair(dice, (1, 1, 2))
    # Keras knows no dilated strided convolutions.
    dilation = pair(dice, (1, 1, 2)) if stride == (1, 1) else (1, 1)
    return ("conv", pair(dice, (1, 2, 3, 4)), stride, dilation, dice.choice(["same", "valid", "valid"]))


def pool(dice):
    kind, kernel = dice.choice(["max", "average"]), pair(dice, (2, 3))
    return ("pool", kind, kernel, dice.choice([kernel, (2, 2), (1, 2)]), dice.choice(["same", "valid"]))


def transposed(dice):
    stride = pair(dice, (1, 2))
    # At least as large as the stride, so that each unit sees something.
    kernel = tuple(side + dice.choice([0, 1, 2]) for side in stride)
    return ("transposed", kernel, stride, dice.choice(["same", "valid"]))


def enlarge(dice):
    how = dice.choice(["nearest", "bilinear"])
    # Thirds are no floats: between two pixels, a weight that should be zero is then a little above it.
    return ("enlarge", pair(dice, (1, 2, 3) if how == "nearest" else (1, 2, 4)), how)


def pad(dice):
    return ("pad", (pair(dice, (0, 1, 2)), pair(dice, (0, 1, 2))))


def crop(dice):
    return ("crop", (pair(dice, (0, 1, 2)), pair(dice, (0, 1, 2))))


def pointwise(dice):
    return ("pointwise",)


def branches(dice):
    """Branches that fit: kernels of odd reach, each with the padding that keeps its centre."""
    stride = dice.choice([(1, 1), (1, 1), (2, 2), (1, 2)])

    def branch(kernels):
        dilation = pair(dice, (1, 2)) if stride == (1, 1) else (1, 1)
        kernel = pair(dice, kernels)
        padding = tuple((one - 1) * apart // 2 for one, apart in zip(kernel, dilation, strict=True))
        return [("conv", kernel, stride, dilation, padding)]

    small = [] if stride == (1, 1) and dice.random() < 0.6 else branch((1, 3))
    two = [[*branch((3, 5)), ("pointwise",)], small]
    return ("branches", dice.choice(["add", "concatenate"]), *dice.sample(two, 2))


STEPS = {
    "conv": conv, "pool": pool, "transposed": transposed, "enlarge": enlarge,
    "pad": pad, "crop": crop, "pointwise": pointwise, "branches": branches,
}  # fmt: skip


def side_after(step, side):
    """No more than what is left of a side behind a step, whatever the framework makes of its padding."""
    kind, *settings = step
    if kind == "conv":
        kernel, stride, dilation, _ = settings
        return min((side - (k - 1) * d - 1) // s + 1 for k, s, d in zip(kernel, stride, dilation, strict=True))
    if kind == "pool":
        _, kernel, stride, _ = settings
        return min((side - k) // s + 1 for k, s in zip(kernel, stride, strict=True))
    if kind == "branches":
        return side // max(max(branch[0][2]) for branch in settings[1:] if branch)
    if kind == "crop":
        return side - max(map(sum, settings[0]))
    return side


def pair(dice, choices):
    return dice.choice(choices), dice.choice(choices)


def units_to_try(sides, dice):
    """Corners, the middle and some others of a map."""
    last = tuple(side - 1 for side in sides)
    middle = tuple(side // 2 for side in sides)
    others = [tuple(dice.randrange(side) for side in sides) for _ in range(3)]
    return {(0, 0), (0, last[1]), (last[0], 0), last, middle, *others}


def assert_agrees(field, measured, steps):
    """The arithmetic against what was measured: unit -> rectangle.

    Clipped, the two must be equal for each unit. Unclipped, the arithmetic must hold what was measured, and be
    equal to it away from the border if nothing enlarges the map.
    """
    enlarged = any(step[0] in ("transposed", "enlarge") for step in steps)
    for unit, rectangle in measured.items():
        assert field.rectangle(*unit, clipped=True) == rectangle, (unit, steps)
        if not any(rectangle):
            continue  # in the corner of two paddings there may be a unit that sees padding alone
        top, left, bottom, right = field.rectangle(*unit)
        assert top <= rectangle[0] and left <= rectangle[1] and bottom >= rectangle[2] and right >= rectangle[3]
        assert (bottom - top, right - left) == field.size or enlarged
        inside = min(top, left) >= 8 and bottom <= IMAGE[0] - 8 and right <= IMAGE[1] - 8
        if inside and not enlarged:
            assert (top, left, bottom, right) == rectangle, (unit, steps)
