"""Words and numbers as the sheets and pages print them: for people, and safe whatever a student wrote."""

import re
from datetime import UTC, datetime

# What turns the direction of the text that follows, so that code reads other than it runs (CVE-2021-42574).
_TURNS = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_VISIBLE: dict[int, str | int] = {
    **{code: 0x2400 + code for code in range(0x20) if chr(code) not in "\n\t"},  # U+2400 is the picture of NUL
    **dict.fromkeys(range(0x7F, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **{code: f"⟨U+{code:04X}⟩" for code in _TURNS},
    **dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}"),
}


def visible(text: str) -> str:
    """The text with nothing in it that acts without being seen: control characters, turned directions.

    Line ends of all kinds become a newline each; half of a surrogate pair, which no file can hold, becomes U+FFFD.
    """
    return re.sub("\r\n?|[\u2028\u2029]", "\n", text).translate(_VISIBLE)


def cut(text: str, most: int) -> str:
    """The text, or its beginning and how long it is."""
    return text if len(text) <= most else f"{text[:most]} … ({len(text):,} characters in all)"


def natural(text: str) -> tuple[object, ...]:
    """A key to sort by in which "lab2" comes before "lab10", and capitals do not matter first."""
    # Digits as texts: a file name may hold more of them than int() takes.
    parts = tuple(
        (0, len(part.lstrip("0")), part.lstrip("0")) if part.isdigit() else (1, 0, part.casefold())
        for part in re.split(r"([0-9]+)", text)
        if part
    )
    return parts, text


def points(value: float) -> str:
    """Points as people write them: "2", "1.5", "0.25"."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def counted(count: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 answer", "3 answers"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def moment(seconds: float) -> str:
    """A time given in seconds since 1970, to the minute."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def spoken(lab: str) -> str:
    """What a lab is called in a heading: "Lab 3"; "No lab" where the stem is ""."""
    return short(lab).capitalize().replace("Lab", "Lab ").replace("-", " ")


def headed(lab: str, title: str) -> str:
    """A lab with its title: "Lab 3: Pictures", also where the title begins with "Lab 3 ·" itself."""
    name = spoken(lab)
    return f"{name}: {re.sub(rf'^{re.escape(name)}[ .:·-]+', '', title)}"


def short(lab: str) -> str:
    """What the files of a lab are called by: "lab3" of "lab3_mnist_…"; "no-lab" where the stem is ""."""
    found = re.match(r"lab\d+(?=_|$)", lab)
    return found[0] if found else "no-lab"
