"""The exercises of lab 2: filters, activations, occlusion and t-SNE on images."""

from labkit.exercises.core import Lab
from labkit.exercises.in_words import in_words
from labkit.exercises.lab2_cifar_filters_and_occlusion.choice import CHOICE
from labkit.exercises.lab2_cifar_filters_and_occlusion.extractor import EXTRACTOR
from labkit.exercises.lab2_cifar_filters_and_occlusion.filters import COUNT_FILTERS, SECOND_FILTERS
from labkit.exercises.lab2_cifar_filters_and_occlusion.masks import ENERGY_INSIDE, IOU
from labkit.exercises.lab2_cifar_filters_and_occlusion.occlusion_map import OCCLUSION_MAP
from labkit.exercises.lab2_cifar_filters_and_occlusion.streaming import TOP_K_STREAMING
from labkit.exercises.lab2_cifar_filters_and_occlusion.top_images import TOP_K
from labkit.exercises.lab2_cifar_filters_and_occlusion.units import UNIT_LIST
from labkit.exercises.lab2_cifar_filters_and_occlusion.window_count import WINDOW_COUNT

COLOURED_AND_GREY = in_words(
    "2.3",
    "coloured and grey filters",
    2,
    (
        "How many numbers has a filter at each of its places, in the first layer and in the second? And how many does "
        "the colour of a pixel have?",
        "Points to compare with: the shapes of both layers' weights; what the channels that come in stand for in each; "
        "what a grey picture of the second layer's filter leaves out; whether three of its channels as red, green and "
        "blue would mean anything.",
    ),
)
READING_MAPS = in_words(
    "2.13",
    "reading the maps",
    2,
    (
        "Look at single maps with the object's outline, and then at the three scores of the trained network and of "
        "what learned nothing. Which of these maps would be the same for any other image?",
        "Points to compare with: whether the maps were what you had expected of the units that you had looked at; each "
        "score of the trained network beside those of the untrained one, of noise and of everything marked; what the "
        "blob in the middle scores, and what own less others' maps says of it; the classes that do not win, and what "
        "their score loses when exactly the object is covered.",
    ),
)
CONFUSED_CLASSES = in_words(
    "2.14",
    "easy and confused classes",
    2,
    (
        "Read the confusion matrix row by row, and then ask t-SNE the same: which classes do the neighbours of a point "
        "belong to?",
        "Points to compare with: the classes most often and least often recognised, with their shares; the pair most "
        "often confused, and whether in both directions; the neighbours' agreement for the same classes; what the two "
        "have in common in their pictures; where matrix and map disagree.",
    ),
)

LAB = Lab(
    "lab2_cifar_filters_and_occlusion",
    "Filters, activations, occlusion and t-SNE on images",
    "torch",
    minutes_work=150,
    seconds_run=50,
    exercises={
        exercise.id: exercise
        for exercise in (
            COUNT_FILTERS,
            SECOND_FILTERS,
            COLOURED_AND_GREY,
            EXTRACTOR,
            UNIT_LIST,
            TOP_K,
            TOP_K_STREAMING,
            WINDOW_COUNT,
            OCCLUSION_MAP,
            ENERGY_INSIDE,
            IOU,
            CHOICE,
            READING_MAPS,
            CONFUSED_CLASSES,
        )
    },
)
