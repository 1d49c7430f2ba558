"""The exercises of lab 3: activation maximization on MNIST, in PyTorch."""

from labkit.exercises.core import Lab
from labkit.exercises.in_words import in_words
from labkit.exercises.lab3_mnist_activation_maximization.accuracies import TRAIN_LENET5, TRAIN_MLP
from labkit.exercises.lab3_mnist_activation_maximization.batch import MAXIMIZE_BATCH
from labkit.exercises.lab3_mnist_activation_maximization.input_optimizer import INPUT_OPTIMIZER
from labkit.exercises.lab3_mnist_activation_maximization.lenet5 import LENET5, MAP_SIZES
from labkit.exercises.lab3_mnist_activation_maximization.mlp import MLP
from labkit.exercises.lab3_mnist_activation_maximization.probabilities import PROBABILITIES
from labkit.exercises.lab3_mnist_activation_maximization.split import SPLIT
from labkit.exercises.lab3_mnist_activation_maximization.three import NINETY_PER_CENT
from labkit.exercises.lab3_mnist_activation_maximization.total_variation import TOTAL_VARIATION

FIRST_IMAGE = in_words(
    "3.7",
    "the first image",
    2,
    (
        "Show the image to somebody who does not know what it should be. Then look at what the network says of it, "
        "and of the noise that it was made of.",
        "Points to compare with: whether strokes of a 3 are to be seen, or single pixels all over; the distribution "
        "of the start, and whether the network ever says that it sees no digit; the digit that was likeliest before, "
        "and what became of it; how far the pixels had to move for so much confidence.",
    ),
)
REGULARISERS = in_words(
    "3.13",
    "what the regularisers do",
    2,
    (
        "One thing was changed at a time. Say for each what became of the picture, and what it cost in confidence.",
        "Points to compare with: the total variation and the confidence with and without each; what too much of it "
        "does; why jitter helps against single pixels; which of them made the picture more digit-like to your eye, "
        "and whether the second network agrees.",
    ),
)
MLP_AGAINST_CNN = in_words(
    "3.14",
    "dense layers against convolutions",
    3,
    (
        "Compare the two rows of digits, and then the same from the untrained networks. Which of the differences come "
        "from training, and which from the architecture alone?",
        "What does a dense layer know of neighbours? What must a pattern be like to pass a convolution and a pooling?",
        "Points to compare with: how many of each network's images the other recognises, in both directions; the same "
        "for the untrained ones, and what guessing would give; which image has more strokes and less noise, by eye "
        "and by total variation; whether higher confidence went with a better picture.",
    ),
)

LAB = Lab(
    "lab3_mnist_activation_maximization",
    "Activation maximization on MNIST, in PyTorch",
    "torch",
    minutes_work=150,
    seconds_run=45,
    exercises={
        exercise.id: exercise
        for exercise in (
            SPLIT,
            MLP,
            TRAIN_MLP,
            PROBABILITIES,
            INPUT_OPTIMIZER,
            NINETY_PER_CENT,
            FIRST_IMAGE,
            MAP_SIZES,
            LENET5,
            TRAIN_LENET5,
            MAXIMIZE_BATCH,
            TOTAL_VARIATION,
            REGULARISERS,
            MLP_AGAINST_CNN,
        )
    },
)
