"""Exercise 5.1: what all images, and all activations of one layer, would take in memory."""

from collections.abc import Sequence
from math import isclose

from labkit.exercises.answers import Plain
from labkit.exercises.comparing import Explains, Slip, compare
from labkit.exercises.core import Case, Exercise, Verdict
from labkit.exercises.counting import numbers_of

_IMAGES, _BYTES, _MEGA = 7454, 4, 10**6
_SHAPES = {"images": (96, 96, 3), "activations": (39, 39, 64)}
_BATCHES = (16, 32, 64, 128)


def _megabytes(height: int, width: int, channels: int) -> float:
    return _IMAGES * height * width * channels * _BYTES / _MEGA


_RIGHT = {name: _megabytes(*shape) for name, shape in _SHAPES.items()}


def _near(a: float, b: float) -> bool:
    """Whether two estimates are the same: nobody has to write all digits down."""
    return isclose(a, b, rel_tol=1e-3)


def _rounded_too_far(estimate: float, right: float) -> bool:
    return isclose(estimate, right, rel_tol=0.04) and not _near(estimate, right)


def _times(*factors: float) -> Explains:
    """For a slip: at least one entry is the right one times one of these factors."""
    return lambda answers, cases: any(
        _near(answers[0][name], _RIGHT[name] * factor) for name in _SHAPES for factor in factors
    )


def _says(name: str, *wrongs: float) -> Explains:
    return lambda answers, cases: any(_near(answers[0][name], wrong) for wrong in wrongs)


def _either(*several: Explains) -> Explains:
    return lambda answers, cases: any(explains(answers, cases) for explains in several)


_SLIPS = (
    Slip(
        "swapped",
        "the two stand in each other's place.",
        lambda answers, cases: (
            _says("images", _RIGHT["activations"])(answers, cases)
            and _says("activations", _RIGHT["images"])(answers, cases)
        ),
    ),
    Slip("bits", "at least one entry counts bits; eight of them are one byte.", _times(8)),
    Slip(
        "numbers",
        "at least one entry counts numbers; wanted what they take in memory, in megabytes.",
        _times(_MEGA / _BYTES),
    ),
    Slip(
        "one_byte",
        "at least one entry counts a single byte for each number, as a file's pixels have it; how many has a float32?",
        _times(1 / _BYTES),
    ),
    Slip("float64", "at least one entry counts as many bytes as a float64 has, which is twice as many.", _times(2)),
    Slip(
        "half",
        "at least one entry is half of what it should be: look again at the bytes of a float32, and at the number of "
        "channels.",
        _times(1 / 2),
    ),
    Slip(
        "mebibytes",
        "at least one entry is in units of 2**20 bytes; a megabyte, as asked for here, has 10**6.",
        _times(_MEGA / 2**20),
    ),
    Slip(
        "other_unit",
        "at least one entry is in bytes, kilobytes or gigabytes; wanted megabytes, 10**6 bytes.",
        _times(_MEGA, _MEGA / 2**10, 1e3, 1e-3, _MEGA / 2**30),
    ),
    Slip(
        "one_image",
        "at least one entry is for a single photograph; wanted all of them.",
        _times(1 / _IMAGES),
    ),
    Slip(
        "one_batch",
        "at least one entry is for a single batch; wanted all photographs.",
        _times(*(size / _IMAGES for size in _BATCHES)),
    ),
    Slip(
        "channels_forgotten",
        "at least one entry counts one number for each place; a pixel has three, and each place of the layer one for "
        "every channel.",
        _either(*(_says(name, _RIGHT[name] / shape[2]) for name, shape in _SHAPES.items())),
    ),
    Slip(
        "one_side",
        "at least one entry counts one side only; there are rows times columns.",
        _either(*(_says(name, _RIGHT[name] / shape[0]) for name, shape in _SHAPES.items())),
    ),
    Slip(
        "colours_as_channels",
        "in 'activations' you count three channels, as an image has; how many has the layer?",
        _says("activations", _megabytes(39, 39, 3)),
    ),
    Slip(
        "maps_as_large_as_images",
        "in 'activations' the maps are as large as the images; without padding and with a pooling they are smaller.",
        _says("activations", _megabytes(96, 96, 64)),
    ),
    Slip(
        "rounded",
        "at least one entry is right but for rounding that goes too far: give whole megabytes.",
        lambda answers, cases: any(_rounded_too_far(answers[0][name], right) for name, right in _RIGHT.items()),
    ),
)


def _rounded(answer: Plain) -> Plain:
    """The right number wherever one is near enough to it."""
    if not isinstance(answer, dict):
        return answer
    return {
        name: _RIGHT[name]
        if name in _RIGHT and isinstance(value, (int, float)) and _near(value, _RIGHT[name])
        else value
        for name, value in answer.items()
    }


def _judge(answers: Sequence[Plain], cases: Sequence[Case]) -> Verdict:
    compared = compare(
        lambda case: dict(_RIGHT),
        _SLIPS,
        "at least one of the two is not what was expected.",
        right="One layer's activations take more than three times what the photographs take.",
    )
    return compared([_rounded(answer) for answer in answers], cases)


MEMORY = Exercise(
    "5.1",
    "a quick estimate",
    2,
    (
        "How many numbers does one photograph have, and how many does the layer make of it? And how many bytes does "
        "one float32 take?",
        "A float32 has 32 bits, and a byte has 8 of them. A megabyte is here 10**6 bytes.",
        "Photographs x rows x columns x channels x bytes of a number / 10**6: 7454 * 96 * 96 * 3 * ... / 10**6, and "
        "the same with 39, 39 and 64.",
    ),
    lambda rng: [{}],
    numbers_of("a dictionary with 'images' and 'activations'"),
    _judge,
)
