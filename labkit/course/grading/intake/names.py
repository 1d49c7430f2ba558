"""What a file or folder is called, and whom that speaks of: the lab, copies, dates and "final" are taken off."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from labkit.course.grading.intake import words
from labkit.exercises import stems

_ENDING = re.compile(r"\.(?:ipynb|json|txt|zip)$", re.IGNORECASE)
_CANVAS = re.compile(
    r"(?P<name>[^_]+)_(?:late_)?(?P<number>\d+)_(?P<submission>\d{3,})_(?P<file>.+)", re.IGNORECASE | re.DOTALL
)
_MOODLE = re.compile(
    r"(?P<name>[^_]+)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<file>.*)", re.IGNORECASE | re.DOTALL
)
_EMAIL = re.compile(r"[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_GAP = r"[\W_]*"
_NUMBER = r"\d+(?:[.-]\d+)*"
_YEAR = r"(?:19|20)\d\d"
_NOISE = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # copies
        r"\b(?:copy of|kopie von|copie de|copia de|kopia av|kopi av)\b",
        r"\(\d+\)",
        r"\buntitled[ -]*\d*\b",
        r"\b(?:copy|kopie|copie|copia)\b(?:[ -]*\d+\b)?",
        r"-copy\d*\b",
        # dates and times
        rf"\b{_YEAR}[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])(?:[ t]?\d{{4,6}}\b|\b)",
        rf"\b\d\d?[-.]\d\d?[-.](?:{_YEAR}|\d\d)\b",
        r"\b\d\d?[h.:-]\d\d(?:[.:-]\d\d)?\b",
        # the lab, the task, the version
        r"\b(?:lab(?:or)?s?|week|wk|woche|assignments?|assign|exercises?|ex|homework|hw|sessions?|tasks?|sheets?|part"
        r"|notebooks?|nb|unit|module|problem set|pset|projects?|versions?|ver|v|rev|attempts?|try|take|draft|blatt"
        rf"|[uü]bung|uebung|aufgaben?|abgaben?)[ .#-]*{_NUMBER}[a-c]?(?![a-z])",
        rf"\blab[ .-]*{_NUMBER}",
        # groups of students
        r"\b(?:section|groups?|gruppe|class|kurs|course|tutorial|seminar|team)[ -]*(?:\d+|[a-z])\b",
    )
]
_NOISE_WORDS = """
    txray cnn cifar mnist keras
    lab labs assignment assignments exercise exercises homework notebook notebooks colab jupyter ipynb week session
    final finished solution solutions solved answer answers submission submissions submitted resubmission version
    completed complete corrected revised updated fixed latest newest draft attempt backup graded ungraded
    endversion fertig lösung lösungen loesung loesungen abgabe abgaben übung uebung aufgabe aufgaben
    download downloads upload uploads desktop documents inbox incoming returned returns files students class course
    bulk all everything archive export exports canvas moodle gradebook assignsubmission file onlinetext
"""
_NOBODY = ("participant", "teilnehmer", "teilnehmer in")
_DROPPED = frozenset(_NOISE_WORDS.split())
# Nobody is called by these alone, though they may be a part of a name.
_NO_NAMES = frozenset(
    (
        "a",
        "and",
        "copy",
        "done",
        "finally",
        "for",
        "last",
        "late",
        "me",
        "mine",
        "my",
        "new",
        "of",
        "ok",
        "old",
        "ready",
    )
    + ("real", "test", "the", "this", "to", "user", "von", "work", "student", "participant", "candidate", "team")
)
_COUNTED = frozenset(("student", "participant", "candidate", "user", "team"))  # a name only with their number
_LONGEST = 255  # letters that a file on disk can be called by; a longer name in a zip file was made to do harm
_IDENTIFIER_DIGITS = 3  # shorter numbers count copies, weeks or attempts


@dataclass(frozen=True)
class Signs:
    """Whom a name of a file, folder or zip file speaks of.

    Attributes:
        name: as a person writes it; "" if it names nobody.
        words: of the name, in small letters.
        number: which the system that collected the notebooks knows the student by, or a long number in the name.
        email: in small letters.
        system: "canvas" or "moodle" if the name was made by one of these, else "".
    """

    name: str = ""
    words: tuple[str, ...] = ()
    number: str = ""
    email: str = ""
    system: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.number or self.email)


def signs(part: str) -> Signs:
    """Whom one part of a path speaks of.

    Example:
        >>> signs("muelleranna_LATE_12345_678901_lab1_txray_text_cnn-2.ipynb").number
        '12345'
        >>> signs("Müller, Anna - Lab 1 final FINAL v2.ipynb").name
        'Anna Müller'
    """
    text = unicodedata.normalize("NFC", part) if len(part) <= _LONGEST else ""
    while _ENDING.search(text):
        text = _ENDING.sub("", text)
    for system, form in (("moodle", _MOODLE), ("canvas", _CANVAS)):
        made = form.fullmatch(text)
        if made and not re.fullmatch(rf"{_YEAR}(\d{{4}})?", made["number"]):
            name, number = _named(made["name"])[0], made["number"]
            if made["name"].casefold() in _NOBODY:  # who is who is hidden from who marks
                name = f"{made['name']} {number}"
            if name:
                return Signs(words.clean(name), words.split(name), number, "", system)
    email = _EMAIL.search(text)
    address = email[0] if email else ""
    name, number = _named(address.partition("@")[0] or text)
    return Signs(words.clean(name), words.split(name), number, address.casefold())


def _named(text: str) -> tuple[str, str]:
    """The name in a text, and a long number."""
    text = "".join(char if unicodedata.category(char)[0] in "LMN" or char in "'’-.,()#" else " " for char in text)
    for pattern in (*_stems(), *_NOISE):
        text = pattern.sub(" ", text)
    last, comma, first = text.partition(",")
    parts = [_kept(part) for part in ((first, last) if comma else (text,))]
    tokens = [token for kept in parts for token in kept]
    numbers = [token for token in tokens if token.isdecimal() and not re.fullmatch(_YEAR, token)]
    names = [token for token in tokens if not token.isdecimal()]
    if numbers and any(name.casefold() in _COUNTED for name in names):
        names += numbers
    elif all(len(name) == 1 and name.isascii() or name.casefold() in _NO_NAMES for name in names):
        names = []
    number = next((digits for digits in numbers if len(digits) >= _IDENTIFIER_DIGITS), "")
    return _as_written(names) or number, number


def _kept(text: str) -> list[str]:
    """The words that may be a name's, and numbers; "Anna-Lena" is one word, "anna.mueller" are two."""
    tokens = (token.strip("-'’") for token in re.split(r"['’]s\b|[\s.,()#]+|(?<!\w)-|-(?!\w)", text))
    return [token for token in tokens if token and token.casefold() not in _DROPPED]


def _as_written(names: list[str]) -> str:
    if len(names) == 1:  # AnnaMueller
        names = re.sub(r"(?<=[a-zß-ÿ]{2})(?=[A-ZÀ-Þ][a-zß-ÿ])", " ", names[0]).split()
    if len(names) > 1 and all(name == name.lower() for name in names):
        names = [name.title() for name in names]
    return " ".join(names)


@cache
def _stems() -> tuple[re.Pattern[str], ...]:
    """For each lab its stem, of which words may be missing: "lab1_txray_cnn"; or all of it without "lab1"."""
    patterns = []
    for stem in stems():
        lab, first, *others = stem.split("_")
        number = lab.removeprefix("lab")
        rest = "".join(rf"(?:{_GAP}{word})?" for word in others)
        bare = _GAP.join([first, *others])
        patterns.append(rf"\blab{_GAP}{number}{_GAP}{first}{rest}\b|\b{bare}\b")
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in patterns)
