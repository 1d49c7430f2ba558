"""Exercises 1.14 and 1.15: how much two filters have in common, by their features and by their masses."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from labkit.exercises.answers import Misfit, Plain, call_unchanged, number
from labkit.exercises.comparing import Explains, Slip, compare, gives, same
from labkit.exercises.core import Case, Exercise

# 1.14 Jaccard


def _set_cases(rng: np.random.Generator) -> list[Case]:
    def draw(low: int, high: int, least: int, most: int) -> list[int]:
        return rng.choice(np.arange(low, high), rng.integers(least, most), replace=False).tolist()

    same_features = draw(0, 20, 2, 6)
    pairs = [
        (draw(0, 30, 12, 18), draw(10, 40, 20, 28)),
        (draw(0, 30, 20, 28), draw(15, 45, 10, 18)),
        (draw(0, 5, 3, 5), draw(5, 9, 2, 4)),
        (same_features, same_features[::-1]),
        (draw(0, 5, 1, 3), []),
        ([], []),
    ]
    return [{"a": a, "b": b} for a, b in pairs]


def _ratio(above: float, below: float) -> float:
    return above / below if below else 0.0


def _jaccard(case: Case) -> Plain:
    a, b = set(case["a"]), set(case["b"])
    return _ratio(len(a & b), len(a | b))


def _shared_over(size: Callable[[int, int], float]) -> Callable[[Case], Plain]:
    """What both have, divided by something made of the two sizes."""
    return lambda case: _ratio(len(set(case["a"]) & set(case["b"])), size(len(case["a"]), len(case["b"])))


def _distance(similarity: Callable[[Case], Plain], matters: Callable[[Case], bool]) -> Explains:
    """Whether these are 1 - similarity, where it matters: for two empty filters there are several conventions."""

    def explains(answers: Sequence[Plain], cases: Sequence[Case]) -> bool:
        return all(same(a, 1 - similarity(c)) for a, c in zip(answers, cases, strict=True) if matters(c))

    return explains


JACCARD = Exercise(
    "1.14",
    "Jaccard",
    2,
    (
        "How many features do both have, and how many does at least one have?",
        "len(a & b) / len(a | b); and what if both are empty?",
    ),
    _set_cases,
    lambda answer, case: number(call_unchanged(answer, set(case["a"]), set(case["b"]))),
    compare(
        _jaccard,
        [
            Slip(
                "smaller_set",
                "you divide by the smaller set (that is the overlap coefficient); wanted the union.",
                gives(_shared_over(min)),
            ),
            Slip(
                "dice",
                "you divide by both sizes added; wanted the union, where a shared feature counts once.",
                gives(_shared_over(lambda a, b: a + b), _shared_over(lambda a, b: (a + b) / 2)),
            ),
            Slip(
                "count",
                "this is the number of shared features; wanted a share in [0, 1].",
                gives(_shared_over(lambda a, b: 1)),
            ),
            Slip(
                "distance",
                "this is the distance; wanted the similarity, 1 for equal sets.",
                _distance(_jaccard, lambda c: bool(c["a"] or c["b"])),
            ),
            Slip(
                "one_sided",
                "you divide by the size of one of the two sets; wanted the union.",
                gives(_shared_over(lambda a, b: a), _shared_over(lambda a, b: b)),
            ),
            Slip(
                "empty_as_one",
                "two empty sets have nothing in common: wanted 0.",
                gives(lambda c: _jaccard(c) if c["a"] or c["b"] else 1.0),
            ),
        ],
        "the similarity is not what was expected.",
    ),
)


# 1.15 Jaccard, weighted by activation


def _mass_cases(rng: np.random.Generator) -> list[Case]:
    def draw(keys: Sequence[str]) -> dict[str, float]:
        return {key: float(v) for key, v in zip(keys, rng.uniform(0.5, 9, len(keys)), strict=True)}

    return [
        {"a": draw("bcdef"), "b": draw("defgh")},
        {"a": draw("bc"), "b": draw("de")},
        {"a": draw("bcd"), "b": draw("bcd")},
        {"a": draw("b"), "b": {}},
        {"a": {}, "b": {}},
        {"a": {"b": 0.0, "c": 0.0}, "b": {"c": 0.0, "d": 0.0}},
    ]


def _has_mass(case: Case) -> bool:
    return any(case["a"].values()) or any(case["b"].values())


def _mass_probe(answer: Any, case: Case) -> Plain:
    try:
        return number(call_unchanged(answer, dict(case["a"]), dict(case["b"])))
    except ZeroDivisionError as error:
        if _has_mass(case) or not (case["a"] or case["b"]):
            raise
        raise Misfit("you divide by 0 where there are features but all masses are 0; wanted 0 there") from error


def _weighted(over: str = "either") -> Callable[[Case], Plain]:
    def run(case: Case) -> Plain:
        a, b = case["a"], case["b"]
        keys = {"either": a.keys() | b.keys(), "both": a.keys() & b.keys(), "a": a.keys(), "b": b.keys()}[over]
        low = sum(min(a.get(key, 0), b.get(key, 0)) for key in keys)
        return _ratio(low, sum(max(a.get(key, 0), b.get(key, 0)) for key in keys))

    return run


def _mean_of_ratios(case: Case) -> Plain:
    a, b = case["a"], case["b"]
    keys = a.keys() | b.keys()
    ratios = [_ratio(min(a.get(key, 0), b.get(key, 0)), max(a.get(key, 0), b.get(key, 0))) for key in keys]
    return _ratio(sum(ratios), len(ratios))


def _shared_mass(times: int) -> Callable[[Case], Plain]:
    """Over all mass added; taken twice it is the Bray-Curtis similarity."""

    def run(case: Case) -> Plain:
        a, b = case["a"], case["b"]
        shared = sum(min(a[key], b[key]) for key in a.keys() & b.keys())
        return _ratio(times * shared, sum(a.values()) + sum(b.values()))

    return run


def _cosine(case: Case) -> Plain:
    a, b = case["a"], case["b"]
    lengths = np.sqrt(sum(v * v for v in a.values())) * np.sqrt(sum(v * v for v in b.values()))
    return float(_ratio(sum(a[key] * b[key] for key in a.keys() & b.keys()), lengths))


WEIGHTED_JACCARD = Exercise(
    "1.15",
    "Jaccard, weighted by activation",
    3,
    (
        "For each feature of either filter: the smaller and the larger of the two masses. A missing one is 0.",
        "a.get(feature, 0.0) gives 0 for a feature that a does not have.",
        "Add up all smaller ones, add up all larger ones, divide once at the end.",
    ),
    _mass_cases,
    _mass_probe,
    compare(
        _weighted(),
        [
            Slip(
                "unweighted",
                "the masses change nothing in your answer: this is the plain Jaccard similarity.",
                gives(lambda c: _ratio(len(c["a"].keys() & c["b"].keys()), len(c["a"].keys() | c["b"].keys()))),
            ),
            Slip(
                "shared_only",
                "only shared features are counted; a feature that one filter lacks belongs in the denominator.",
                gives(_weighted("both")),
            ),
            Slip(
                "one_sided",
                "you go through the features of one of the two filters; those of the other alone belong "
                "in the denominator too.",
                gives(_weighted("a"), _weighted("b")),
            ),
            Slip(
                "mean_of_ratios",
                "you average a ratio per feature, so a weak feature counts as much as a strong one; divide the sums.",
                gives(_mean_of_ratios),
            ),
            Slip("cosine", "this is the cosine of the two; wanted sum of minima over sum of maxima.", gives(_cosine)),
            Slip(
                "all_mass",
                "you divide by all mass added; wanted the larger of the two for each feature.",
                gives(_shared_mass(1), _shared_mass(2)),
            ),
            Slip(
                "distance",
                "this is the distance; wanted the similarity, 1 for equal filters.",
                _distance(_weighted(), _has_mass),
            ),
            Slip(
                "empty_as_one",
                "two filters without any mass have nothing in common: wanted 0.",
                gives(
                    lambda c: _weighted()(c) if c["a"] or c["b"] else 1.0,
                    lambda c: _weighted()(c) if _has_mass(c) else 1.0,
                ),
            ),
        ],
        "the similarity is not what was expected.",
    ),
)
