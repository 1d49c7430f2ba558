"""Words become ids in Keras' convention, and come back."""

import numpy as np
import pytest

from labkit.datasets.vocabulary import Vocabulary, words_of

TEXTS = ["The film is good, the film is bad.", "A good film!", "Bad is bad"]


@pytest.fixture
def vocabulary():
    return Vocabulary.from_texts(TEXTS, at_least=2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("It's a gem -- don't miss it!", ["it's", "a", "gem", "don't", "miss", "it"]),
        ("'quoted' rock'n'roll", ["quoted", "rock'n'roll"]),
        ("snake_case, 3.5 stars & Amélie", ["snake", "case", "3", "5", "stars", "amélie"]),
        ("... ?!", []),
    ],
)
def test_words(text, words):
    assert words_of(text) == words


def test_frequent_words_come_first_and_equal_ones_by_alphabet(vocabulary):
    # bad 3, film 3, is 3; good 2, the 2; "a" was seen once
    assert vocabulary.word_index == {"bad": 1, "film": 2, "is": 3, "good": 4, "the": 5}
    assert vocabulary.id("bad") == 4  # rank 1, moved up by three
    assert vocabulary.size == 9


def test_special_ids(vocabulary):
    assert [vocabulary.word(i) for i in range(4)] == ["<pad>", "<start>", "<unk>", "<unused>"]
    assert vocabulary.word(99) == "<unk>"
    assert vocabulary.word(np.int64(4)) == "bad"


def test_encoding_and_decoding(vocabulary):
    ids = vocabulary.encode("A BAD film?")
    assert ids.dtype == np.int64
    assert ids.tolist() == [1, 2, 4, 5]
    assert vocabulary.decode(ids) == "<start> <unk> bad film"
    assert vocabulary.encode("").tolist() == [1]


def test_the_forgotten_offset_shows_words_three_ranks_off(vocabulary):
    """What the lab warns of: ids taken for ranks are readable nonsense, and no error."""
    words = {rank: word for word, rank in vocabulary.word_index.items()}
    good = vocabulary.id("good")
    assert words[good - 3] == "good"
    assert words.get(vocabulary.id("film")) == "the"


def test_translation_into_another_vocabulary(vocabulary):
    other = Vocabulary({"good": 1, "film": 2})
    table = vocabulary.translate_to(other)
    assert table.dtype == np.int64
    assert table.shape == (vocabulary.size,)
    assert table[:4].tolist() == [0, 1, 2, 3]
    assert table[vocabulary.encode("a good bad film")].tolist() == other.encode("a good bad film").tolist()
