"""Photos read from their files in batches, through tf.data: never more than a few batches are in memory."""

from typing import TYPE_CHECKING

from labkit.datasets.photos import SIZE, Photos

if TYPE_CHECKING:
    import tensorflow as tf


def batches(photos: Photos, size: int = 32, shuffle_seed: int | None = None) -> "tf.data.Dataset":
    """Batches of photos for Keras.

    Args:
        photos: the files; ``photos.of("train")`` for those of one split.
        size: images in a batch; the last one may hold fewer.
        shuffle_seed: None for the order of the files; else every time that the data set is gone through, in
            another order. An equal seed gives the same orders again, where TensorFlow's global seed is equal too.

    Returns:
        images float32 (B, 96, 96, 3) in [0, 1] and labels int64 (B,). Equal photos give equal batches; each image
        is that of ``photos.image`` but for rounding.

    Raises:
        ValueError: the size is below 1, or there are no photos.
    """
    import tensorflow as tf  # here, so that data sets can be listed and verified without a framework

    if size < 1 or not len(photos):
        raise ValueError(f"got a batch size of {size} and {len(photos)} photos; wanted at least 1 of each.")

    def read(file: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        # Reads PNG too. The default would be faster and a few grey levels off.
        pixels = tf.io.decode_jpeg(tf.io.read_file(file), channels=3, dct_method="INTEGER_ACCURATE")
        return tf.image.resize(pixels, (SIZE, SIZE), antialias=True) / 255, label

    names = [str(file) for file in photos.files]
    rows = tf.data.Dataset.from_tensor_slices((names, photos.labels))
    if shuffle_seed is not None:
        rows = rows.shuffle(len(photos), seed=shuffle_seed)
    return rows.map(read, num_parallel_calls=tf.data.AUTOTUNE).batch(size).prefetch(tf.data.AUTOTUNE)
