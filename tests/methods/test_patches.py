"""Patches against a loop over pixels, inside the image, at its border and beyond."""

import numpy as np
import pytest

from labkit.methods.patches import cut

RECTANGLES = [
    (1, 2, 4, 6), (0, 0, 5, 7), (-3, -2, 2, 2), (3, 5, 9, 10), (-2, -2, 8, 9), (-1, 3, 1, 4),
    (-4, 0, -1, 3), (5, 7, 8, 9), (1, 20, 3, 22), (-9, -9, -5, -5), (2, 2, 2, 4), (0, 0, 0, 0), (-3, 8, -3, 9),
]  # fmt: skip


def pixel_by_pixel(image, rectangle, fill):
    top, left, bottom, right = rectangle
    patch = np.zeros((bottom - top, right - left, image.shape[2]), image.dtype)
    inside = np.zeros(patch.shape[:2], bool)
    for y in range(top, bottom):
        for x in range(left, right):
            inside[y - top, x - left] = y in range(image.shape[0]) and x in range(image.shape[1])
            patch[y - top, x - left] = image[y, x] if inside[y - top, x - left] else fill
    return patch, inside


@pytest.mark.parametrize("rectangle", RECTANGLES)
@pytest.mark.parametrize("fill", [0.0, 0.5, (0.1, 0.2, 0.3)])
def test_equals_a_loop_over_pixels(rectangle, fill):
    image = np.random.default_rng(0).random((5, 7, 3), np.float32)
    for found, expected in zip(cut(image, rectangle, fill), pixel_by_pixel(image, rectangle, fill), strict=True):
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("rectangle", RECTANGLES)
def test_several_images_are_cut_alike(rectangle):
    images = np.random.default_rng(0).random((4, 5, 7, 3))
    patches, inside = cut(images, rectangle, 0.5)
    for patch, image in zip(patches, images, strict=True):
        one, its_inside = cut(image, rectangle, 0.5)
        np.testing.assert_array_equal(patch, one)
        np.testing.assert_array_equal(inside, its_inside)


def test_masks_are_cut_too():
    mask = np.ones((5, 7, 1), bool)
    patch, inside = cut(mask, (-1, -1, 3, 3))
    assert patch.dtype == bool
    np.testing.assert_array_equal(patch[..., 0], inside)


def test_the_patch_is_a_copy():
    image = np.zeros((5, 7, 3))
    patch, _ = cut(image, (0, 0, 5, 7))
    patch += 1
    assert image.max() == 0


@pytest.mark.parametrize(
    ("shape", "rectangle", "words"),
    [
        ((5, 7), (0, 0, 1, 1), r"shape \(5, 7\); wanted \(H, W, C\)"),
        ((5, 7, 3), (3, 0, 1, 1), r"\(3, 0, 1, 1\); wanted \(top, left, bottom, right\)"),
        ((5, 7, 3), (0, 2, 1, 1), "top to bottom and left to right"),
        ((5, 7, 3), (0, 5), r"\(0, 5\)"),
    ],
)
def test_bad_input_is_refused_in_words(shape, rectangle, words):
    with pytest.raises(ValueError, match=words):
        cut(np.zeros(shape), rectangle)
