"""Files come whole or not at all."""

import os
import stat

import pytest

from labkit.files import replacing, write_atomically


def names(folder):
    return [file.name for file in folder.iterdir()]


@pytest.mark.parametrize(("data", "wanted"), [("größer\n", "größer\n".encode()), (b"\x00\xff", b"\x00\xff")])
def test_text_and_bytes_are_written_as_they_are_into_a_new_folder(tmp_path, data, wanted):
    path = tmp_path / "new" / "folder" / "file"
    write_atomically(path, data)
    assert path.read_bytes() == wanted
    assert names(path.parent) == ["file"]


def test_the_former_file_stands_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "file"
    path.write_text("former")
    with replacing(path) as unfinished:
        unfinished.write_text("ne")
        assert path.read_text() == "former"
        unfinished.write_text("new")
    assert path.read_text() == "new"


def test_a_failure_leaves_the_former_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_text("former")
    with pytest.raises(ZeroDivisionError), replacing(path) as unfinished:
        unfinished.write_text("half")
        1 / 0  # noqa: B018
    assert path.read_text() == "former"
    assert names(tmp_path) == ["file"]


def test_two_who_write_one_file_do_not_meet(tmp_path):
    with replacing(tmp_path / "file") as one, replacing(tmp_path / "file") as other:
        assert one != other
        one.write_text("one")
        other.write_text("other")
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="file modes as POSIX has them")
def test_the_file_gets_the_mode_of_any_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        write_atomically(tmp_path / "file", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
