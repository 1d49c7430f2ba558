"""The network of lab 4; its tests stand in ``in_keras_digits.py``."""

from apart import assert_passes_with_tensorflow


def test_with_tensorflow():
    assert_passes_with_tensorflow("models/in_keras_digits.py")
