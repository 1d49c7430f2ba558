"""Movie reviews with a positive or negative verdict, as lists of word ids.

*sample*: sentences of reviews that 20 readers each rated from -4 to 4 (Hutto & Gilbert, 2014), bundled.
*full*: the 50,000 reviews of the IMDB data set (Maas et al., 2011) as Keras serves them.

Both come as ids of the same convention (see ``labkit.datasets.vocabulary``) and as three disjoint splits.
"""

import csv
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from labkit import settings
from labkit.datasets import download, imdb
from labkit.datasets.vocabulary import Vocabulary

SAMPLE = ("samples", "reviews.tsv")
FULL = ("full/imdb/imdb.npz", "full/imdb/imdb_word_index.json")
# Between these mean ratings the readers did not agree on a verdict.
NEUTRAL = 1.0
SEEN_AT_LEAST = 2  # a word met once teaches a network nothing but its review
VALIDATION_SHARE, VALIDATION_SEED = 0.1, 0


@dataclass(frozen=True)
class Split:
    """Some of the reviews.

    Attributes:
        ids: one int64 array (L_n,) a review; lengths differ.
        labels: float32 (N,), 1 positive and 0 negative.
    """

    ids: Sequence[np.ndarray]
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Reviews:
    """The three splits, the vocabulary of their ids, and where they come from.

    Attributes:
        source: "sample" or "full".
        why: one line for people: which data these are, and why these.
    """

    source: str
    why: str
    vocabulary: Vocabulary
    train: Split
    validation: Split
    test: Split

    def encoded_with(self, vocabulary: Vocabulary) -> "Reviews":
        """The same reviews in the ids of another vocabulary, as a trained network wants them.

        A network reads no words but ids, so it is of use only with the vocabulary it was trained on.
        """
        if vocabulary.word_index == self.vocabulary.word_index:
            return self
        table = self.vocabulary.translate_to(vocabulary)

        def translate(split: Split) -> Split:
            return Split([table[ids] for ids in split.ids], split.labels)

        return Reviews(
            self.source, self.why, vocabulary,
            translate(self.train), translate(self.validation), translate(self.test),
        )  # fmt: skip


def reviews(source: str | None = None) -> Reviews:
    """Load the reviews.

    Args:
        source: "sample" (bundled), "full" (downloaded, checked and cached) or "auto" (full where it is
            cached or its host answers within seconds, else sample); None takes the setting ``LABKIT_DATA``.

    Returns:
        6,771 / 744 / 1,508 sample reviews of 19 words on average for training, validation and test;
        in full about 22,500 / 2,500 / 25,000 reviews of 235 words (those that also stand in test are left
        out of the first two).

    Raises:
        DownloadError: "full" was asked for and no mirror gives it.
    """
    choice, files = download.obtain(settings.data_source(source), FULL)
    if choice.source == "full":
        return _full(choice.why, *files)
    return _sample(choice.why)


@functools.cache
def _sample_rows() -> list[dict[str, str]]:
    with settings.bundled(*SAMPLE).open(encoding="utf-8", newline="") as table:
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if abs(float(row["rating"])) > NEUTRAL]


@functools.cache
def sample_vocabulary() -> Vocabulary:
    """The vocabulary of the sample, which the shipped networks were trained with."""
    training = (row["text"] for row in _sample_rows() if row["split"] == "train")
    return Vocabulary.from_texts(training, at_least=SEEN_AT_LEAST)


def _sample(why: str) -> Reviews:
    vocabulary = sample_vocabulary()

    def split(name: str) -> Split:
        rows = [row for row in _sample_rows() if row["split"] == name]
        labels = np.array([float(row["rating"]) > 0 for row in rows], dtype=np.float32)
        return Split([vocabulary.encode(row["text"]) for row in rows], labels)

    return Reviews("sample", why, vocabulary, split("train"), split("validation"), split("test"))


def _full(why: str, archive: Path, word_index: Path) -> Reviews:
    full = imdb.read(archive, word_index)
    # Some reviews of the data set stand in it twice. Splits are made of texts, so that no text falls into two of them.
    texts = [ids.tobytes() for ids in full.train_ids]
    in_test = {ids.tobytes() for ids in full.test_ids}
    distinct = np.array(sorted(set(texts) - in_test), dtype=object)
    np.random.default_rng(VALIDATION_SEED).shuffle(distinct)
    held_out = set(distinct[: round(len(distinct) * VALIDATION_SHARE)])

    def split(ids: Sequence[np.ndarray], labels: np.ndarray) -> Split:
        return Split([review.astype(np.int64) for review in ids], labels.astype(np.float32))

    def of_train(rows: Sequence[int]) -> Split:
        return split([full.train_ids[i] for i in rows], full.train_labels[rows])

    return Reviews(
        "full",
        why,
        Vocabulary(full.word_index),
        of_train([i for i, text in enumerate(texts) if text not in held_out and text not in in_test]),
        of_train([i for i, text in enumerate(texts) if text in held_out]),
        split(full.test_ids, full.test_labels),
    )
