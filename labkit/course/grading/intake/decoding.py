"""The bytes of a returned file as text, whatever program wrote them, and what they are if they are no text."""

import codecs

from labkit.course.grading.intake.places import UnreadableError

_WANTED = "wanted a notebook (.ipynb)"
_OTHER_FORMATS = {
    b"%PDF": f"got a PDF file under the name of a notebook; {_WANTED}: ask for the notebook itself.",
    b"PK\x03\x04": f"got a zip file under the name of a notebook; {_WANTED}: rename it to end in .zip and grade again.",
    b"\x1f\x8b": f"got a packed file (gzip) under the name of a notebook; {_WANTED}: unpack it and grade again.",
    b"Rar!": f"got a RAR archive under the name of a notebook; {_WANTED}: unpack it and grade again.",
    b"7z\xbc\xaf": f"got a 7z archive under the name of a notebook; {_WANTED}: unpack it and grade again.",
    b"\x89PNG": f"got a picture under the name of a notebook; {_WANTED}: ask for the notebook itself.",
    b"\xff\xd8\xff": f"got a picture under the name of a notebook; {_WANTED}: ask for the notebook itself.",
    b"\xd0\xcf\x11\xe0": f"got an Office document under the name of a notebook; {_WANTED}: ask for the notebook.",
}
_MARKS = {  # the longer ones first, as one begins like another
    codecs.BOM_UTF32_LE: "utf-32-le",
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    codecs.BOM_UTF8: "utf-8",
}


def decode(data: bytes) -> tuple[str, list[str]]:
    """The text of a file and what had to be guessed or replaced, a sentence each.

    Raises:
        UnreadableError: it is empty, or plainly something else than a notebook.
    """
    if not data:
        raise UnreadableError("got an empty file (0 bytes); wanted a notebook: ask for it again.")
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError(
            f"got a file of {len(data)} zeros or blanks, as interrupted copies leave behind; wanted a notebook: ask "
            "for it again."
        )
    for begin, problem in _OTHER_FORMATS.items():
        if data.startswith(begin):
            raise UnreadableError(problem)
    text, repairs = _decode(data)
    if text.lstrip()[:200].casefold().startswith(("<!doctype html", "<html", "<head", "<body")):
        raise UnreadableError(
            "got a web page under the name of a notebook, such as the log-in page of the site that it was downloaded "
            f"from; {_WANTED}: download it again while logged in, or ask for it."
        )
    return text, repairs


def _decode(data: bytes) -> tuple[str, list[str]]:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _with_replacements(data[len(mark) :], encoding)
    for begin, encoding in ((b"{\0", "utf-16-le"), (b"\0{", "utf-16-be")):
        if data.startswith(begin):
            return _with_replacements(data, encoding)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":  # cut within a character, which the reader of JSON will tell
            return data.decode("utf-8", "ignore"), []
    text = data.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if sum(char > "\x7f" for char in text) > 2 * damaged:  # most letters beyond ASCII are whole
        return text, [_replaced(damaged)]
    try:
        return data.decode("cp1252"), ["The file is not in UTF-8; it was read as Windows-1252."]
    except UnicodeDecodeError:
        return data.decode("latin-1"), ["The file is not in UTF-8; it was read as Latin-1."]


def _with_replacements(data: bytes, encoding: str) -> tuple[str, list[str]]:
    """The text in a stated encoding; what is no letter in it becomes a question mark."""
    text = data.decode(encoding, "replace")
    damaged = text.count("\ufffd")
    repairs = [] if encoding == "utf-8" else [f"The file was in {encoding.upper()} and not in UTF-8."]
    return text, repairs + [_replaced(damaged)] * (damaged > 0)


def _replaced(number: int) -> str:
    return f"{number} damaged letter{'s' * (number > 1)} of the file became \ufffd."
