"""Exercise 5.8: what channels seem to like, in words, a few for each of at least three."""

from collections.abc import Sequence
from typing import Any

from labkit.exercises.answers import Misfit, Plain, Unanswered, entries
from labkit.exercises.comparing import Slip
from labkit.exercises.core import Case, Exercise, Verdict
from labkit.exercises.in_words import left_to_a_reader, text

_CHANNELS, _LEAST, _LEAST_WORDS = 64, 3, 4
_LONGEST_NUMBER = 100  # digits; Python reads no more than some thousand
_WANTED = "a dictionary with a channel's number and a text for each of at least three channels"

_HINTS = (
    "Look at all sixteen patches of a channel before you name anything: what is in nearly every one of them? Colour, "
    "an edge and its direction, a texture, a shape?",
    "Then look for the patch that does not fit. Is the first word that came to you an object (a petal), where a "
    "simpler one would do (pale, on dark, curved)?",
    "Points to compare with: what at least twelve of the sixteen have in common; where in the patch it is, middle or "
    "edge; whether a plainer description, of colour, brightness or direction, covers as many; which patches do not "
    "fit; whether another channel would deserve the same words.",
)


def _probe(answer: Any, case: Case) -> Plain:
    given = entries(answer, _WANTED)
    if not given or ... in answer:
        raise Unanswered
    found = {name.strip(): text(description) for name, description in given.items()}
    for name in found:
        if not name.removeprefix("-").isdecimal():
            raise Misfit(f"got {name!r} where the number of a channel was wanted, as in {{12: '...'}}")
    return found


def _outside(answer: dict[str, str]) -> list[str]:
    return [name for name in answer if not 0 <= int(name) < _CHANNELS]


def _alike(answer: dict[str, str]) -> bool:
    return len({description.casefold().rstrip(".") for description in answer.values()}) < len(answer)


_SLIPS = (
    Slip(
        "no_channel",
        f"at least one of your numbers is that of no channel: there are {_CHANNELS}, counted from 0.",
        lambda answers, cases: bool(_outside(answers[0])),
    ),
    Slip(
        "too_few",
        f"wanted at least {_LEAST} channels; it is in comparing them that one sees what is special of one.",
        lambda answers, cases: len(answers[0]) < _LEAST,
    ),
    Slip(
        "too_short",
        f"at least one of your descriptions has fewer than {_LEAST_WORDS} words: say what is in the patches, and "
        "where.",
        lambda answers, cases: any(len(description.split()) < _LEAST_WORDS for description in answers[0].values()),
    ),
    Slip(
        "all_alike",
        "two channels have the same description, word by word: in what do their patches differ?",
        lambda answers, cases: _alike(answers[0]),
    ),
)


def _well_formed(answer: Plain) -> bool:
    """Whether it is what the probe makes; it may be anything."""
    return isinstance(answer, dict) and all(
        name.removeprefix("-").isdecimal() and len(name) <= _LONGEST_NUMBER and isinstance(description, str)
        for name, description in answer.items()
    )


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    """Refuse what describes nothing; all else is for a reader."""
    if not all(_well_formed(answer) for answer in answers):
        return Verdict("wrong", f"wanted {_WANTED}.", "other")
    for slip in _SLIPS:
        if slip.explains(answers, cases):
            return Verdict("wrong", slip.message, slip.name)
    return left_to_a_reader(" ".join(answers[0].values()), _HINTS[-1])


LIKED = Exercise("5.8", "what channels seem to like", 2, _HINTS, lambda rng: [{}], _probe, _judge, for_a_reader=True)
