"""Train the text CNNs that lab 1 ships; for the options see shipping.py."""

from functools import partial

from shipping import Train, ship_or_measure
from shipping_torch import save_half, train
from torch import nn

from labkit.datasets.batching import Batches
from labkit.datasets.reviews import reviews
from labkit.models import TextCNN

FILTERS = {20: {1: 10, 2: 7, 3: 3}, 100: {1: 70, 2: 20, 3: 10}}
SETTINGS = {"epochs": 15, "patience": 3, "lr": 2e-3, "weight_decay": 0.1}
BATCH_SIZE = 64


def main() -> None:
    """Ship or measure both."""
    data = reviews("sample")

    def trained(filters: dict[int, int]) -> Train:
        create, loss = partial(TextCNN, data.vocabulary.size, filters), nn.BCEWithLogitsLoss()
        return lambda seed: train(create, Batches, data, lambda _: BATCH_SIZE, loss, seed, **SETTINGS)

    networks = {f"text_cnn_{count}_filters.safetensors": trained(filters) for count, filters in FILTERS.items()}
    ship_or_measure(__file__, networks, save_half, trained_on="samples/reviews.tsv")


if __name__ == "__main__":
    main()
