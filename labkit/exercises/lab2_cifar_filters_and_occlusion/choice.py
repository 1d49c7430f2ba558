"""Exercise 2.12: a window and a baseline of one's own."""

from labkit.exercises.choosing import choice
from labkit.exercises.comparing import Slip

_BASELINES = ("zero", "mean", "blur")
_SMALLEST, _LARGEST = 2, 16

CHOICE = choice(
    "2.12",
    "choose window and baseline",
    3,
    (
        "Compute one score for several windows and all three baselines, on the validation images: choosing on the test "
        "images would make the test too kind.",
        "A large window gives coarse maps, a small one hides too little to matter. And a black occluder is an edge "
        "that no photo has: the network may drop for that alone.",
        "Points to compare with: the score of the choice beside the next best and the worst, and whether they differ "
        "by more than chance; what the untrained network scores with it, and a map that marks everything; what the "
        "choice costs, in images per map.",
    ),
    numbers=("window", "stride", "score"),
    texts=("baseline",),
    slips=(
        Slip(
            "no_window",
            "a window has a whole number of pixels along its side.",
            lambda answers, cases: any(answers[0][name] % 1 != 0 for name in ("window", "stride")),
        ),
        Slip(
            "window_size",
            f"choose a window of {_SMALLEST} to {_LARGEST} pixels: one pixel hides nothing that the network would "
            "miss, and half of the image's side hides nearly all objects whole.",
            lambda answers, cases: not _SMALLEST <= answers[0]["window"] <= _LARGEST,
        ),
        Slip(
            "no_stride",
            "a stride has at least 1 pixel, or the window never moves.",
            lambda answers, cases: answers[0]["stride"] < 1,
        ),
        Slip(
            "gaps",
            "a stride wider than the window leaves gaps that no window covers.",
            lambda answers, cases: answers[0]["stride"] > answers[0]["window"],
        ),
        Slip(
            "unknown_baseline",
            f"choose one of the baselines {', '.join(map(repr, _BASELINES))}.",
            lambda answers, cases: answers[0]["baseline"] not in _BASELINES,
        ),
        Slip(
            "no_share",
            "a score is a share, or a difference of shares, between -1 and 1: enter the number that your table "
            "shows for this choice.",
            lambda answers, cases: not -1 <= answers[0]["score"] <= 1,
        ),
    ),
)
