"""The exercises of lab 1: TX-Ray, what words each filter of a text CNN prefers."""

from labkit.exercises.core import Lab
from labkit.exercises.in_words import in_words
from labkit.exercises.lab1_txray_text_cnn.activations import RECORDING_HOOK, TOP_K
from labkit.exercises.lab1_txray_text_cnn.collecting import COLLECT
from labkit.exercises.lab1_txray_text_cnn.criterion import CRITERION
from labkit.exercises.lab1_txray_text_cnn.overlap import JACCARD, WEIGHTED_JACCARD
from labkit.exercises.lab1_txray_text_cnn.pruning import PRUNING_HOOK, ZERO_OR_NEGATIVE
from labkit.exercises.lab1_txray_text_cnn.reading import IDS_TO_WORDS
from labkit.exercises.lab1_txray_text_cnn.statistics import READ_STATISTICS
from labkit.exercises.lab1_txray_text_cnn.training import ONE_EPOCH
from labkit.exercises.lab1_txray_text_cnn.words import WORD_SCORES

WHAT_CHANGES = in_words(
    "1.6",
    "what changes the number of features",
    2,
    (
        "Three things were changed, one at a time: filters, texts, k. Say for each what you saw and why.",
        "Points to compare with: whether different n-grams grow in proportion to the credits; why width 1 and width 3 "
        "differ in this; whether a filter among many takes fewer n-grams, and how many fewer.",
    ),
)
NOISE = in_words(
    "1.8",
    "noise and over-use",
    2,
    (
        "Over-used: a few everyday words win in most reviews, so rank by count. Noise: the favourites have no meaning "
        "in common, so read them ranked by height. Name filters for both, with numbers.",
        "Points to compare with: the sum against the median filter's; how many reviews the most frequent winner took; "
        "whether the favourites praise, blame or do both; which measurement would prove you wrong.",
    ),
)
PRUNING = in_words(
    "1.13",
    "what pruning shows",
    2,
    (
        "Compare your criterion's accuracy with the spread of the random draws, not with their mean alone.",
        "Points to compare with: on which side the filters of least mass stand, by the signs of their weights; what "
        "share of the draws your criterion beats; how fine a difference so few draws can show.",
    ),
)
REDUNDANCY = in_words(
    "1.16",
    "more filters, more redundancy?",
    2,
    (
        "Compare the medians for the small and the large network, plain and weighted, and the untrained one beside "
        "them.",
        "Points to compare with: pairs on the same side against pairs on opposite sides; what is there without any "
        "learning; whether rare words count in a measure as much as favourites.",
    ),
)

LAB = Lab(
    "lab1_txray_text_cnn",
    "TX-Ray: what words does each filter of a text CNN prefer?",
    "torch",
    minutes_work=150,
    seconds_run=30,
    exercises={
        exercise.id: exercise
        for exercise in (
            IDS_TO_WORDS,
            ONE_EPOCH,
            TOP_K,
            RECORDING_HOOK,
            COLLECT,
            WHAT_CHANGES,
            READ_STATISTICS,
            NOISE,
            WORD_SCORES,
            PRUNING_HOOK,
            ZERO_OR_NEGATIVE,
            CRITERION,
            PRUNING,
            JACCARD,
            WEIGHTED_JACCARD,
            REDUNDANCY,
        )
    },
)
