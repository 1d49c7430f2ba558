"""Exercise 1.9: a filter of width 1 is a sorted list of words."""

from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, array, call_unchanged
from labkit.exercises.comparing import Slip, compare, gives
from labkit.exercises.core import Case, Exercise


def _score_cases(rng: np.random.Generator) -> list[Case]:
    return [
        {"embedding": rng.normal(size=(v, e)), "weight": rng.normal(size=(f, e, 1)), "bias": rng.normal(size=f)}
        for v, e, f in ((9, 4, 3), (6, 5, 2), (1, 3, 1))
    ]


def _score_probe(answer: Any, case: Case) -> Plain:
    import torch

    given = [torch.from_numpy(case[name].copy()) for name in ("embedding", "weight", "bias")]
    return array(call_unchanged(answer, *given))


def _scores(case: Case) -> np.ndarray:
    return case["embedding"] @ case["weight"][:, :, 0].T + case["bias"]


def _unit_length(case: Case) -> np.ndarray:
    rows = case["embedding"] / np.linalg.norm(case["embedding"], axis=1, keepdims=True)
    columns = case["weight"][:, :, 0] / np.linalg.norm(case["weight"][:, :, 0], axis=1, keepdims=True)
    return rows @ columns.T


WORD_SCORES = Exercise(
    "1.9",
    "a filter as a list of words",
    3,
    (
        "At width 1 the filter sees one word: its activation is the dot product of the word's embedding "
        "with the filter's weights.",
        "weight[:, :, 0] has the shape (F, E) and embedding (V, E): which matrix product gives (V, F)?",
        "embedding @ weight[:, :, 0].T, and what a convolution adds to every activation must not be missing.",
    ),
    _score_cases,
    _score_probe,
    compare(
        _scores,
        [
            Slip(
                "no_bias",
                "the order of the words is right, but each filter's bias is missing.",
                gives(lambda case: _scores(case) - case["bias"]),
            ),
            Slip(
                "transposed",
                "filters and words stand in each other's place; wanted (V, F).",
                gives(lambda case: _scores(case).T),
            ),
            Slip(
                "relu_inside",
                "negative scores are cut to 0; a hook sees the convolution before any ReLU.",
                gives(lambda case: np.maximum(_scores(case), 0)),
            ),
            Slip("cosine", "these are cosines: a convolution divides by no lengths.", gives(_unit_length)),
            Slip(
                "keeps_width",
                "a dimension of size 1 is left over; wanted (V, F).",
                lambda answers, cases: all(np.ndim(a) == 3 for a in answers),
            ),
        ],
        "these are not the activations of the filters on each word.",
    ),
)
