"""Train the network that lab 4 ships; for the options see shipping.py."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # noqa: E402 - it looks for its backend when it is imported
from shipping import ship_or_measure  # noqa: E402
from shipping_keras import save  # noqa: E402

from labkit.datasets.image_batches import Images, channels_last  # noqa: E402
from labkit.datasets.mnist import mnist  # noqa: E402
from labkit.models.keras_digits import digits_cnn  # noqa: E402

EPOCHS, BATCH_SIZE, LEARNING_RATE = 10, 32, 2e-3


def main() -> None:
    """Ship or measure the one network."""
    data = mnist("sample")

    def train(seed: int) -> tuple[keras.Model, dict[str, float]]:
        keras.utils.set_random_seed(seed)  # the order of the images; the first weights have seeds of their own
        model = digits_cnn(seed)
        model.compile(keras.optimizers.RMSprop(LEARNING_RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(channels_last(data.train), data.train.labels, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)

        def accuracy(split: Images) -> float:
            return model.evaluate(channels_last(split), split.labels, verbose=0)[1]

        return model, {"validation_accuracy": accuracy(data.validation), "test_accuracy": accuracy(data.test)}

    ship_or_measure(__file__, {"digits_keras.keras": train}, save)


if __name__ == "__main__":
    main()
