"""Exercise 1.1: from ids to words, with the offset that is so easily forgotten."""

from collections.abc import Callable
from typing import Any

import numpy as np

from labkit.exercises.answers import Plain, call_unchanged, no_text
from labkit.exercises.comparing import Slip, compare, gives
from labkit.exercises.core import Case, Exercise

_SPECIAL = {0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"}
_WORDS = ["the", "film", "is", "a", "gem", "dull", "never", "quite", "works", "bravo"]


def _cases(rng: np.random.Generator) -> list[Case]:
    index = {word: rank for rank, word in enumerate(rng.permutation(_WORDS).tolist(), start=1)}
    every_id = rng.permutation(14).tolist()
    some = rng.permutation([1, *rng.integers(4, 14, 6), 2, 99, 0, 0]).tolist()
    return [{"ids": ids, "word_index": index} for ids in (every_id, some)]


def _decoded(offset: int = 3, special: dict[int, str] | None = None, drop: bool = False) -> Callable[[Case], list[str]]:
    """The decoder with its parameters, right or wrong."""
    shown = _SPECIAL if special is None else special

    def decode(case: Case) -> list[str]:
        words = {rank + offset: word for word, rank in case["word_index"].items()}
        ids = [i for i in case["ids"] if not (drop and i in _SPECIAL)]
        return [shown[i] if i in shown else words.get(i, "<unk>") for i in ids]

    return decode


def _probe(answer: Any, case: Case) -> Plain:
    words = call_unchanged(answer, list(case["ids"]), dict(case["word_index"]))
    return [str(word) for word in no_text(words, "a list with one word for each id")]


IDS_TO_WORDS = Exercise(
    "1.1",
    "ids to words",
    2,
    (
        "word_index maps a word to its rank. You need the other direction, from an id to a word.",
        "The id of a word is its rank + 3, because the ids 0 to 3 mean something else.",
        "Build {rank + 3: word for word, rank in word_index.items()}, add the four special ids, look up each id.",
    ),
    _cases,
    _probe,
    compare(
        _decoded(),
        [
            Slip(
                "no_offset",
                "each word is shown as one three ranks away: ids are ranks moved up by 3.",
                gives(_decoded(offset=0), _decoded(offset=0, special={})),
            ),
            Slip(
                "special_as_unknown",
                "the ids 0, 1 and 3 have meanings of their own, yet all show as <unk>.",
                gives(_decoded(special={})),
            ),
            Slip(
                "special_moved",
                "the offset moves the special ids too: <pad> is the id 0 itself, not the rank 0.",
                gives(_decoded(special={3: "<pad>"}), _decoded(special={i + 3: w for i, w in _SPECIAL.items()})),
            ),
            Slip(
                "wrong_sign",
                "the offset goes the wrong way: from an id to a rank you subtract.",
                gives(_decoded(offset=-3), _decoded(offset=-3, special={})),
            ),
            Slip(
                "off_by_one",
                "the offset is off by one: count the special ids 0, 1, 2, 3 again.",
                gives(*(_decoded(offset=o, special=names) for o in (2, 4) for names in (_SPECIAL, {}))),
            ),
            Slip(
                "drops_special",
                "the special ids are left out; show each of them by its name.",
                gives(_decoded(drop=True)),
            ),
        ],
        "some ids are shown as wrong words.",
    ),
)
