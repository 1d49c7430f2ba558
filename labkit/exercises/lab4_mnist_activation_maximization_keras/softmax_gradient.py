"""Exercise 4.3: what raises a softmax probability, besides its own logit."""

from collections.abc import Callable
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, array, call_unchanged
from labkit.exercises.comparing import Explains, Slip, compare, gives
from labkit.exercises.core import Case, Exercise


def _cases(rng: np.random.Generator) -> list[Case]:
    return [{"logits": rng.normal(0, 1.5, classes), "unit": int(rng.integers(1, classes))} for classes in (4, 10, 7)]


def _probe(answer: Any, case: Case) -> Plain:
    return array(call_unchanged(answer, case["logits"].copy(), case["unit"]))


def _softmax(case: Case) -> np.ndarray:
    powers = np.exp(case["logits"])
    return powers / powers.sum()


#: Of the probabilities p, the unit's own q, and 1 at the unit and 0 elsewhere.
_Rule = Callable[[np.ndarray, float, np.ndarray], Any]


def _formula(rule: _Rule) -> Callable[[Case], Plain]:
    def run(case: Case) -> Plain:
        p = _softmax(case)
        return np.asarray(rule(p, float(p[case["unit"]]), np.eye(len(p))[case["unit"]]))

    return run


def _says(*rules: _Rule) -> Explains:
    return gives(*map(_formula, rules))


SOFTMAX_GRADIENT = Exercise(
    "4.3",
    "the gradient of a softmax",
    3,
    (
        "Write p[u] = exp(z[u]) / sum(exp(z)). The logit z[u] stands above and below, any other z[j] only below.",
        "The quotient rule gives p[u] * (1 - p[u]) for the unit's own logit. For another logit j only the sum below "
        "changes: which sign does that give, and which two probabilities?",
        "For all j at once: p[u] * (delta - p), where delta is 1 at the unit and 0 elsewhere.",
    ),
    _cases,
    _probe,
    compare(
        _formula(lambda p, q, one: q * (one - p)),
        [
            Slip(
                "of_the_logarithm",
                "this is the gradient of the probability's logarithm; wanted that of the probability itself, which "
                "vanishes where the probability does.",
                _says(lambda p, q, one: one - p),
            ),
            Slip(
                "cross_entropy",
                "this is the gradient of the loss of training, minus the logarithm; wanted that of the probability "
                "itself.",
                _says(lambda p, q, one: p - one),
            ),
            Slip(
                "sign",
                "the sign is the wrong way round: a higher logit raises its own probability.",
                _says(lambda p, q, one: q * (p - one)),
            ),
            Slip(
                "others_sign",
                "your entries for the other logits have the wrong sign: where another logit rises, the probability of "
                "the unit falls.",
                _says(
                    lambda p, q, one: np.where(one, q * (1 - q), q * p),
                    lambda p, q, one: q * (one + p),
                ),
            ),
            Slip(
                "own_logit_alone",
                "your probability depends on its own logit alone; in a softmax all other logits matter too.",
                _says(lambda p, q, one: one * q * (1 - q)),
            ),
            Slip(
                "as_if_sigmoid",
                "each of your entries is that of a logit for its own probability, as if these were sigmoids; wanted "
                "what each logit does to the one unit's.",
                _says(lambda p, q, one: p * (1 - p)),
            ),
            Slip(
                "same_for_all",
                "all your entries are that of the unit's own logit; the others act the other way, each by its own "
                "probability.",
                _says(lambda p, q, one: np.full_like(p, q * (1 - q)), lambda p, q, one: q * (1 - q)),
            ),
            Slip(
                "own_logit_missing",
                "the other logits are right, but the unit's own stands above the fraction too.",
                _says(lambda p, q, one: -q * p, lambda p, q, one: -q * p * (1 - one)),
            ),
            Slip(
                "whole_table",
                "this is the table of all probabilities by all logits; wanted the unit's row.",
                _says(lambda p, q, one: np.diag(p) - np.outer(p, p)),
            ),
            Slip(
                "probabilities",
                "these are probabilities; wanted how the unit's one changes with each logit.",
                _says(lambda p, q, one: p, lambda p, q, one: q),
            ),
        ],
        "this is not the gradient of the unit's probability.",
    ),
)
