"""The network of lab 5; its tests stand in ``in_keras_photos.py``."""

from apart import assert_passes_with_tensorflow


def test_with_tensorflow():
    assert_passes_with_tensorflow("models/in_keras_photos.py")
