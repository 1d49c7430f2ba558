"""Exercise 5.5: receptive field and stride of the lab's layer, by paper and pencil."""

from labkit.exercises.comparing import Slip, compare
from labkit.exercises.core import Exercise
from labkit.exercises.counting import numbers_of, says

_SIZE, _STRIDE = 20, 2
_SIDE, _MAP = 96, 39

BY_HAND = Exercise(
    "5.5",
    "receptive field and stride by hand",
    3,
    (
        "Draw a row of pixels and the first convolution above it. How many pixels does one of its units see? How many "
        "does a unit of the second convolution see, which looks at three of those?",
        "Before the pooling, neighbouring units see windows one pixel apart. By how many pixels do they move on behind "
        "it? By as many each further step of a window is long.",
        "Forwards, beginning with 1 pixel: a convolution adds its two steps. Up to the pooling that makes 3, 5, 7; the "
        "pooling adds one step; from there on each step is as long as two pixels. Three convolutions are left.",
    ),
    lambda rng: [{}],
    numbers_of("a dictionary with 'size' and 'stride'"),
    compare(
        lambda case: {"size": float(_SIZE), "stride": float(_STRIDE)},
        [
            Slip(
                "swapped",
                "the two stand in each other's place: the size is how wide a window is, the stride how far it moves.",
                lambda answers, cases: answers[0] == {"size": _STRIDE, "stride": _SIZE},
            ),
            Slip(
                "stride_as_size",
                "in 'size' stands how far the window moves from unit to unit; wanted how wide it is.",
                says("size", _STRIDE),
            ),
            Slip(
                "size_as_stride",
                "in 'stride' stands how wide the window is; wanted how far it moves from one unit to the next. "
                "Neighbouring windows overlap.",
                says("stride", _SIZE),
            ),
            Slip(
                "pooling_forgotten",
                "your 'size' is that of six convolutions alone: the pooling stands between them, and looks at two "
                "rows and columns itself.",
                says("size", 12, 13),
            ),
            Slip(
                "kernels_without_stride",
                "your 'size' adds up all windows as if each step were one pixel, or ends on the way back at the "
                "pooling. Behind the pooling a step from unit to unit is longer than a pixel, and before it there are "
                "three more convolutions.",
                says("size", 14, 15),
            ),
            Slip(
                "before_the_pooling",
                "your 'size' ends at the pooling: three convolutions are still to come.",
                says("size", 7, 8),
            ),
            Slip(
                "one_too_small",
                "your 'size' is off by one. Does the pooling look at one row or at two? And does your count begin with "
                "the one pixel that there is without any layer?",
                says("size", _SIZE - 1),
            ),
            Slip(
                "one_too_large",
                "your 'size' is off by one. The step of the pooling counts for the layers behind it, not for its own "
                "window; and from the first pixel to the last, count pixels, not the lines between them.",
                says("size", _SIZE + 1),
            ),
            Slip(
                "convolution_missing",
                "your 'size' is that of a shorter chain, as if a convolution were missing: how many are there up to "
                "conv2d_5, the first being conv2d? Or you have laid the windows side by side; they overlap.",
                says("size", 16, 18),
            ),
            Slip(
                "convolution_too_many",
                "your 'size' is that of a longer chain, by one convolution: how many are there up to conv2d_5?",
                says("size", 22, 24),
            ),
            Slip(
                "pooling_spreads_all",
                "in your 'size' the pooling also makes the steps before it longer, or the window itself; its step "
                "counts for the layers behind it alone.",
                says("size", 25, 26, 27, 28),
            ),
            Slip(
                "area",
                "your 'size' counts all pixels of the square; wanted how many there are along one side.",
                says("size", _SIZE**2),
            ),
            Slip(
                "size_of_maps",
                "your 'size' speaks of whole images or maps, or of what is lost at their borders; wanted the width of "
                "the window that a single unit sees.",
                says("size", _SIDE, _MAP, _SIDE - _MAP, _SIDE - _MAP + 1),
            ),
            Slip(
                "kernel_as_size",
                "your 'size' is the window of one convolution on the maps below it; wanted in pixels of the image.",
                says("size", 3, 9),
            ),
            Slip(
                "stride_without_pooling",
                "your 'stride' leaves the pooling out: the convolutions move by one, but by how many does the pooling?",
                says("stride", 1),
            ),
            Slip(
                "kernel_as_stride",
                "in 'stride' stands the window of a convolution; each of them moves by less than it is wide.",
                says("stride", 3),
            ),
            Slip(
                "strides_added",
                "for your 'stride' you add up the strides of the layers; they multiply.",
                says("stride", 8, 9),
            ),
            Slip(
                "every_layer_pools",
                "your 'stride' doubles more than once: which of the layers moves by more than one?",
                says("stride", 4, 16, 32, 64, 128),
            ),
            Slip(
                "inverse",
                "your 'stride' is the wrong way round: wanted pixels for a unit, not units for a pixel.",
                says("stride", 1 / _STRIDE),
            ),
            Slip(
                "quotient_of_sides",
                "your 'stride' divides the image's side by the map's; but without padding the maps also lose their "
                "borders, so this is only nearly right.",
                lambda answers, cases: abs(answers[0]["stride"] - _SIDE / _MAP) < 0.05,
            ),
        ],
        "at least one of the two is not what was expected.",
        right="So neighbouring units see nearly the same: their windows overlap by all but two columns or rows.",
    ),
)
