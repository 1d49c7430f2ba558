"""Exercise 4.7: a weight of the total variation, chosen by a criterion of one's own."""

from math import inf

from labkit.exercises.choosing import choice
from labkit.exercises.comparing import Slip

_SMALLEST, _LARGEST = 0.125, 16
_LEAST_WORDS = 4

TV_WEIGHT = choice(
    "4.7",
    "choose the weight of the total variation",
    3,
    (
        "What makes a picture good: that you like it, that the network is sure, or that somebody else recognises it? "
        "Whatever you choose, it must be a number that a program can compute for each weight.",
        "The network that the picture was made for is no fair judge: noise convinces it too. A second network, "
        "trained by itself, is a better one. And one picture is few: compute the criterion for all ten outputs.",
        "Points to compare with: the score of the choice beside the two weights next to it and beside the extremes; "
        "whether they differ by more than another start would; what the criterion does not see, and what your eye "
        "says of the picture that it prefers.",
    ),
    numbers=("weight", "score"),
    texts=("criterion",),
    slips=(
        Slip(
            "no_weight",
            f"choose a weight from {_SMALLEST} to {_LARGEST}, as in the row of pictures.",
            lambda answers, cases: not _SMALLEST <= answers[0]["weight"] <= _LARGEST,
        ),
        Slip(
            "no_criterion",
            f"say in 'criterion' what was measured, in at least {_LEAST_WORDS} words.",
            lambda answers, cases: len(answers[0]["criterion"].split()) < _LEAST_WORDS,
        ),
        Slip(
            "no_score",
            "in 'score' stands no number of at least 0: enter what your table shows for this weight; instead of a "
            "logarithm, the probability.",
            lambda answers, cases: not 0 <= answers[0]["score"] < inf,
        ),
    ),
)
