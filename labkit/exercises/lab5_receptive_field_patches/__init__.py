"""The exercises of lab 5: receptive fields, and the patches that excite a layer's channels."""

from labkit.exercises.core import Lab
from labkit.exercises.in_words import in_words
from labkit.exercises.lab5_receptive_field_patches.agreement import AGREEMENT
from labkit.exercises.lab5_receptive_field_patches.best_places import BEST_PLACES
from labkit.exercises.lab5_receptive_field_patches.by_hand import BY_HAND
from labkit.exercises.lab5_receptive_field_patches.cutting import CUT
from labkit.exercises.lab5_receptive_field_patches.extractor import EXTRACTOR
from labkit.exercises.lab5_receptive_field_patches.liked import LIKED
from labkit.exercises.lab5_receptive_field_patches.memory import MEMORY
from labkit.exercises.lab5_receptive_field_patches.stacks import RECEPTIVE_FIELD_OF
from labkit.exercises.lab5_receptive_field_patches.top_images import TOP_IMAGES

TRAINED_AND_UNTRAINED = in_words(
    "5.10",
    "trained and untrained",
    2,
    (
        "Look at the two sets of patches first, and only then at the numbers: could you tell which network is which? "
        "And what would each number be if the channels cared for nothing at all?",
        "The untrained network has the same layers and sees the same photographs. What its patches have in common "
        "therefore comes from the layers and the photographs, not from learning.",
        "Points to compare with: the agreement of trained and untrained beside chance; the share of the object in the "
        "patches of both; how many channels are dead, and what their patches would say; what the untrained channels "
        "like all the same, and why (contrast, bright or dark places); whether the classes agree because the channel "
        "knows the class, or because photographs of a class share a colour or a background; what neither number can "
        "show.",
    ),
)
FOUR_VIEWS = in_words(
    "5.11",
    "one unit, seen four ways",
    2,
    (
        "Say of each view alone what it says the unit likes: weights, top patches, optimised input, occlusion. Which "
        "of the four were made from photographs, and which from the network alone?",
        "The optimised input is as large as the receptive field, and so are the patches. Is what is bright in one at "
        "the same place, and of the same colour, in the other? And does hiding that place lower the activation?",
        "Points to compare with: what at least three of the views agree on, colour, direction or place; what the "
        "optimised input has that no photograph does, and its activation beside the best patch's; what the weights "
        "can and cannot say so deep in a network; whether the occlusion map ends where the receptive field ends; "
        "which view you would trust for which question.",
    ),
)

LAB = Lab(
    "lab5_receptive_field_patches",
    "What excites a neuron? Receptive-field patches",
    "keras",
    minutes_work=150,
    seconds_run=60,
    exercises={
        exercise.id: exercise
        for exercise in (
            MEMORY,
            EXTRACTOR,
            BEST_PLACES,
            TOP_IMAGES,
            BY_HAND,
            RECEPTIVE_FIELD_OF,
            CUT,
            LIKED,
            AGREEMENT,
            TRAINED_AND_UNTRAINED,
            FOUR_VIEWS,
        )
    },
)
