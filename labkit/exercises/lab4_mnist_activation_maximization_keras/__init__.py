"""The exercises of lab 4: activation maximization on MNIST, in Keras."""

from labkit.exercises.core import Lab
from labkit.exercises.in_words import in_words
from labkit.exercises.lab4_mnist_activation_maximization_keras.gradient_ascent import GRADIENT_ASCENT
from labkit.exercises.lab4_mnist_activation_maximization_keras.linear_twin import LINEAR_TWIN
from labkit.exercises.lab4_mnist_activation_maximization_keras.pairs import BOTH
from labkit.exercises.lab4_mnist_activation_maximization_keras.parameters import PARAMETERS
from labkit.exercises.lab4_mnist_activation_maximization_keras.softmax_gradient import SOFTMAX_GRADIENT
from labkit.exercises.lab4_mnist_activation_maximization_keras.tv_weight import TV_WEIGHT

CURVES = in_words(
    "4.2",
    "curves and confusion matrix",
    2,
    (
        "Where do the two curves part, and what does the network go on to learn from there? Then read the matrix row "
        "by row.",
        "Points to compare with: the last accuracies of training and validation, and the epoch from which "
        "only one of them gets better; the digit most and the digit least often recognised; the pair most often "
        "confused, and whether in both directions; what the two look like.",
    ),
)
UNDER_SOFTMAX = in_words(
    "4.4",
    "why it fails under softmax",
    2,
    (
        "Which of the 100 digits did not move, and what was the probability of a 3 there? Where one did become a 3, "
        "look at the logit that was ahead before.",
        "Your gradient of exercise 4.3 has an entry for every logit. Which sign have the others, and how large are "
        "all of them when the probability is nearly 0 or nearly 1?",
        "Points to compare with: how many digits stayed as they were, and why; how far the wanted logit rose, and "
        "which share of the lead came from pushing the other down, under softmax and under the linear layer; the "
        "probability that was reached all the same; what that means for the picture.",
    ),
)
LIKE_AND_UNLIKE = in_words(
    "4.9",
    "like and unlike shapes",
    2,
    (
        "For each pair: do both probabilities rise, and how high is the smaller one? Then look at the picture: two "
        "shapes beside each other, one that serves for both, or neither?",
        "Points to compare with: the smaller probability for 1 and 7 and for 4 and 9, against 0 and 1 and 7 and 8, "
        "in both ways to ask; where one of a pair wins over the other, or a third digit; that two probabilities share "
        "a sum of 1, and two logits do not; whether the numbers agree with your expectation of the shapes.",
    ),
)
GOOD_FOR = in_words(
    "4.10",
    "hidden filters, and what all this is good for",
    2,
    (
        "What do the pictures of l1, l2 and l3 have in common, and how do they change from layer to layer? Then say "
        "what you know of the network now that its accuracy had not told you.",
        "Points to compare with: plain ink and stripes in l1, larger patterns further up, with the activations "
        "reached; what the untrained network has in place of stripes, with the total variation of both; empty "
        "pictures, and whose fault they are; how much comes from the start; what such a picture cannot prove.",
    ),
)

LAB = Lab(
    "lab4_mnist_activation_maximization_keras",
    "Activation maximization on MNIST, in Keras",
    "keras",
    minutes_work=120,
    seconds_run=45,
    exercises={
        exercise.id: exercise
        for exercise in (
            PARAMETERS,
            CURVES,
            SOFTMAX_GRADIENT,
            UNDER_SOFTMAX,
            LINEAR_TWIN,
            GRADIENT_ASCENT,
            TV_WEIGHT,
            BOTH,
            LIKE_AND_UNLIKE,
            GOOD_FOR,
        )
    },
)
