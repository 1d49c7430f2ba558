"""The ways to the top patches; the tests stand in ``in_keras_patches_bench.py``."""

from apart import assert_passes_with_tensorflow


def test_with_tensorflow():
    assert_passes_with_tensorflow("benchmarks/in_keras_patches_bench.py")
