"""Train the network that lab 4 ships, and measure what other seeds would have given.

    python data/train_digits_keras.py            # writes data/checkpoints/digits_keras.keras
    python data/train_digits_keras.py --seeds 5  # writes nothing; prints the accuracies of each seed

The shipped network has seed 0, fixed beforehand.
"""

import argparse
import json
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras  # noqa: E402 - it looks for its backend when it is imported

from labkit.datasets.image_batches import ImageData, Images, channels_last  # noqa: E402
from labkit.datasets.manifest import register  # noqa: E402
from labkit.datasets.mnist import mnist  # noqa: E402
from labkit.files import replacing  # noqa: E402
from labkit.models.keras_digits import digits_cnn  # noqa: E402

EPOCHS, BATCH_SIZE, LEARNING_RATE = 10, 32, 2e-3


def train(data: ImageData, seed: int) -> tuple[keras.Model, dict[str, float]]:
    """A trained network, and its validation and test accuracy."""
    keras.utils.set_random_seed(seed)  # the order of the images; the first weights have seeds of their own
    model = digits_cnn(seed)
    model.compile(keras.optimizers.RMSprop(LEARNING_RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(channels_last(data.train), data.train.labels, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)

    def accuracy(split: Images) -> float:
        return model.evaluate(channels_last(split), split.labels, verbose=0)[1]

    return model, {"validation_accuracy": accuracy(data.validation), "test_accuracy": accuracy(data.test)}


def save(model: keras.Model, path: Path) -> None:
    """Write the network without its optimizer, so that the same weights are the same bytes and older Keras reads them.

    Keras notes the time of day and addresses of objects in the file, and settings that older versions do not
    know although they are left at None. All of that is dropped; nothing of it is needed to load the network.
    """
    bare = keras.models.clone_model(model)
    bare.set_weights(model.get_weights())
    with tempfile.TemporaryDirectory() as folder:
        bare.save(as_keras_writes := Path(folder) / "network.keras")
        with (
            replacing(path) as unfinished,
            zipfile.ZipFile(as_keras_writes) as source,
            zipfile.ZipFile(unfinished, "w") as target,
        ):
            for member in source.namelist():
                content = source.read(member)
                if member.endswith(".json"):
                    content = json.dumps(_lasting(json.loads(content))).encode()
                target.writestr(zipfile.ZipInfo(member), content)


def _lasting(part: Any) -> Any:
    if isinstance(part, dict):
        passing = {"date_saved", "shared_object_id"}
        return {key: _lasting(value) for key, value in part.items() if value is not None and key not in passing}
    return [_lasting(value) for value in part] if isinstance(part, list) else part


def main() -> None:
    """Train and ship, or train and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--seed", type=int, default=0, help="of the network to write")
    how.add_argument("--seeds", type=int, help="measure so many seeds and write nothing")
    options = parser.parse_args()
    data = mnist("sample")
    for seed in [options.seed] if options.seeds is None else range(options.seeds):
        model, scores = train(data, seed)
        print(f"seed {seed}: " + ", ".join(f"{k} {v:.4f}" for k, v in scores.items()))
    if options.seeds is None:
        path = Path(__file__).parent / "checkpoints" / "digits_keras.keras"
        save(model, path)
        register(path, source=f"data/train_digits_keras.py, seed {seed}", licence="MIT")


if __name__ == "__main__":
    main()
