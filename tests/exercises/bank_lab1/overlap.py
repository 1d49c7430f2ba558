"""1.14 and 1.15: how much two filters have in common."""

import collections

import numpy as np
import pandas as pd
import torch


def jaccard_by_loops(a, b):
    both = sum(1 for feature in a if feature in b)
    either = len(a) + len(b) - both
    return np.float32(both / either) if either else 0


def jaccard_by_isin(a, b):
    every = list(a | b)
    mean = np.isin(every, list(a & b)).mean() if every else 0.0
    return torch.tensor([mean])


def jaccard_destroying(a, b):
    either = a | b
    a &= b
    return len(a) / len(either) if either else 0.0


def share(below, empty=0.0):
    return lambda a, b: len(a & b) / below(a, b) if a | b and below(a, b) else empty


def weighted_in_pandas(a, b):
    table = pd.DataFrame({"a": pd.Series(a, dtype=float), "b": pd.Series(b, dtype=float)}).fillna(0.0)
    return table.min(axis=1).sum() / table.max(axis=1).sum() if table.to_numpy().any() else 0.0


def weighted_by_counters(a, b):
    a, b = collections.Counter(a), collections.Counter(b)
    above, below = (a & b).total(), (a | b).total()
    return torch.tensor(above / below if below else 0.0, dtype=torch.float64)


def weighted(above, below, empty=0.0):
    return lambda a, b: above(a, b) / below(a, b) if below(a, b) else empty


def low(a, b):
    return sum(min(a.get(u, 0), b.get(u, 0)) for u in a | b)


def high(a, b):
    return sum(max(a.get(u, 0), b.get(u, 0)) for u in a | b)


def weighted_shared_only(a, b):
    below = sum(max(a[u], b[u]) for u in a.keys() & b.keys())
    return low(a, b) / below if below else 0.0


def weighted_over(keys):
    def similarity(a, b):
        above = sum(min(a.get(u, 0), b.get(u, 0)) for u in keys(a, b))
        below = sum(max(a.get(u, 0), b.get(u, 0)) for u in keys(a, b))
        return above / below if below else 0.0

    return similarity


def weighted_mean_of_ratios(a, b):
    pairs = [(a.get(u, 0), b.get(u, 0)) for u in a | b]
    ratios = [min(pair) / max(pair) if any(pair) else 0.0 for pair in pairs]
    return np.mean(ratios) if ratios else 0.0


def weighted_cosine(a, b):
    above = sum(a[u] * b[u] for u in a.keys() & b.keys())
    lengths = np.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return above / lengths if above else 0.0


def weighted_without_get(a, b):
    return sum(min(a[u], b[u]) for u in a | b) / sum(max(a[u], b[u]) for u in a | b)


def weighted_emptying(a, b):
    value = weighted(low, high)(a, b)
    a.clear()
    return value


RIGHT = {
    "1.14": [jaccard_by_loops, jaccard_by_isin, share(lambda a, b: max(1, len(a.union(b))))],
    "1.15": [weighted_in_pandas, weighted_by_counters, weighted(low, high)],
}

WRONG = {
    "1.14": [
        (share(lambda a, b: min(len(a), len(b))), "smaller_set"),
        (share(lambda a, b: len(a) + len(b)), "dice"),
        (share(lambda a, b: (len(a) + len(b)) / 2), "dice"),
        (share(lambda a, b: 1), "count"),
        (lambda a, b: 1 - share(lambda a, b: len(a | b))(a, b), "distance"),
        (share(lambda a, b: len(a)), "one_sided"),
        (share(lambda a, b: len(b)), "one_sided"),
        (share(lambda a, b: len(a | b), empty=1.0), "empty_as_one"),
        (share(lambda a, b: len(a | b), empty=float("nan")), "other"),
        (share(lambda a, b: len(a | b) / 100), "other"),
        (lambda a, b: 0.0, "other"),
        (lambda a, b: len(a & b) / len(a | b), "raised"),
        (lambda a, b: a & b, "misfit"),
    ],
    "1.15": [
        (lambda a, b: share(lambda a, b: len(a | b))(a.keys(), b.keys()), "unweighted"),
        (weighted_shared_only, "shared_only"),
        (weighted_over(lambda a, b: a), "one_sided"),
        (weighted_over(lambda a, b: b), "one_sided"),
        (weighted_mean_of_ratios, "mean_of_ratios"),
        (weighted_cosine, "cosine"),
        (weighted(low, lambda a, b: sum(a.values()) + sum(b.values())), "all_mass"),
        (weighted(lambda a, b: 2 * low(a, b), lambda a, b: sum(a.values()) + sum(b.values())), "all_mass"),
        (weighted(lambda a, b: high(a, b) - low(a, b), high), "distance"),
        (weighted(low, high, empty=1.0), "empty_as_one"),
        (lambda a, b: weighted(low, high)(a, b) if a or b else 1.0, "empty_as_one"),
        (lambda a, b: low(a, b) / high(a, b) if a or b else 0.0, "misfit"),
        (low, "other"),
        (weighted(high, high), "other"),
        (weighted_without_get, "raised"),
        (lambda a, b: low(a, b) / high(a, b), "raised"),
        (lambda a, b: low(a, b) / np.float64(high(a, b)) if a or b else 0.0, "other"),
    ],
}

REMARKED = {
    "1.14": [
        (jaccard_destroying, "changes_handed"),
    ],
    "1.15": [
        (weighted_emptying, "changes_handed"),
    ],
}

STUBS = {}
