"""The share of the most frequent class among favourites."""

from collections import Counter

import numpy as np
import pytest

from labkit.methods.agreement import share_of_most_frequent


@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (7, 16), (200, 3)])
def test_it_is_what_counting_gives(shape):
    classes = np.random.default_rng(0).integers(-2, 4, shape)
    counted = [max(Counter(row.tolist()).values()) / shape[1] for row in classes]
    np.testing.assert_array_equal(share_of_most_frequent(classes), counted)


@pytest.mark.parametrize("shape", [(3,), (2, 0), (2, 3, 4)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="wanted \\(units, favourites\\)"):
        share_of_most_frequent(np.zeros(shape, dtype=int))
