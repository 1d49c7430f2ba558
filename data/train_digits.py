"""Train the two networks that lab 3 ships, and measure what other seeds would have given.

    python data/train_digits.py            # writes data/checkpoints/digits_{mlp,lenet5}.safetensors
    python data/train_digits.py --seeds 5  # writes nothing; prints the accuracies of each seed

The shipped networks have seed 0, fixed beforehand. Their weights are rounded to half precision before
their accuracy is measured, because that is what the file holds.
"""

import argparse
from pathlib import Path

import torch
from torch import nn

from labkit import training
from labkit.datasets.image_batches import ImageBatches, ImageData
from labkit.datasets.manifest import register
from labkit.datasets.mnist import mnist
from labkit.models import create, save
from labkit.training import accuracy, fit

NETWORKS = ("digits_mlp", "digits_lenet5")
# Small batches learn fast and end restless, large ones the other way round. So they grow with the epochs, as in Smith
# et al., "Don't decay the learning rate, increase the batch size", 2018.
BATCH_SIZES = (16, 32, 128)
SETTINGS = {"epochs": len(BATCH_SIZES), "patience": len(BATCH_SIZES), "lr": 3e-3, "weight_decay": 0.01}


def train(data: ImageData, architecture: str, seed: int) -> tuple[nn.Module, dict[str, float]]:
    """A trained network in half precision's values, and its validation and test accuracy."""
    training.seed_everything(seed)
    model = create(architecture)
    fit(
        model,
        lambda epoch: ImageBatches(data.train, BATCH_SIZES[epoch], seed=1000 * seed + epoch),
        nn.NLLLoss(),
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
    how.add_argument("--seed", type=int, default=0, help="of the networks to write")
    how.add_argument("--seeds", type=int, help="measure so many seeds and write nothing")
    options = parser.parse_args()
    data = mnist("sample")
    for name in NETWORKS:
        for seed in [options.seed] if options.seeds is None else range(options.seeds):
            model, scores = train(data, name, seed)
            print(f"{name}, seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        if options.seeds is None:
            path = Path(__file__).parent / "checkpoints" / f"{name}.safetensors"
            notes = {"trained_on": "samples/digits-*.gz", "seed": seed, **scores}
            save(model, path, overwrite=True, dtype=torch.float16, **notes)
            register(path, source=f"data/train_digits.py, seed {seed}", licence="MIT")


if __name__ == "__main__":
    main()
