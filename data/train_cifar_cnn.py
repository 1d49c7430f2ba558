"""Train the network that lab 2 ships, and measure what other seeds would have given.

    python data/train_cifar_cnn.py            # writes data/checkpoints/cifar_cnn.safetensors
    python data/train_cifar_cnn.py --seeds 5  # writes nothing; prints the accuracies of each seed

The shipped network has seed 0, fixed beforehand. Its weights are rounded to half precision before its
accuracy is measured, because that is what the file holds.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from labkit import training
from labkit.datasets.cifar10 import cifar10
from labkit.datasets.image_batches import ImageBatches, ImageData
from labkit.datasets.manifest import register
from labkit.models import CifarCNN, save
from labkit.training import accuracy, fit

SETTINGS = {"epochs": 12, "patience": 4, "lr": 1e-3, "weight_decay": 0.05}
BATCH_SIZE = 32


def train(data: ImageData, seed: int) -> tuple[CifarCNN, dict[str, float]]:
    """A trained network in half precision's values, and its validation and test accuracy."""
    training.seed_everything(seed)
    model = CifarCNN(len(data.classes))
    fit(
        model,
        lambda epoch: ImageBatches(data.train, BATCH_SIZE, seed=1000 * seed + epoch),
        nn.CrossEntropyLoss(),
        lambda m: accuracy(m, ImageBatches(data.validation, 256)),
        optimizer=torch.optim.AdamW,
        seed=seed,
        **SETTINGS,
    )
    model.eval().half().float()
    return model, {
        "validation_accuracy": accuracy(model, ImageBatches(data.validation, 256)),
        "test_accuracy": accuracy(model, ImageBatches(data.test, 256)),
    }


def main() -> None:
    """Train and ship, or train and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--seed", type=int, default=0, help="of the network to write")
    how.add_argument("--seeds", type=int, help="measure so many seeds and write nothing")
    options = parser.parse_args()
    data = cifar10("sample")
    for seed in [options.seed] if options.seeds is None else range(options.seeds):
        model, scores = train(data, seed)
        print(f"seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
    if options.seeds is None:
        path = Path(__file__).parent / "checkpoints" / "cifar_cnn.safetensors"
        notes = {"trained_on": "samples/objects.zip", "seed": seed, **scores}
        save(model, path, overwrite=True, dtype=torch.float16, **notes)
        register(path, source=f"data/train_cifar_cnn.py, seed {seed}", licence="MIT")


if __name__ == "__main__":
    main()
