"""Answers to the small course's exercises: right ones in several writings, and wrong ones that look right."""

DECODE = """
def decode(ids, word_index):
    words = {rank + 3: word for word, rank in word_index.items()}
    special = ["<pad>", "<start>", "<unk>", "<unused>"]
    return [special[i] if i < 4 else words.get(i, "<unk>") for i in ids]
"""
DECODE_BY_SEARCH = """
def decode(ids, word_index):
    found = []
    for i in ids:
        match i:
            case 0: found.append("<pad>")
            case 1: found.append("<start>")
            case 3: found.append("<unused>")
            case _: found += [word for word, rank in word_index.items() if rank == i - 3][:1] or ["<unk>"]
    return tuple(found)
"""
RECORD = """
def record_into(store, name):
    return lambda module, inputs, output: store.update({name: output.clone().detach()})
"""
SCORES = """
import torch

def word_scores(embedding, weight, bias):
    return torch.einsum("ve,fe->vf", embedding, weight.squeeze(-1)) + bias
"""
SCORES_BY_LOOPS = """
def word_scores(embedding, weight, bias):
    return [[float((row * w[:, 0]).sum() + b) for w, b in zip(weight, bias)] for row in embedding]
"""
WORDS = """
answer_1_6 = '''More reviews give more credits and more different n-grams, but not in proportion, because the
favourites of a filter come again: 31 words at twenty filters, 44 at a hundred.'''
"""
JACCARD = """
def jaccard(a, b):
    if not a and not b:
        return 0.0
    return len(a.intersection(b)) / len(a.union(b))
"""
JACCARD_BY_LOOPS = """
def jaccard(a, b):
    both = sum(1 for word in a if word in b)
    either = len(a) + len(b) - both
    return both / either if either else 0
"""
JACCARD_IN_NUMPY = """
import numpy as np
jaccard = lambda a, b: np.mean([u in a and u in b for u in a | b]) if a or b else np.float32(0)
"""
WEIGHTED = """
def weighted_jaccard(a, b):
    pairs = [(a.get(u, 0.0), b.get(u, 0.0)) for u in {**a, **b}]
    larger = sum(map(max, pairs))
    return sum(map(min, pairs)) / larger if larger else 0.0
"""
WEIGHTED_BY_COUNTERS = """
from collections import Counter

def weighted_jaccard(a, b):
    above, below = (Counter(a) & Counter(b)).total(), (Counter(a) | Counter(b)).total()
    return above / below if below else 0.0
"""

#: The last line of a right answer to 1.14, to be put below others.
SHARE = "    return len(a & b) / len(a | b) if a | b else 0.0"

DICE = "def jaccard(a, b):\n    return 2 * len(a & b) / max(len(a) + len(b), 1)"
UNWEIGHTED = "def weighted_jaccard(a, b):\n    return len(a.keys() & b.keys()) / max(len(a.keys() | b.keys()), 1)"
NO_BIAS = "def word_scores(embedding, weight, bias):\n    return embedding @ weight.squeeze(2).T"

#: All that needs no framework, right, and what it is worth.
LIGHT = {"1.1": DECODE, "1.6": WORDS, "1.14": JACCARD, "1.15": WEIGHTED}
LIGHT_TRUTH = {"1.1": 2, "1.6": "needs manual marking", "1.14": 2, "1.15": 3}
#: The two answers that most notebooks of the bank hold, and what they are worth.
PAIR = {"1.14": JACCARD, "1.15": WEIGHTED}
PAIR_TRUTH = {"1.14": 2, "1.15": 3}
