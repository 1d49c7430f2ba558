"""Which line of the roster a notebook belongs to: by number, email, login or name, whole words alone."""

from collections.abc import Sequence
from difflib import get_close_matches

from labkit.course.grading.intake import words
from labkit.course.grading.intake.names import Signs
from labkit.course.grading.intake.roster import Row

#: Students that a doubt names.
NAMED = 3


def match(rows: Sequence[Row], parts: Sequence[Signs]) -> tuple[Row | None, str]:
    """The one line that a notebook's path speaks of, and why somebody should look at that.

    Args:
        rows: the roster.
        parts: of the path, the most telling first.

    Returns:
        None without a doubt of its own where nothing speaks of a student at all.
    """
    fits = [(signs, _fitting(rows, signs)) for signs in parts]
    clear = [(signs, found[0]) for signs, found in fits if len(found) == 1]
    if clear:
        signs, row = clear[0]
        others = [other.name for other, another in clear[1:] if another is not row]
        if others:
            return row, f"The path also names {others[0]!r}, who is another line of the roster."
        return row, _contradiction(rows, row, signs)
    for signs, found in fits:
        if found:
            return None, f"{signs.name!r} fits several lines of the roster: {_listed(found)}."
    named = [signs for signs in parts if signs.name]
    for signs in named:
        near = _near(rows, signs)
        if near:
            return None, f"{signs.name!r} fits no line of the roster; it might be {_listed(near)}."
    return None, f"{named[0].name!r} fits no line of the roster, nor is it like one." if named else ""


def _fitting(rows: Sequence[Row], signs: Signs) -> list[Row]:
    """The lines that fit best, by the first of the ways that finds any."""
    ways = (_by_number, _by_email, _by_whole_name, _by_login, _by_name_and_more, _by_part_of_name)
    return next((found for way in ways if (found := way(rows, signs))), [])


def _by_number(rows: Sequence[Row], signs: Signs) -> list[Row]:
    number = signs.number.lstrip("0")
    if signs.system:
        return [row for row in rows if number and row.numbers.get(signs.system) == number]
    return [row for row in rows if number and number in row.numbers.values()]


def _by_email(rows: Sequence[Row], signs: Signs) -> list[Row]:
    """The lab may stand in front of the address, where an underscore is a letter of it."""
    if not signs.email:
        return []
    return [row for row in rows if any(f"_{signs.email}".endswith(f"_{email}") for email in row.emails)]


def _by_whole_name(rows: Sequence[Row], signs: Signs) -> list[Row]:
    same = [row for row in rows if len(row.words) == len(signs.words) and words.all_among(signs.words, row.words)]
    if same or len(signs.words) != 1:
        return same
    return [row for row in rows if not words.spellings(signs.words[0]).isdisjoint(words.in_one_word(row.words))]


def _by_login(rows: Sequence[Row], signs: Signs) -> list[Row]:
    """Where a login is also a name of somebody else, both are meant; where other words are left, neither is."""
    found = [
        row
        for row in rows
        for login in row.logins
        if words.all_among(login, signs.words) and words.all_among(signs.words, (*login, *row.words))
    ]
    named = [row for row in rows if found and words.all_among(signs.words, row.words)]
    return list({row.student.key: row for row in (*found, *named)}.values())


def _by_name_and_more(rows: Sequence[Row], signs: Signs) -> list[Row]:
    return [row for row in rows if len(row.words) > 1 and words.all_among(row.words, signs.words)]


def _by_part_of_name(rows: Sequence[Row], signs: Signs) -> list[Row]:
    """Two words of a longer name, such as "Anna Müller" of "Anna Maria Müller"."""
    return [row for row in rows if len(signs.words) > 1 and words.all_among(signs.words, row.words)]


def _contradiction(rows: Sequence[Row], row: Row, signs: Signs) -> str:
    """Why a line that fits may still be the wrong one."""
    own = (*row.words, *(word for login in row.logins for word in login), *words.in_one_word(row.words))
    strange = [word for word in signs.words if not word.isdecimal() and not _share([word], own)]
    if strange and len(strange) == len(signs.words):
        return f"By number or address it is {row.student.name}, but the name in the path is {signs.name!r}."
    others = [other for other in rows if _share(strange, other.words)]
    if others:
        return f"The path says {signs.name!r}: is it {row.student.name}, or {_listed(others)}?"
    sure = signs.number or signs.email or len(signs.words) == 1
    if not sure and not words.all_among((row.words[0], row.words[-1]), (*signs.words, *own[len(row.words) :])):
        return f"The path says {signs.name!r}, the roster {row.student.name!r}."
    return ""


def _near(rows: Sequence[Row], signs: Signs) -> list[Row]:
    """Who shares a word with the name, or else is written much like it."""
    sharing = [row for row in rows if _share(signs.words, row.words)]
    if sharing:
        return sharing
    spelt = {spelling: row for row in rows for spelling in sorted(words.in_one_word(row.words))}
    close = get_close_matches("".join(signs.words), spelt, NAMED, 0.8)
    return list({spelt[name].student.key: spelt[name] for name in close}.values())


def _share(some: Sequence[str], others: Sequence[str]) -> bool:
    return any(words.same(word, other) for word in some for other in others)


def _listed(rows: Sequence[Row]) -> str:
    names = [row.student.name for row in rows[:NAMED]]
    return " or ".join(names) + f" or {len(rows) - NAMED} others" * (len(rows) > NAMED)
