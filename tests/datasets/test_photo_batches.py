"""Photos in batches; the tests stand in ``in_keras_photo_batches.py``."""

from apart import assert_passes_with_tensorflow


def test_with_tensorflow():
    assert_passes_with_tensorflow("datasets/in_keras_photo_batches.py")
