"""A file that a person may have written in."""

import pytest

from labkit.course import CourseError
from labkit.course.grading.outputs.keeping import keep, read, replace_unless_changed


def test_it_is_replaced_as_it_was_read_and_kept(tmp_path):
    path, kept = tmp_path / "a.csv", tmp_path / "kept"
    assert read(path) is None
    assert replace_unless_changed(path, None, b"one", kept)
    assert not kept.exists()
    assert replace_unless_changed(path, b"one", b"two", kept)
    assert path.read_bytes() == b"two"
    (copy,) = kept.iterdir()
    assert copy.read_bytes() == b"one"
    assert copy.name.startswith("a-2")
    assert copy.suffix == ".csv"


@pytest.mark.parametrize("before", [None, b"old"])
def test_what_somebody_saved_meanwhile_is_left(tmp_path, before):
    path = tmp_path / "a.csv"
    path.write_bytes(b"saved meanwhile")
    assert not replace_unless_changed(path, before, b"new", tmp_path / "kept")
    assert path.read_bytes() == b"saved meanwhile"
    assert [p.name for p in tmp_path.iterdir() if p.name != "kept"] == ["a.csv"]


def test_the_same_bytes_are_not_written(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"same")
    path.chmod(0o444)
    before = path.stat()
    assert replace_unless_changed(path, b"same", b"same", tmp_path / "kept")
    assert path.stat().st_ino == before.st_ino
    assert not (tmp_path / "kept").exists()


def test_the_same_content_is_kept_once(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"x")
    kept = tmp_path / "kept"
    assert keep(path, b"x", kept) == keep(path, b"x", kept)
    assert keep(path, b"y", kept) != keep(path, b"x", kept)
    assert len(list(kept.iterdir())) == 2


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(CourseError, match="cannot be read"):
        read(tmp_path)
