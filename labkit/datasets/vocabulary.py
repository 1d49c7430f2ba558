"""Words as ids, in the convention of Keras' IMDB data set.

A *word index* maps each word to its rank by frequency, starting at 1. Ids are ranks moved up by three,
because the first four ids are taken:

====  ============  ==========================================
id    shown as      meaning
====  ============  ==========================================
0     ``<pad>``     no word: fills short texts up to a batch's length
1     ``<start>``   stands before every text
2     ``<unk>``     a word that is not in the vocabulary
3     ``<unused>``  reserved, never written
4     rank 1        the most frequent word; id = rank + 3
====  ============  ==========================================

Forgetting the offset shows every word as one that is three ranks more frequent: readable nonsense.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np

PADDING, START, UNKNOWN, UNUSED = 0, 1, 2, 3
INDEX_FROM = 3
SPECIAL = {PADDING: "<pad>", START: "<start>", UNKNOWN: "<unk>", UNUSED: "<unused>"}

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Lower-case words of a text; apostrophes stay within words, all other punctuation goes.

    Example:
        >>> words_of("It's a gem -- don't miss it!")
        ["it's", 'a', 'gem', "don't", 'miss', 'it']
    """
    return _WORD.findall(text.lower())


class Vocabulary:
    """Words to ids and back.

    Args:
        word_index: word -> rank, ranks from 1 without gaps.
    """

    def __init__(self, word_index: Mapping[str, int]) -> None:
        self.word_index = dict(word_index)
        self._words = {rank + INDEX_FROM: word for word, rank in self.word_index.items()} | SPECIAL

    @classmethod
    def from_texts(cls, texts: Iterable[str], at_least: int = 1) -> "Vocabulary":
        """Rank the words of the texts by frequency, equally frequent ones by alphabet.

        Args:
            texts: the training texts alone: words of test texts must stay unknown.
            at_least: words seen less often are left out.
        """
        counts = Counter(word for text in texts for word in words_of(text))
        kept = sorted((-count, word) for word, count in counts.items() if count >= at_least)
        return cls({word: rank for rank, (_, word) in enumerate(kept, start=1)})

    @property
    def size(self) -> int:
        """The number of ids, the special ones included: what an embedding needs."""
        return max(self._words) + 1

    def word(self, word_id: int) -> str:
        """The word of an id; special ids in angle brackets, ids out of range as ``<unk>``."""
        return self._words.get(int(word_id), SPECIAL[UNKNOWN])

    def decode(self, ids: Iterable[int]) -> str:
        """Ids as a line of words."""
        return " ".join(self.word(i) for i in ids)

    def id(self, word: str) -> int:
        """The id of a word, ``UNKNOWN`` if it has none."""
        rank = self.word_index.get(word)
        return UNKNOWN if rank is None else rank + INDEX_FROM

    def encode(self, text: str) -> np.ndarray:
        """``<start>`` and the words of a text as ids, int64 (L,)."""
        return np.array([START, *(self.id(word) for word in words_of(text))], dtype=np.int64)

    def translate_to(self, other: "Vocabulary") -> np.ndarray:
        """A table from these ids to the other vocabulary's, int64 (size,).

        Special ids stay; words that the other does not know become ``UNKNOWN``.
        """
        return np.array([i if i in SPECIAL else other.id(self.word(i)) for i in range(self.size)], dtype=np.int64)
