"""What the training scripts beside it share: their options, and what becomes of a trained network.

    python data/train_x.py            # trains with seed 0 and writes the checkpoints
    python data/train_x.py --seed 3   # the same with another seed
    python data/train_x.py --seeds 5  # writes nothing; prints the accuracies of each seed

The shipped networks have seed 0, fixed beforehand.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from labkit.datasets.manifest import register

CHECKPOINTS = Path(__file__).parent / "checkpoints"

#: From a seed to a trained network and its accuracies by name.
Train = Callable[[int], tuple[Any, dict[str, float]]]


def ship_or_measure(script: str, networks: Mapping[str, Train], save: Callable[..., object], **notes: str) -> None:
    """What a training script does: train and ship, or train and measure.

    Args:
        script: its path; it becomes part of the manifest.
        networks: the file name of each network, and how it is trained.
        save: (network, path, notes by name) -> writes the checkpoint.
        **notes: put into the checkpoints beside seed and accuracies.
    """
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--seed", type=int, default=0, help="of the networks to write")
    how.add_argument("--seeds", type=int, help="measure so many seeds and write nothing")
    options = parser.parse_args()
    for name, train in networks.items():
        for seed in [options.seed] if options.seeds is None else range(options.seeds):
            network, scores = train(seed)
            print(f"{name}, seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
        if options.seeds is None:
            save(network, CHECKPOINTS / name, **notes, seed=seed, **scores)
            register(CHECKPOINTS / name, source=f"data/{Path(script).name}, seed {seed}", licence="MIT")
