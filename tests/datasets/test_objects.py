"""Composed images: the same bytes again, true masks, and objects that stay in their split."""

import csv
import itertools
import zipfile
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from labkit import settings
from labkit.datasets import objects as module
from labkit.datasets.objects import SPLITS, CutOut, Objects, compose, objects

CLASSES = (
    "mammals", "birds", "flowers", "fruit and vegetables", "vehicles",
    "road signs", "tools", "coins", "string instruments", "gravestones", "fish", "insects", "trees and shrubs",
)  # fmt: skip


@pytest.fixture(scope="module")
def cut_outs():
    return objects()


@pytest.fixture(scope="module")
def rows():
    with settings.bundled("samples", "objects.tsv").open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table, delimiter="\t"))


# The cut-outs


def test_the_list_tells_what_the_archive_holds(cut_outs, rows):
    with zipfile.ZipFile(settings.bundled("samples", "objects.zip")) as archive:
        assert archive.namelist() == [row["file"] for row in rows]
    assert [int(row["object"]) for row in rows] == list(range(len(rows)))
    assert [cut_out.picture.size for cut_out in cut_outs.cut_outs] == [
        (int(row["width"]), int(row["height"])) for row in rows
    ]
    assert [cut_outs.classes[cut_out.label] for cut_out in cut_outs.cut_outs] == [row["class"] for row in rows]
    assert cut_outs.classes == CLASSES
    assert Counter(cut_out.split for cut_out in cut_outs.cut_outs) == {"train": 175, "validation": 37, "test": 72}


def groups(cut_outs, split, label):
    return {cut_out.group for cut_out in cut_outs.of(split, label)}


@pytest.mark.parametrize("label", range(13), ids=CLASSES)
def test_no_group_stands_in_two_splits(cut_outs, label):
    for one, other in itertools.combinations(SPLITS, 2):
        assert not groups(cut_outs, one, label) & groups(cut_outs, other, label)


def test_pictures_of_one_object_are_one_group(cut_outs):
    """Or of objects that cannot be told apart; scissors, closed and open, stand for the seven such groups."""
    together = Counter((cut_outs.classes[cut_out.label], cut_out.group) for cut_out in cut_outs.cut_outs)
    assert together["tools", "scissors_small_closed"] == 2
    assert sum(count > 1 for count in together.values()) == 7


@pytest.mark.parametrize(("split", "at_least"), [("train", 3), ("validation", 1), ("test", 2)])
def test_every_class_has_objects_in_every_split(cut_outs, split, at_least):
    for label, name in enumerate(cut_outs.classes):
        assert len(groups(cut_outs, split, label)) >= at_least, name


@pytest.mark.parametrize(("split", "share"), [("train", 5 / 8), ("validation", 1 / 8), ("test", 1 / 4)])
def test_every_class_is_dealt_out_in_the_same_shares(cut_outs, split, share):
    for label, name in enumerate(cut_outs.classes):
        all_groups = sum(len(groups(cut_outs, each, label)) for each in SPLITS)
        assert abs(len(groups(cut_outs, split, label)) - share * all_groups) < 1, name


def test_no_picture_stands_in_the_sample_twice(cut_outs):
    assert len({cut_out.picture.tobytes() for cut_out in cut_outs.cut_outs}) == len(cut_outs.cut_outs)


def test_cut_outs_are_cropped_and_have_a_mask(cut_outs):
    for cut_out in cut_outs.cut_outs:
        alpha = np.asarray(cut_out.picture.getchannel("A"))
        assert max(alpha.shape) <= 128
        assert alpha.max() > 200
        assert all(edge.max() > 0 for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))


# Some classes alone


def test_only_some_classes_are_renumbered_and_keep_their_objects(cut_outs):
    wanted = ("fish", "mammals", "trees and shrubs")
    some = cut_outs.only(wanted)
    assert some.classes == wanted
    assert Counter(some.classes[cut_out.label] for cut_out in some.cut_outs) == {
        "fish": 9, "mammals": 65, "trees and shrubs": 8,
    }  # fmt: skip
    for cut_out in some.cut_outs:
        same = cut_outs.cut_outs[cut_out.number]
        assert (same.group, same.split, cut_outs.classes[same.label]) == (
            cut_out.group, cut_out.split, some.classes[cut_out.label],
        )  # fmt: skip
        assert same.picture is cut_out.picture


def test_all_classes_in_their_order_change_nothing(cut_outs):
    assert cut_outs.only(CLASSES) == cut_outs


def test_images_of_some_classes_show_these_alone(cut_outs):
    composed = compose(cut_outs.only(("insects", "coins")), 10, 16, 0, "train")
    shown = [cut_outs.classes[cut_outs.cut_outs[number].label] for number in composed.objects]
    assert [("insects", "coins")[label] for label in composed.labels] == shown
    assert Counter(shown) == {"insects": 10, "coins": 10}


def test_classes_that_do_not_exist_are_named(cut_outs):
    with pytest.raises(ValueError, match=r"got the classes \['dragons'\]; wanted some of mammals, birds"):
        cut_outs.only(["fish", "dragons"])


# The images


def arrays(images):
    return images.images, images.labels, images.masks, images.objects


@pytest.mark.parametrize("split", SPLITS)
def test_equal_seeds_give_equal_bytes_and_other_seeds_others(cut_outs, split):
    first, again, other = (compose(cut_outs, 3, 32, seed, split) for seed in (5, 5, 6))
    assert all(a.tobytes() == b.tobytes() for a, b in zip(arrays(first), arrays(again), strict=True))
    assert first.images.tobytes() != other.images.tobytes()


@pytest.mark.parametrize("size", [8, 32, 96])
def test_shapes_types_and_balance(cut_outs, size):
    composed = compose(cut_outs, 7, size, 0, "train")
    assert (composed.images.shape, composed.images.dtype) == ((91, size, size, 3), np.uint8)
    assert (composed.masks.shape, composed.masks.dtype) == ((91, size, size), bool)
    assert composed.labels.dtype == composed.objects.dtype == np.int64
    assert np.bincount(composed.labels).tolist() == [7] * 13
    assert (np.diff(composed.labels) < 0).any()  # shuffled


def test_each_object_of_a_class_is_shown_as_often(cut_outs):
    composed = compose(cut_outs, 50, 8, 0, "test")
    shown = np.bincount(composed.objects, minlength=len(cut_outs.cut_outs))
    for label in range(13):
        times = [shown[cut_out.number] for cut_out in cut_outs.of("test", label)]
        assert max(times) - min(times) <= 1
        assert sum(times) == 50


def test_labels_are_those_of_the_objects_and_splits_share_none(cut_outs):
    composed = {split: compose(cut_outs, 60, 8, 0, split) for split in SPLITS}
    for split, images in composed.items():
        for label, number in zip(images.labels, images.objects, strict=True):
            assert (cut_outs.cut_outs[number].label, cut_outs.cut_outs[number].split) == (label, split)
    for one, other in itertools.combinations(composed.values(), 2):
        assert not set(one.objects) & set(other.objects)


# Masks


def test_an_image_is_its_background_outside_the_mask_and_its_object_within(cut_outs, monkeypatch):
    """The same draws on black and on white: they differ by how much of the background is seen."""

    def on(shade):
        draw = module._background

        def plain(size, rng):
            return np.full_like(draw(size, rng), shade)  # draws as many numbers, so that the objects stay

        monkeypatch.setattr(module, "_background", plain)
        composed = compose(cut_outs, 20, 32, 0, "train")
        monkeypatch.undo()
        return composed

    black, white = on(0.0), on(255.0)
    assert np.array_equal(black.masks, white.masks)
    seen = (white.images.astype(int) - black.images).mean(axis=3) / 255  # 1 background, 0 object
    assert (seen[black.masks] < 0.51).all()
    assert (seen[~black.masks] > 0.49).all()
    edges = (seen > 0.05) & (seen < 0.95)
    assert edges.mean() < 0.2


def test_masks_are_those_of_a_known_object():
    """A red square: the mask is where the image is red, and of the square's size."""
    square = CutOut(0, 0, "square", "test", Image.new("RGBA", (50, 50), (255, 0, 0, 255)))
    composed = compose(Objects(("squares",), (square,)), 40, 64, 3, "test")
    red = composed.images[..., 1] < np.mean(module.PAPER) / 2  # red has no green, paper has: half of it, half covered
    assert (red == composed.masks).mean() > 0.98
    for mask in composed.masks:
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        longer, shorter = sorted((int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1), reverse=True)
        assert module.SCALE[0] * 64 - 3 <= longer <= module.SCALE[1] * 64 + 1
        assert shorter >= longer / module.STRETCH - 2


def test_the_whole_object_is_seen():
    """No object is cut off by the image's edge, which would make its mask a wrong one."""
    bar = CutOut(0, 0, "bar", "test", Image.new("RGBA", (120, 20), (0, 0, 255, 255)))
    composed = compose(Objects(("bars",), (bar,)), 50, 32, 0, "test")
    longer = [max(np.ptp(np.argwhere(mask), axis=0)) + 1 for mask in composed.masks]
    assert min(longer) >= module.SCALE[0] * 32 - 2
    areas = composed.masks.sum(axis=(1, 2))
    assert (areas > 32 * 32 * 0.05).all()


def test_backgrounds_know_nothing_of_classes(cut_outs):
    """The colour outside the masks is alike for all classes; the median, because soft edges hold some object."""
    composed = compose(cut_outs, 400, 16, 0, "train")
    outside = np.where(composed.masks[..., None], np.nan, composed.images.astype(np.float32))
    colour = np.nanmedian(outside, axis=(1, 2)).mean(axis=1)
    by_class = [colour[composed.labels == label].mean() for label in range(13)]
    assert np.ptp(by_class) < 4  # the brightness of paper has a range of 55, so means of 400 draws stray by 0.8


# What is refused


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"split": "tests"}, "got split 'tests'; wanted one of train, validation, test"),
        ({"count_per_class": 0}, "got count_per_class 0"),
        ({"size": 4}, "size 4"),
        ({"seed": -1}, "seed -1; wanted at least 1, 8 and 0"),
    ],
)
def test_bad_arguments_are_named(cut_outs, changed, message):
    with pytest.raises(ValueError, match=message):
        compose(cut_outs, **{"count_per_class": 1, "size": 32, "seed": 0, "split": "train", **changed})


def test_a_class_without_objects_is_named(cut_outs):
    with pytest.raises(ValueError, match="got no object of the class 'unicorns' in the split 'train'"):
        compose(Objects(("unicorns",), ()), 1, 32, 0, "train")
