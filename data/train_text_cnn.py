"""Train the text CNNs that lab 1 ships, and measure what other seeds would have given.

    python data/train_text_cnn.py            # writes data/checkpoints/text_cnn_{20,100}_filters.safetensors
    python data/train_text_cnn.py --seeds 5  # writes nothing; prints the accuracies of each seed

The shipped networks have seed 0, fixed beforehand. Their weights are rounded to half precision before
their accuracy is measured, because that is what the file holds.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from labkit import training
from labkit.datasets.batching import Batches
from labkit.datasets.manifest import register
from labkit.datasets.reviews import Reviews, reviews
from labkit.models import TextCNN, save
from labkit.training import accuracy, fit

FILTERS = {20: {1: 10, 2: 7, 3: 3}, 100: {1: 70, 2: 20, 3: 10}}
SETTINGS = {"epochs": 15, "patience": 3, "lr": 2e-3, "weight_decay": 0.1}
BATCH_SIZE = 64


def train(data: Reviews, filters: dict[int, int], seed: int) -> tuple[TextCNN, dict[str, float]]:
    """A trained network in half precision's values, and its validation and test accuracy."""
    training.seed_everything(seed)
    model = TextCNN(data.vocabulary.size, filters)
    fit(
        model,
        lambda epoch: Batches(data.train, BATCH_SIZE, seed=1000 * seed + epoch),
        nn.BCEWithLogitsLoss(),
        lambda m: accuracy(m, Batches(data.validation, 256)),
        optimizer=torch.optim.AdamW,
        seed=seed,
        **SETTINGS,
    )
    model.eval().half().float()
    return model, {
        "validation_accuracy": accuracy(model, Batches(data.validation, 256)),
        "test_accuracy": accuracy(model, Batches(data.test, 256)),
    }


def main() -> None:
    """Train and ship, or train and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--seed", type=int, default=0, help="of the networks to write")
    how.add_argument("--seeds", type=int, help="measure so many seeds and write nothing")
    options = parser.parse_args()
    data = reviews("sample")
    for count, filters in FILTERS.items():
        for seed in [options.seed] if options.seeds is None else range(options.seeds):
            model, scores = train(data, filters, seed)
            print(f"{count} filters, seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        if options.seeds is None:
            path = Path(__file__).parent / "checkpoints" / f"text_cnn_{count}_filters.safetensors"
            notes = {"trained_on": "samples/reviews.tsv", "seed": seed, **scores}
            save(model, path, overwrite=True, dtype=torch.float16, **notes)
            register(path, source=f"data/train_text_cnn.py, seed {seed}", licence="MIT")


if __name__ == "__main__":
    main()
