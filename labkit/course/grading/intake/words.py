"""Names of people as they stand in file names: cleaned, split into words, compared in any spelling and order."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import permutations

#: Letters of a name that are shown; file names are hostile text.
NAME_LENGTH = 80
#: Letters of a key, of which files are called.
KEY_LENGTH = 60
#: Names of more words are compared in the order they stand in alone.
WORDS_IN_ANY_ORDER = 4

# Letters that fall apart into others, where that is not what Unicode says.
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_BASE = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
# Names of devices, of which Windows allows no file to be called.
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10))}


def clean(text: str) -> str:
    """A name that can stand in a table: composed letters, no control characters, not endless."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text)
    return " ".join(text.split())[:NAME_LENGTH].rstrip()


def split(text: str) -> tuple[str, ...]:
    """The words of a text in small letters; all but letters and digits stands between words, "'" nowhere."""
    text = unicodedata.normalize("NFC", text).casefold().replace("'", "").replace("\u2019", "")
    return tuple("".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in text).split())


@lru_cache(maxsize=100_000)
def spellings(word: str) -> frozenset[str]:
    """A word without accents, and with umlauts spelt out: "müller" is "muller" and "mueller".

    A word in another alphabet stays as it is.
    """
    word = unicodedata.normalize("NFC", word.casefold())
    return frozenset(_without_marks(text).translate(_BASE) for text in (word, word.translate(_SPELT_OUT)))


def _without_marks(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char)) or text


def same(one: str, other: str) -> bool:
    """Whether two words may be spellings of one name."""
    return not spellings(one).isdisjoint(spellings(other))


def all_among(words: Iterable[str], others: Iterable[str]) -> bool:
    """Whether each of the words is one of the others, each of which serves once."""
    left = list(others)
    for word in words:
        fitting = next((other for other in left if same(word, other)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return True


@lru_cache(maxsize=10_000)
def in_one_word(words: tuple[str, ...]) -> frozenset[str]:
    """A name as Canvas writes it, "muelleranna": in every order of its words, without accents or spelt out."""
    orders: Iterator[Sequence[str]] = iter([words])
    if len(words) <= WORDS_IN_ANY_ORDER:
        orders = permutations(words)
    return frozenset(spelling for order in orders for spelling in spellings("".join(order)))


def key(words: Sequence[str], number: str = "") -> str:
    """What a student's files are called: the same for the words in any order, another for other words.

    Args:
        words: in small letters.
        number: tells students of one name apart; no two students have the same.

    Returns:
        small letters, digits, "-" and "_": "anna-mueller" for ("mueller", "anna"). Where that does not tell all, as
        for "müller" without a number, a hash follows.
    """
    exact = sorted(words)
    slug = "-".join(filter(None, (_plain(max(sorted(spellings(word)), key=len)) for word in exact)))
    name = slug[:KEY_LENGTH].strip("-") or "student"
    tail = number.casefold()
    plain_name = name == "-".join(exact) and name not in _RESERVED
    whole = tail == _plain(tail)[:KEY_LENGTH] if tail else plain_name
    mark = "" if whole else "x" + sha256("\n".join((*exact, "", tail)).encode()).hexdigest()[:8]
    return "_".join(filter(None, (name, _plain(tail)[:KEY_LENGTH], mark)))


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char.isalnum())
