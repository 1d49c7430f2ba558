"""Top patches; their tests stand in ``in_keras_top_patches.py``."""

from apart import assert_passes_with_tensorflow


def test_with_tensorflow():
    assert_passes_with_tensorflow("methods/in_keras_top_patches.py")
