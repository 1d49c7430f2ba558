"""Train the two networks that lab 3 ships; for the options see shipping.py."""

from functools import partial

from shipping import Train, ship_or_measure
from shipping_torch import save_half, train
from torch import nn

from labkit.datasets.image_batches import ImageBatches
from labkit.datasets.mnist import mnist
from labkit.models import create

NETWORKS = ("digits_mlp", "digits_lenet5")
# Small batches learn fast and end restless, large ones the other way round. So they grow with the epochs, as in Smith
# et al., "Don't decay the learning rate, increase the batch size", 2018.
BATCH_SIZES = (16, 32, 128)
SETTINGS = {"epochs": len(BATCH_SIZES), "patience": len(BATCH_SIZES), "lr": 3e-3, "weight_decay": 0.01}


def main() -> None:
    """Ship or measure both."""
    data = mnist("sample")

    def trained(name: str) -> Train:
        fresh = partial(create, name)
        return lambda seed: train(fresh, ImageBatches, data, BATCH_SIZES.__getitem__, nn.NLLLoss(), seed, **SETTINGS)

    networks = {f"{name}.safetensors": trained(name) for name in NETWORKS}
    ship_or_measure(__file__, networks, save_half, trained_on="samples/digits-*.gz")


if __name__ == "__main__":
    main()
