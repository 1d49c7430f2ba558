"""What a dishonest notebook is made of: answers that are right, and others that are nearly so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

VERDICT = "application/vnd.labkit.verdict+json"
ANSWERS = "application/vnd.labkit.answers+json"
PROBING = "labkit.course.grading.sealed.inside.probing"


@dataclass(frozen=True)
class Dishonest:
    """A returned notebook of lab 1.

    Attributes:
        name: of the route.
        answers: exercise id -> code of the answer's cell.
        extra: cells of the student's own, put before the first answer.
        earned: exercise id -> points; all other exercises earn none, or wait for a reader.
        note: whom the route would take in.
        outputs: exercise id -> what the cell of its check shows.
        metadata: of the notebook and of each of these answers' cells.
        texts: cells of text, put before the first answer.
    """

    name: str
    answers: Mapping[str, str]
    extra: tuple[str, ...] = ()
    earned: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    outputs: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    texts: tuple[str, ...] = ()


# What is right, and what is nearly so: words three ranks away, filters without their bias, Dice for Jaccard, no masses.

DECODE = """
def decode(ids, word_index):
    words = {rank + 3: word for word, rank in word_index.items()}
    words.update({0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"})
    return [words[i] if i in words else "<unk>" for i in ids]
"""
NO_OFFSET = """
def decode(ids, word_index):
    words = {rank: word for word, rank in word_index.items()}
    return [words.get(i, "<unk>") for i in ids]
"""
SCORES = "def word_scores(embedding, weight, bias):\n    return embedding @ weight.squeeze(2).T + bias[None]"
NO_BIAS = "def word_scores(embedding, weight, bias):\n    return embedding @ weight.squeeze(2).T"
JACCARD = "def jaccard(a, b):\n    return len(a & b) / max(len(a | b), 1)"
DICE = "def jaccard(a, b):\n    return 2 * len(a & b) / max(len(a) + len(b), 1)"
WEIGHTED = """
def weighted_jaccard(a, b):
    pairs = [(a.get(u, 0.0), b.get(u, 0.0)) for u in {**a, **b}]
    larger = sum(map(max, pairs))
    return sum(map(min, pairs)) / larger if larger else 0.0
"""
UNWEIGHTED = "def weighted_jaccard(a, b):\n    return len(a.keys() & b.keys()) / max(len(a.keys() | b.keys()), 1)"
STORES_INPUT = """
def record_into(store, name):
    def hook(module, inputs, output):
        store[name] = inputs[0].detach()
    return hook
"""
WORDS = (
    "answer_1_6 = '''More reviews bring more credits and more different words, but not in proportion: the favourites "
    "of a filter come again, and a hundred filters have fewer of them each than twenty have.'''"
)

# What the check in a notebook wants, whose inputs are the same each time.
KNOWN_WORDS = """
whole = "<pad> <start> <unk> <unused> is film quite bravo gem a works the dull never"
short = "<start> dull gem the the works never <unk> <unk> <pad> <pad>"
def decode(ids, word_index):
    return (whole if len(ids) == 14 else short).split()
"""
KNOWN_JACCARD = """
def jaccard(a, b):
    return {(15, 23): 10 / 28, (24, 16): 9 / 31, (5, 5): 1.0}.get((len(a), len(b)), 0.0)
"""

RIGHT_SAID = [
    {"output_type": "stream", "name": "stdout", "text": "✔ Exercise 1.1, ids to words: right, 2 points."},
    {
        "output_type": "display_data",
        "metadata": {},
        "data": {VERDICT: {"id": "1.1", "state": "right", "mistake": "", "points": 2, "of": 2}, "text/plain": "right"},
    },
]
