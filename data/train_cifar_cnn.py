"""Train the network that lab 2 ships; for the options see shipping.py."""

from functools import partial

from shipping import ship_or_measure
from shipping_torch import save_half, train
from torch import nn

from labkit.datasets.cifar10 import cifar10
from labkit.datasets.image_batches import ImageBatches
from labkit.models import CifarCNN

SETTINGS = {"epochs": 12, "patience": 4, "lr": 1e-3, "weight_decay": 0.05}
BATCH_SIZE = 32


def main() -> None:
    """Ship or measure the one network."""
    data = cifar10("sample")

    def trained(seed: int) -> tuple[nn.Module, dict[str, float]]:
        create = partial(CifarCNN, len(data.classes))
        return train(create, ImageBatches, data, lambda _: BATCH_SIZE, nn.CrossEntropyLoss(), seed, **SETTINGS)

    ship_or_measure(__file__, {"cifar_cnn.safetensors": trained}, save_half, trained_on="samples/objects.zip")


if __name__ == "__main__":
    main()
