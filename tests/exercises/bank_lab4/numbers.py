"""4.1, 4.3, 4.7 and 4.8: parameters, the gradient of a softmax, a choice, and pairs of outputs."""

import numpy as np

# --- 4.1 -----------------------------------------------------------------------------------------------------


def counts(*numbers):
    return dict(zip(("l1", "l2", "l3", "l4", "l5"), numbers, strict=True))


def counts_from_a_loop():
    found, maps, side = {}, 1, 28
    for name, kernel, filters in (("l1", 5, 9), ("l2", 5, 9), ("l3", 3, 16)):
        found[name] = filters * (kernel * kernel * maps + 1)
        maps, side = filters, side // 2
    return found | {"l4": np.int64(25 * (side * side * maps + 1)), "l5": np.array([260.0])}


# --- 4.3 -----------------------------------------------------------------------------------------------------


def softmax(logits):
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def gradient_by_loop(logits, unit):
    p = softmax(logits)
    return [p[unit] * (1 - p[unit]) if j == unit else -p[unit] * p[j] for j in range(len(p))]


def gradient_by_table(logits, unit):
    p = softmax(logits)
    return (np.diag(p) - np.outer(p, p))[unit]


def gradient_by_differences(logits, unit):
    steps = 1e-5 * np.eye(len(logits))
    return np.array([(softmax(logits + step)[unit] - softmax(logits - step)[unit]) / 2e-5 for step in steps])


def gradient_by_tape(logits, unit):
    import tensorflow as tf

    z = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(z)
        probability = tf.nn.softmax(z)[unit]
    return tape.gradient(probability, z)


def gradient_in_place(logits, unit):
    np.exp(logits, out=logits)
    logits /= logits.sum()
    return logits[unit] * (np.eye(len(logits))[unit] - logits)


def gradient(rule):
    """A formula of the probabilities, the unit's own, and 1 at the unit's place."""
    return lambda z, unit: rule(softmax(z), softmax(z)[unit], np.eye(len(z))[unit])


# --- 4.7 -----------------------------------------------------------------------------------------------------

WHY = (
    "With 0.5 the second network recognises 9 of the ten pictures, with 0.125 only 6 and with 16 just 4, which are "
    "blots without strokes."
)


def choice(**changed):
    criterion = "how many of ten pictures a second network recognises"
    return {"weight": 0.5, "criterion": criterion, "score": 0.9, "why": WHY} | changed


# --- 4.8 -----------------------------------------------------------------------------------------------------


def both(before, after, pair):
    first, second = pair
    return after[first] - before[first], after[second] - before[second], min(after[first], after[second])


def both_as_arrays(before, after, pair):
    rise = (after - before)[list(pair)]
    return np.array([*rise, after[list(pair)].min()])


def both_sorted(before, after, pair):
    return [float(after[unit]) - float(before[unit]) for unit in pair] + [sorted(float(after[u]) for u in pair)[0]]


def rises(rule):
    """The first two numbers by another rule, of before and after."""
    return lambda before, after, pair: (*(rule(before[u], after[u]) for u in pair), min(after[u] for u in pair))


def third(rule):
    """The third number by another rule, of before, after and the pair."""
    return lambda before, after, pair: (*both(before, after, pair)[:2], rule(before, after, list(pair)))


RIGHT = {
    "4.1": [counts(234, 2034, 1312, 3625, 260), counts_from_a_loop()],
    "4.3": [
        gradient_by_loop,
        gradient_by_table,
        gradient_by_differences,
        gradient_by_tape,
        gradient(lambda p, q, one: q * (one - p)),
    ],
    "4.7": [
        choice(),
        choice(weight=16, score=np.float32(12.5), criterion="mean drop of the loss\nby the second network"),
        choice(weight=np.array([0.125]), score=0, why=WHY.replace(" ", "\n")),
    ],
    "4.8": [both_as_arrays, both_sorted, both],
}

WRONG = {
    "4.1": [
        (counts(225, 2025, 1296, 3600, 250), "no_bias"),
        (counts(234, 2034, 1312, 3625, 250), "no_bias"),
        (counts(226, 2026, 1297, 3601, 251), "one_bias"),
        (counts(26, 226, 82, 145, 26), "one_unit"),
        (counts(234, 2034, 3616, 3625, 260), "other_kernel"),
        (counts(234, 2034, 1312, 425, 260), "maps_shrink"),
        (counts(234, 2034, 1312, 19625, 260), "pooling_forgotten"),
        (counts(234, 2034, 1312, 313625, 260), "pooling_forgotten"),
        (counts(234, 2034, 1312, 6425, 260), "rounded_up"),
        (counts(234, 2034, 1312, 1225, 260), "one_side"),
        (counts(234, 234, 160, 250, 260), "channels_forgotten"),
        (counts(234, 2034, 160, 3625, 260), "channels_forgotten"),
        (counts(234, 2034, 1312, 3625, 160), "other"),
        ({"l1": 234, "l2": 2034}, "misfit"),
        (counts(234, 2034, 1312, 3625, 260) | {"l0": 0, "flat": 0}, "misfit"),
        (counts("234", "2034", "1312", "3625", "260"), "misfit"),
        (7465, "misfit"),
    ],
    "4.3": [
        (gradient(lambda p, q, one: one - p), "of_the_logarithm"),
        (gradient(lambda p, q, one: p - one), "cross_entropy"),
        (gradient(lambda p, q, one: q * (p - one)), "sign"),
        (gradient(lambda p, q, one: np.where(one, q * (1 - q), q * p)), "others_sign"),
        (gradient(lambda p, q, one: q * (one + p)), "others_sign"),
        (gradient(lambda p, q, one: q * (1 - q) * one), "own_logit_alone"),
        (gradient(lambda p, q, one: p * (1 - p)), "as_if_sigmoid"),
        (gradient(lambda p, q, one: np.full(len(p), q * (1 - q))), "same_for_all"),
        (gradient(lambda p, q, one: q * (1 - q)), "same_for_all"),
        (gradient(lambda p, q, one: -q * p), "own_logit_missing"),
        (gradient(lambda p, q, one: np.where(one, 0, -q * p)), "own_logit_missing"),
        (lambda z, unit: np.diag(softmax(z)) - np.outer(softmax(z), softmax(z)), "whole_table"),
        (lambda z, unit: softmax(z), "probabilities"),
        (lambda z, unit: softmax(z)[unit], "probabilities"),
        (gradient(lambda p, q, one: one * (1 - p)), "other"),
        (gradient(lambda p, q, one: (q * (one - p))[None]), "other"),
        (gradient(lambda p, q, one: "up"), "misfit"),
        (lambda z, unit: softmax(z)[unit + 20], "raised"),
        (lambda z: softmax(z), "raised"),
        ([0.1] * 10, "misfit"),
    ],
    "4.7": [
        (choice(weight=0), "no_weight"),
        (choice(weight=32), "no_weight"),
        (choice(weight=float("nan")), "no_weight"),
        (choice(criterion="it looks good"), "no_criterion"),
        (choice(score=float("nan")), "no_score"),
        (choice(score=float("inf")), "no_score"),
        (choice(score=-2.3), "no_score"),
        (
            choice(why="The picture that this weight gives is smooth and shows a digit which everybody can read."),
            "no_number",
        ),
        (choice(why="9 of 10."), "too_short"),
        (choice(why="9 of 10, " * 8), "too_short"),
        (choice(weight="0.5"), "misfit"),
        (choice(criterion=9), "misfit"),
        (choice(why=9), "misfit"),
        ({name: value for name, value in choice().items() if name != "criterion"}, "misfit"),
        (list(choice().values()), "misfit"),
        (WHY, "misfit"),
    ],
    "4.8": [
        (lambda before, after, pair: both(before, after, (0, 1)), "wrong_places"),
        (lambda before, after, pair: both(before, after, (1, 2)), "wrong_places"),
        (lambda before, after, pair: both(before, after, (pair[0] - 1, pair[1] - 1)), "wrong_places"),
        (lambda before, after, pair: both(before, after, pair[::-1]), "order"),
        (rises(lambda before, after: after / before), "ratio"),
        (rises(lambda before, after: (after - before) / before), "ratio"),
        (rises(lambda before, after: before - after), "sign"),
        (lambda before, after, pair: both(after, before, pair), "sign"),
        (rises(lambda before, after: abs(after - before)), "absolute"),
        (rises(lambda before, after: max(after - before, 0)), "falls_hidden"),
        (rises(lambda before, after: after), "not_a_rise"),
        (third(lambda before, after, pair: (after - before)[pair].min()), "smaller_rise"),
        (third(lambda before, after, pair: after[pair].sum()), "sum"),
        (third(lambda before, after, pair: after[pair].mean()), "sum"),
        (third(lambda before, after, pair: (after - before)[pair].sum()), "sum"),
        (third(lambda before, after, pair: after[pair].max()), "larger"),
        (third(lambda before, after, pair: after[pair].prod()), "product"),
        (third(lambda before, after, pair: before[pair].min()), "smaller_before"),
        (third(lambda before, after, pair: after.min()), "smallest_of_all"),
        (third(lambda before, after, pair: 0.5), "other"),
        (rises(lambda before, after: after**2 - before**2), "other"),
        (rises(lambda before, after: after > before), "misfit"),
        (rises(lambda before, after: bool(after > before)), "misfit"),
        (lambda before, after, pair: both(before, after, pair)[:2], "misfit"),
        (lambda before, after, pair: after - before, "misfit"),
        (lambda before, after, pair: both(before, after, pair)[2], "misfit"),
        (lambda before, after, pair: after[pair[2]], "raised"),
        ((0.1, 0.1, 0.3), "misfit"),
    ],
}

REMARKED = {
    "4.3": [
        (gradient_in_place, "changes_handed"),
    ],
}

STUBS = {
    "4.1": [..., counts(..., ..., ..., ..., ...), counts(234, 2034, 1312, 3625, ...)],
    "4.7": [
        ...,
        choice(weight=..., criterion="YOUR ANSWER HERE", score=..., why="YOUR ANSWER HERE"),
        choice(score=...),
        choice(criterion="YOUR ANSWER HERE"),
        choice(criterion=""),
        choice(why=f"{WHY} YOUR ANSWER HERE"),
    ],
    "4.8": [..., lambda *given: ..., lambda *given: (..., ..., ...)],
}
