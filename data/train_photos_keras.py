"""Train the network that lab 5 ships; for the options see shipping.py."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # noqa: E402 - it looks for its backend when it is imported
from shipping import ship_or_measure  # noqa: E402
from shipping_keras import save  # noqa: E402

from labkit.datasets.photo_batches import batches  # noqa: E402
from labkit.datasets.photos import photos  # noqa: E402
from labkit.models.keras_photos import photos_cnn  # noqa: E402

EPOCHS, BATCH_SIZE, LEARNING_RATE, WEIGHT_DECAY = 20, 16, 1e-3, 1e-2


def main() -> None:
    """Ship or measure the one network."""
    data = photos("sample")

    def train(seed: int) -> tuple[keras.Model, dict[str, float]]:
        keras.utils.set_random_seed(seed)  # mirroring and moving; the first weights have seeds of their own
        model = photos_cnn(len(data.classes), seed)
        varied = keras.Sequential([
            keras.layers.RandomFlip("horizontal"),
            keras.layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
            keras.layers.RandomZoom((-0.15, 0.15), fill_mode="nearest"),
        ])  # fmt: skip
        optimizer = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=WEIGHT_DECAY)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        stream = batches(data.of("train"), BATCH_SIZE, shuffle_seed=seed)
        stream = stream.map(lambda images, labels: (varied(images, training=True), labels))
        model.fit(stream, epochs=EPOCHS, shuffle=False, verbose=2)

        def accuracy(split: str) -> float:
            return model.evaluate(batches(data.of(split)), verbose=0)[1]

        return model, {"validation_accuracy": accuracy("validation"), "test_accuracy": accuracy("test")}

    ship_or_measure(__file__, {"photos_keras.keras": train}, save)


if __name__ == "__main__":
    main()
