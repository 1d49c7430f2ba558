"""Right and wrong answers to the exercises of lab 2; ``gathering`` says what a bank holds."""

from exercises.bank_lab2 import layers, masks, occlusion, top
from exercises.gathering import gather

FOR_A_READER = ("2.3", "2.12", "2.13", "2.14")
LONG = (
    "The network knows trucks best, 0.81 of them, and takes 31 of the cats for dogs; in the map by t-SNE these two "
    "share one cloud."
)

RIGHT, WRONG, STUBS, REMARKED = gather((layers, top, occlusion, masks), in_words=("2.3", "2.13", "2.14"), long=LONG)
