"""Photos as files: the sample composed once, and never half; its masks are true and its splits share no object."""

import csv
import itertools
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labkit import settings
from labkit.datasets import objects as module
from labkit.datasets import photo_sample
from labkit.datasets.objects import compose, objects
from labkit.datasets.photos import Photos, photos

SPLITS = "train", "validation", "test"
CLASSES = ("mammals", "birds", "flowers", "fruit and vegetables", "fish", "insects", "trees and shrubs")
FEW = {"train": 2, "validation": 1, "test": 1}  # images of each class, where the real number would take long


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LABKIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        return photos("sample")


@pytest.fixture
def few(cache, monkeypatch):
    """A small sample in a cache of its own."""
    monkeypatch.setattr(photo_sample, "PER_CLASS", FEW)
    return photos("sample")


def contents(folder):
    """Name -> bytes of every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# What the sample holds


def test_numbers_and_types(sample):
    assert (len(sample), len(sample.files), len(sample.masks)) == (1575, 1575, 1575)
    assert (sample.source, sample.classes, "\n" in sample.why) == ("sample", CLASSES, False)
    assert sample.labels.dtype == sample.objects.dtype == np.int64
    for split, per_class in zip(SPLITS, [150, 25, 50], strict=True):
        part = sample.of(split)
        assert set(part.splits) == {split}
        assert np.bincount(part.labels).tolist() == [per_class] * 7


def test_files_stand_in_class_folders(sample):
    for file, mask, label in zip(sample.files, sample.masks, sample.labels, strict=True):
        assert file.relative_to(sample.folder).parts[:2] == ("images", CLASSES[label].replace(" ", "_"))
        assert mask.relative_to(sample.folder).parts[1:] == file.relative_to(sample.folder).parts[1:]
    assert sorted(sample.files) == sorted((sample.folder / "images").rglob("*.*"))
    with Image.open(sample.files[0]) as image, Image.open(sample.masks[0]) as mask:
        assert (image.format, image.mode, image.size) == ("PNG", "RGB", (96, 96))
        assert (mask.format, mask.mode, mask.size) == ("PNG", "1", (96, 96))


def test_the_index_says_what_stands_where(sample):
    with (sample.folder / "index.tsv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    assert list(rows[0]) == ["class", "file", "bytes", "split", "object", "mask", "mask_bytes"]
    assert [sample.folder / row["file"] for row in rows] == list(sample.files)
    assert [sample.folder / row["mask"] for row in rows] == list(sample.masks)
    assert [CLASSES.index(row["class"]) for row in rows] == sample.labels.tolist()
    assert [row["split"] for row in rows] == sample.splits.tolist()
    assert [int(row["object"]) for row in rows] == sample.objects.tolist()
    assert [int(row["bytes"]) for row in rows] == [file.stat().st_size for file in sample.files]


def test_splits_share_no_object_and_labels_are_those_of_the_objects(sample):
    shown = [set(sample.of(split).objects) for split in SPLITS]
    assert not any(one & other for one, other in itertools.combinations(shown, 2))
    known = {cut_out.number: cut_out for cut_out in objects().cut_outs}
    for number, label, split in zip(sample.objects, sample.labels, sample.splits, strict=True):
        assert (objects().classes[known[number].label], known[number].split) == (CLASSES[label], split)


def test_images_and_masks_are_those_that_were_composed(sample):
    composed = compose(objects().only(CLASSES), 50, 96, 0, "test")
    test = sample.of("test")
    for row in (0, 1, 349):
        image = test.image(row)
        assert (image.dtype, image.shape) == (np.float32, (96, 96, 3))
        assert np.array_equal(image, composed.images[row] / np.float32(255))
    masks = test.masks_of(np.arange(350))
    assert masks.dtype == bool
    assert np.array_equal(masks, composed.masks)
    assert np.array_equal(test.masks_of([349, 3]), composed.masks[[349, 3]])
    assert 0.15 < masks.mean() < 0.45


def test_a_split_of_another_name_is_refused(sample):
    with pytest.raises(ValueError, match="got split 'tests'; wanted one of train, validation, test"):
        sample.of("tests")


# Made once, and the same everywhere


def test_two_caches_hold_the_same_bytes(few, tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "other"))
    again = photos("sample")
    assert again.folder != few.folder
    assert again.folder.name == few.folder.name
    assert contents(again.folder) == contents(few.folder)


def test_what_is_in_the_cache_is_not_composed_again(few, monkeypatch):
    monkeypatch.setattr(photo_sample, "_compose", None)
    again = photos("sample")
    assert again.files == few.files
    assert np.array_equal(again.objects, few.objects)


@pytest.mark.parametrize("changed", [*module.SAMPLE[1:], *module.LIST[1:], "objects.py", "photo_sample.py"])
def test_another_archive_list_or_way_to_compose_is_another_folder(few, tmp_path, monkeypatch, changed):
    def other(path):
        if path.name != changed:
            return path
        (tmp_path / changed).write_bytes(path.read_bytes() + b"\n")
        return tmp_path / changed

    monkeypatch.setattr(settings, "bundled", lambda *parts, bundled=settings.bundled: other(bundled(*parts)))
    for code in (module, photo_sample):
        monkeypatch.setattr(code, "__file__", str(other(Path(code.__file__))))
    again = photos("sample")
    assert again.folder != few.folder
    assert few.files[0].exists()


COUNTED = f"""
import time
from labkit.datasets import objects, photo_sample
from labkit.datasets.photos import photos

def counted(*arguments, compose=objects.compose):
    print("composed", flush=True)
    time.sleep(0.2)
    return compose(*arguments)

photo_sample.PER_CLASS, objects.compose = {FEW}, counted
print(len(photos("sample")))
"""


def test_two_processes_compose_once(cache):
    command = [sys.executable, "-c", COUNTED]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].split() for process in both]
    assert sorted(map(len, said)) == [1, 4]  # one says "composed" for each split
    assert [words[-1] for words in said] == ["28", "28"]


def test_the_bar_counts_images_and_can_be_silenced(cache, monkeypatch, capsys):
    monkeypatch.setattr(photo_sample, "PER_CLASS", FEW)
    monkeypatch.setenv("LABKIT_QUIET", "1")
    shutil.rmtree(photos("sample").folder)
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("LABKIT_QUIET", "0")
    photos("sample")
    assert "Composing photos" in capsys.readouterr().err


# Never half

DAMAGES = {
    "a missing image": (lambda photos: photos.files[3].unlink(), r"images/\S+\.png is missing"),
    "a cut image": (lambda photos: photos.files[3].write_bytes(photos.files[3].read_bytes()[:99]), "has 99 bytes, not"),
    "a missing mask": (lambda photos: photos.masks[3].unlink(), r"masks/\S+\.png is missing"),
    "a missing class": (lambda photos: shutil.rmtree(photos.files[3].parent), "is missing"),
    "a cut index": (
        lambda photos: (photos.folder / "index.tsv").write_text(
            "".join((photos.folder / "index.tsv").read_text().splitlines(keepends=True)[:-1])
        ),
        "index.tsv was changed",
    ),
    "no index": (lambda photos: (photos.folder / "index.tsv").unlink(), "index.tsv is missing"),
    "no word about it": (lambda photos: (photos.folder / "about.json").unlink(), "about.json is missing"),
    "nonsense": (lambda photos: (photos.folder / "about.json").write_text("[1]"), "about.json cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_folder_is_set_aside_and_made_anew(few, damage):
    do, words = DAMAGES[damage]
    whole = contents(few.folder)
    do(few)
    damaged = contents(few.folder)
    with pytest.warns(
        UserWarning, match=rf"was damaged \(.*{words}.*\): set aside as photos-\w+\.damaged and made anew"
    ):
        again = photos("sample")
    assert contents(again.folder) == whole
    assert contents(again.folder.with_name(f"{again.folder.name}.damaged")) == damaged


def assert_nothing_is_left(cache, folder):
    assert not folder.exists()
    assert [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"] == []


def test_what_a_dead_process_left_is_cleared_away(few):
    whole = contents(few.folder)
    part = few.folder.rename(few.folder.with_name(f"{few.folder.name}.part"))
    (part / "images" / "half.png").write_bytes(b"half")
    assert contents(photos("sample").folder) == whole
    assert not part.exists()


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "stopped"]
)
def test_who_fails_midway_leaves_nothing_behind(few, cache, monkeypatch, error):
    shutil.rmtree(few.folder)
    write = photo_sample._write
    written = itertools.count()

    def failing(path, pixels):
        if next(written) == 20:
            raise error
        return write(path, pixels)

    monkeypatch.setattr(photo_sample, "_write", failing)
    with pytest.raises(type(error)):
        photos("sample")
    assert_nothing_is_left(cache, few.folder)


def test_a_full_disk_is_named(cache, mount, monkeypatch):
    mount("size=200k")
    monkeypatch.setattr(photo_sample, "PER_CLASS", FEW)
    with pytest.raises(OSError, match="cannot take photos-.*No space left on device.*LABKIT_CACHE"):
        photos("sample")
    assert_nothing_is_left(cache, cache / "sample" / "photos")


def test_a_damaged_folder_stays_where_the_disk_takes_no_other(few, monkeypatch):
    few.files[3].unlink()
    left = contents(few.folder)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(photo_sample, "_write", full)
    with pytest.raises(OSError, match="No space left"):
        photos("sample")
    assert contents(few.folder) == left


def test_a_cache_that_is_no_folder_is_named(cache):
    cache.write_text("a file stands where the folder should")
    with pytest.raises(OSError, match=f"The cache folder {cache}/sample cannot take photos-.*LABKIT_CACHE"):
        photos("sample")


def test_photos_are_read_from_a_read_only_disk(cache, mount, monkeypatch):
    mount("size=2m")
    monkeypatch.setattr(photo_sample, "PER_CLASS", FEW)
    written = photos("sample")
    subprocess.run(["mount", "-o", "remount,ro", cache], check=True)
    assert photos("sample").files == written.files


# Photos of any shape


def test_an_image_of_another_shape_is_squeezed(tmp_path):
    """A picture of two halves stays one, and a grey one has three equal colours."""
    halves = np.zeros((60, 200, 3), dtype=np.uint8)
    halves[:, 100:] = 255, 128, 0
    Image.fromarray(halves).save(tmp_path / "halves.png")
    Image.fromarray(np.full((40, 30), 77, dtype=np.uint8)).save(tmp_path / "grey.jpg", quality=95)
    files = tmp_path / "halves.png", tmp_path / "grey.jpg"
    found = Photos("full", "", ("one",), tmp_path, files, np.zeros(2, dtype=np.int64), np.array(["train", "test"]))
    left, right = found.image(0)[:, :46], found.image(0)[:, 50:]
    assert left.max() < 1e-6
    assert np.allclose(right, np.array([255, 128, 0]) / 255, atol=1e-5)
    assert np.allclose(found.image(1), 77 / 255, atol=1.5 / 255)
    assert found.image(1).shape == (96, 96, 3)
    with pytest.raises(ValueError, match="got photos without masks"):
        found.masks_of([0])
    assert (found.of("test").files, found.of("test").masks) == (files[1:], None)
