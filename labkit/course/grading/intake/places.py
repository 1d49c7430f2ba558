"""What can lie in a folder of returned notebooks: what a file's name promises, and how it is spoken of."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Literal, NoReturn

#: The largest notebook that is read, on disk or unpacked.
NOTEBOOK_BYTES = 200 * 2**20

Kind = Literal["notebook", "zip", "perhaps", "ignored", "other"]

_NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json")  # browsers add the second ending
_PERHAPS = (".json", ".txt")  # taken if they hold a notebook
_DROPPINGS = ("__macosx", "thumbs.db", "desktop.ini")  # of operating systems; dot-files besides
_WANTED = "wanted a notebook (.ipynb) or a zip file of notebooks"
_OTHERS = {
    ".py": "a Python script; wanted the notebook (.ipynb) itself: ask for it.",
    ".html": f"a web page; {_WANTED}: ask for the notebook itself.",
    ".pdf": f"a PDF file; {_WANTED}: ask for the notebook itself.",
} | {
    ending: f"an archive of another kind ({ending}); {_WANTED}: unpack it here, or ask for a zip file."
    for ending in (".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz")
}


class UnreadableError(Exception):
    """A notebook whose bytes cannot be had; the message says what was got, what was wanted and what to do."""


@dataclass(frozen=True)
class Found:
    """A file that is a notebook, or should be one.

    Attributes:
        path: within the folder, parts joined by "/"; a zip file is one of the parts.
        modified: in seconds since 1970.
        load: gives the bytes, at most ``NOTEBOOK_BYTES``, or raises ``UnreadableError``. It can be called until the
            next file is asked for.
    """

    path: str
    modified: float
    load: Callable[[], bytes]


@dataclass(frozen=True)
class LeftAside:
    """A file or folder in which no notebook was looked for any further, and why."""

    path: str
    why: str


def kind(name: str) -> Kind:
    """What the name of a file promises; dot-files and what systems drop are "ignored"."""
    name = name.casefold()
    if name.startswith(".") or name in _DROPPINGS:
        return "ignored"
    if name.endswith(_NOTEBOOKS):
        return "notebook"
    if name.endswith(".zip"):
        return "zip"
    return "perhaps" if name.endswith(_PERHAPS) else "other"


def no_notebook(name: str) -> str:
    """Why a file of this name is left aside."""
    name = name.casefold()
    return next((why for ending, why in _OTHERS.items() if name.endswith(ending)), f"no notebook; {_WANTED}.")


def shown(name: str) -> str:
    r"""A name of a file as it can be printed and written as UTF-8: "a\nb" becomes "a\\nb".

    Bytes that are no UTF-8 are read as the names that Windows gives, if that makes letters of all of them.
    """
    if any(unicodedata.category(char) == "Cs" for char in name):
        data = name.encode("utf-8", "surrogateescape")
        readings = (data.decode(encoding, "replace") for encoding in ("cp1252", "cp850"))
        name = next((text for text in readings if all(char.isascii() or char.isalpha() for char in text)), name)
    return "".join(
        char.encode("unicode_escape").decode() if unicodedata.category(char) in ("Cc", "Cf", "Cs") else char
        for char in name
    )


def refused(path: str, modified: float, problem: str) -> Found:
    """A file that is known to be unreadable before anybody tries."""

    def load() -> NoReturn:
        raise UnreadableError(problem)

    return Found(path, modified, load)


def read_whole(file: IO[bytes]) -> bytes:
    """All that is left in a file.

    Raises:
        UnreadableError: that is more than ``NOTEBOOK_BYTES``.
    """
    data = file.read(NOTEBOOK_BYTES + 1)
    if len(data) > NOTEBOOK_BYTES:
        raise too_large()
    return data


def too_large() -> UnreadableError:
    """To raise for a file of more than ``NOTEBOOK_BYTES``."""
    return UnreadableError(
        f"got a file of more than {NOTEBOOK_BYTES >> 20} MB; wanted a notebook below that: ask for it with its outputs "
        "cleared."
    )
