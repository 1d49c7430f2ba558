"""1.5: how many different n-grams a filter is credited with."""

import collections

import numpy as np
import torch

from labkit.methods import txray
from labkit.models import TextCNN


def mean_of_series(model, batches, k):
    found = txray.collect(model, batches, [f"convs.{width}" for width in model.convs], k=k)
    return found.table().groupby("filter").size().reindex(found.labels, fill_value=0).mean()


def mean_by_loops(model, batches, k):
    found = collections.defaultdict(set)
    for ids, _ in batches:
        for text in ids:
            text = text[text != 0]
            embedded = model.embedding(text).T[None]
            for width, conv in model.convs.items():
                for f, values in enumerate(conv(embedded)[0]):
                    for i in values.topk(min(k, len(values))).indices.tolist():
                        found[width, f].add(tuple(text[i : i + int(width)].tolist()))
    return sum(map(len, found.values())) / len(found)


def with_padding(model, batches, k):
    return txray.collect(model, batches, k=k, padding_id=-1).unique_features.mean()


def first_words(model, batches, k):
    table = txray.collect(model, batches, k=k).table()
    return table.assign(first=table["feature"].str[0]).groupby("filter")["first"].nunique().mean()


def union_of_all(model, batches, k):
    return len(set(txray.collect(model, batches, k=k).table()["feature"]))


def mean_of_widths(model, batches, k):
    features = txray.collect(model, batches, k=k).unique_features
    return features.groupby(lambda label: label[:2]).mean().mean()


# What lies about in a notebook, and is taken in the arguments' place.
with torch.random.fork_rng(devices=[]):
    torch.manual_seed(0)
    small = TextCNN(300, {1: 4, 2: 3, 3: 2}, embedding_size=8).eval()
    train = [(torch.randint(4, 300, (6, 12)), torch.zeros(6)) for _ in range(2)]


def unique(then, **options):
    return lambda model, batches, k: then(txray.collect(model, batches, **{"k": k} | options).unique_features)


RIGHT = {
    "1.5": [mean_of_series, mean_by_loops, lambda *a: np.float32(unique(np.mean)(*a))],
}

WRONG = {
    "1.5": [
        (lambda m, b, k: txray.collect(m, b, k=k).mass()["count"].mean(), "not_distinct"),
        (unique(np.sum), "sum_over_filters"),
        (union_of_all, "union_of_filters"),
        (unique(np.median), "median"),
        (first_words, "first_words"),
        (mean_of_widths, "mean_of_widths"),
        (unique(np.mean, k=1), "ignores_k"),
        (unique(np.mean, k=2), "ignores_k"),
        (lambda m, b, k: unique(np.mean)(small, b, k), "ignores_model"),
        (lambda m, b, k: unique(np.mean)(m, [(ids % 16, labels) for ids, labels in train], k), "ignores_batches"),
        (lambda m, b, k: unique(np.mean)(m, train, k), "misfit"),
        (lambda m, b, k: unique(np.mean)(small, train, 1), "ignores_arguments"),
        (with_padding, "credits_padding"),
        (lambda m, b, k: 1500.0, "ignores_arguments"),
        (unique(lambda features: features), "misfit"),
        (unique(np.max), "largest"),
        (unique(np.std), "other"),
        (unique(np.mean, max_batches=1), "other"),
        (lambda m, b, k: txray.collect(m, b, k).unique_features.mean(), "raised"),
    ],
}

STUBS = {}
