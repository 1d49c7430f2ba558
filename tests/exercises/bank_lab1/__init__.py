"""Right and wrong answers to the exercises of lab 1; ``gathering`` says what a bank holds."""

from exercises.bank_lab1 import activations, collecting, overlap, pruning, statistics, training, words
from exercises.gathering import gather

FOR_A_READER = ("1.6", "1.8", "1.13", "1.16")
LONG = "Filter w1-f3 is over-used: its sum is 812.4, three times the median, and its favourites are of no kind."

RIGHT, WRONG, STUBS, REMARKED = gather(
    (words, training, activations, collecting, statistics, pruning, overlap), in_words=FOR_A_READER, long=LONG
)
