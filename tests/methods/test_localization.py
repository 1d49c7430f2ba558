"""Scores of maps against masks, worked out by hand."""

import numpy as np
import pytest
import torch

from labkit.methods.localization import chance, energy_inside, iou, pointing_game, threshold

MASK = torch.tensor([[[True, True, False], [False, False, False]]])


def a_map(*rows):
    return torch.tensor([rows])


@pytest.mark.parametrize(
    ("heat", "expected"),
    [
        (a_map([0.0, 3.0, 1.0], [0.0, 0.0, 2.0]), 1),
        (a_map([0.0, 2.0, 1.0], [0.0, 0.0, 3.0]), 0),
        (a_map([3.0, 2.0, 1.0], [0.0, 0.0, 3.0]), 1 / 2),  # two share the maximum, one of them is inside
        (a_map([-3.0, -1.0, -2.0], [-2.0, -2.0, -2.0]), 1),
        (a_map([5.0, 5.0, 5.0], [5.0, 5.0, 5.0]), 1 / 3),  # flat: what chance gives
    ],
)
def test_pointing_game(heat, expected):
    torch.testing.assert_close(pointing_game(heat, MASK), torch.tensor([float(expected)]))


def test_threshold_is_a_share_of_the_maximum():
    heat = a_map([4.0, 2.0, 1.9], [0.0, -9.0, 3.0])
    assert threshold(heat).tolist() == [[[True, True, False], [False, False, True]]]
    assert threshold(heat, 1.0).sum() == 1
    assert threshold(heat, 0.01).sum() == 4  # zero and less are never high


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_map_without_positive_values_points_nowhere(value):
    flat = torch.full((1, 2, 3), value)
    assert not threshold(flat).any()
    assert iou(flat, MASK).item() == 0
    assert energy_inside(flat, MASK).item() == 0


def test_iou():
    heat = a_map([4.0, 0.0, 4.0], [0.0, 0.0, 1.0])
    assert iou(heat, MASK).item() == pytest.approx(1 / 3)  # one in both, three in either
    assert iou(heat, MASK, share=0.2).item() == pytest.approx(1 / 4)
    assert iou(MASK, MASK).item() == 1
    assert iou(~MASK, MASK).item() == 0


def test_energy_inside_counts_positive_values_alone():
    heat = a_map([3.0, -8.0, 1.0], [0.0, 2.0, -5.0])
    assert energy_inside(heat, MASK).item() == pytest.approx(3 / 6)


def test_chance_is_what_random_maps_reach():
    torch.manual_seed(0)
    masks = torch.zeros(2, 6, 6, dtype=torch.bool)
    masks[0, :2, :3] = masks[1, 1:, :] = True
    assert chance(masks).tolist() == pytest.approx([6 / 36, 30 / 36])
    for score in (pointing_game, energy_inside):
        mean = torch.stack([score(torch.rand(2, 6, 6), masks) for _ in range(2000)]).mean(dim=0)
        torch.testing.assert_close(mean, chance(masks), atol=0.05, rtol=0)
    for score in (pointing_game, iou, energy_inside):
        torch.testing.assert_close(score(torch.ones(masks.shape), masks), chance(masks))


@pytest.mark.parametrize("score", [pointing_game, iou, energy_inside])
def test_images_are_scored_one_by_one_and_arrays_do_too(score):
    torch.manual_seed(0)
    maps, masks = torch.randn(5, 6, 7), torch.rand(5, 6, 7) < 0.4
    together = score(maps, masks)
    assert together.shape == (5,)
    assert together.dtype == torch.float32
    for n in range(5):
        torch.testing.assert_close(score(maps[n : n + 1], masks[n : n + 1]), together[n : n + 1])
    assert torch.equal(score(maps.numpy(), masks.numpy()), together)
    torch.testing.assert_close(score(maps * 1e-6, masks), together)  # the unit of the map does not matter


@pytest.mark.parametrize("score", [pointing_game, iou, energy_inside])
@pytest.mark.parametrize(
    ("maps", "masks", "words"),
    [
        (torch.rand(2, 3), MASK, r"maps of shape \(2, 3\); wanted \(N, H, W\)"),
        (torch.full((1, 2, 3), float("nan")), MASK, "NaN"),
        (torch.rand(2, 2, 3), MASK, r"\(2, 2, 3\) and masks of \(1, 2, 3\)"),
        (torch.rand(1, 2, 3), MASK.float(), "float32.*masks > 0"),
        (torch.rand(1, 2, 3), MASK[0], r"wanted bool, \(N, H, W\)"),
        (torch.rand(3, 2, 3), torch.cat([MASK, ~MASK, MASK & ~MASK]), "1 of 3, the first with number 2"),
    ],
)
def test_bad_input_is_refused_in_words(score, maps, masks, words):
    with pytest.raises(ValueError, match=words):
        score(maps, masks)


@pytest.mark.parametrize("share", [0, 1.1, -1, np.nan])
def test_a_threshold_is_above_0_and_at_most_1(share):
    with pytest.raises(ValueError, match="share of the map's maximum"):
        threshold(torch.rand(1, 2, 3), share)
