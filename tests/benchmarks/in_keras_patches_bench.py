"""The ways to the top patches do the same work. ``test_patches_bench.py`` runs this file in a process of its own."""

import numpy as np

from labkit.benchmarks import patches


def test_the_variants_find_the_same():
    works = patches.prepare(small=True)
    assert set(patches.VARIANTS) <= set(works)
    streamed, kept = (works[f"{way}, 300 images"]() for way in ("top patches", "all activations kept"))
    assert streamed.values.shape == (64, 16)
    np.testing.assert_array_equal(streamed.indices, kept.indices)
    np.testing.assert_array_equal(streamed.positions, kept.positions)
    np.testing.assert_allclose(streamed.values, kept.values, rtol=1e-5)


def test_each_variants_floor_runs_over_as_many_images():
    works = patches.prepare(small=True)
    for variant, floor in patches.FLOORS.items():
        counts = [sum(map(len, works[name].args[1])) for name in (variant, floor)]
        assert counts[0] == counts[1]
    assert len(set(patches.FLOORS.values())) == 3
