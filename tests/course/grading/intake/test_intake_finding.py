"""A folder of returned files: every notebook is found once, and nothing in there stops, blocks or harms."""

import errno
import hashlib
import io
import json
import os
import shutil
import socket
import struct
import subprocess
import time
import warnings
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from labkit.course import CourseError
from labkit.course.grading.intake import archives, finding, left_aside, places, submissions
from labkit.course.grading.intake.reading import read


def notebook(text="x = 1"):
    """The bytes of a notebook of one cell."""
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": text}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()


def zipped(members, **how):
    """The bytes of a zip file of (name, data)."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        warnings.simplefilter("ignore")  # a name that comes twice
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "returned").mkdir()
    return tmp_path / "returned"


def put(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def found(folder):
    return [submission.path for submission in submissions(folder)]


def aside(folder):
    return {left.path: left.why for left in left_aside(folder)}


# Files and folders


@pytest.mark.parametrize(
    "name",
    [
        "lab1.ipynb", "LAB1.IPYNB", "lab1.ipynb.txt", "lab1.ipynb.json", "lab1.json", "lab1.txt", "a/b/c/d/lab1.ipynb",
        "x.ipynb/lab1.ipynb", "ordner mit ä/läb.ipynb", "a.zip.ipynb", "lab1 (1).ipynb", "-rf.ipynb", "a/ .ipynb",
    ],
)  # fmt: skip
def test_notebooks_are_found(folder, name):
    put(folder, {name: notebook()})
    (only,) = submissions(folder)
    assert (only.path, [cell.text for cell in only.cells]) == (name, ["x = 1"])
    assert only.digest == hashlib.sha256(notebook()).hexdigest()
    assert left_aside(folder) == []


def test_a_notebook_in_another_encoding_is_known_by_its_content(folder):
    put(folder, {"a.json": notebook().decode().encode("utf-16"), "b.txt": b"\xef\xbb\xbf" + notebook()})
    assert found(folder) == ["a.json", "b.txt"]


@pytest.mark.parametrize(
    "name",
    [
        ".ipynb_checkpoints/lab1-checkpoint.ipynb", "__MACOSX/lab1.ipynb", "a/__MACOSX/._lab1.ipynb", "._lab1.ipynb",
        ".lab1.ipynb", ".DS_Store", "Thumbs.db", "a/desktop.ini", ".git/lab1.ipynb",
    ],
)  # fmt: skip
def test_droppings_are_passed_over(folder, name):
    put(folder, {name: notebook()})
    (folder / "all.zip").write_bytes(zipped([(name, notebook()), ("lab1.ipynb", notebook())]))
    assert found(folder) == ["all.zip/lab1.ipynb"]
    assert left_aside(folder) == []


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("lab1.py", b"x = 1", "a Python script"),
        ("lab1.pdf", b"%PDF", "a PDF file"),
        ("lab1.html", b"<html>", "a web page"),
        ("lab1.rar", b"Rar!", "another kind (.rar)"),
        ("lab1.tar.gz", b"\x1f\x8b", "another kind (.gz)"),
        ("roster.csv", b"name\n", "no notebook"),
        ("roster.json", b'{"name": 1}', "no notebook"),
        ("list.json", b'["nbformat"]', "no notebook"),
        ("empty.json", b"", "no notebook"),
        ("notes.txt", b'{see "nbformat"', "no notebook"),
        ("lab1", notebook(), "no notebook"),
        ("lab1.ipynb~", notebook(), "no notebook"),
    ],
)
def test_what_is_left_aside_is_listed_with_a_reason(folder, name, data, said):
    put(folder, {name: data})
    assert found(folder) == []
    assert said in aside(folder)[name]
    (folder / name).unlink()
    (folder / "all.zip").write_bytes(zipped([(name, data)]))
    assert found(folder) == []
    assert said in aside(folder)[f"all.zip/{name}"]


def test_the_order_is_that_of_the_paths_and_always_the_same(folder):
    names = ["b.ipynb", "a/x.ipynb", "a.ipynb", "a-b.ipynb", "a.zip", "a!.zip", "a b/c.ipynb", "Z.ipynb", "ä.ipynb"]
    inner = zipped([(name, notebook()) for name in ("z.ipynb", "d/x.ipynb", "d.ipynb", "d-.ipynb")])
    put(folder, {name: inner if name.endswith(".zip") else notebook() for name in names})
    (folder / "n.zip").write_bytes(zipped([("a.zip", inner), ("a.ipynb", notebook()), ("a/b.ipynb", notebook())]))
    paths = found(folder)
    assert paths == sorted(paths)
    assert len(paths) == len(set(paths)) == 7 + 2 * 4 + 4 + 2
    assert found(folder) == paths


def test_nothing_is_written_and_nothing_is_left_open(folder):
    put(folder, {"a/lab1.ipynb": notebook(), "b.zip": zipped([("lab1.ipynb", notebook())])})
    before = {path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in folder.rglob("*")}
    descriptors = len(os.listdir("/proc/self/fd"))  # noqa: PTH208
    assert len(found(folder)) == 2
    assert next(submissions(folder)).path == "a/lab1.ipynb"
    assert len(os.listdir("/proc/self/fd")) == descriptors  # noqa: PTH208
    after = {path: (path.stat().st_mtime_ns, path.is_file() and path.read_bytes()) for path in folder.rglob("*")}
    assert after == before


def test_a_single_file_can_be_given(folder):
    put(folder, {"lab1.ipynb": notebook(), "all.zip": zipped([("anna/lab1.ipynb", notebook())])})
    assert found(folder / "lab1.ipynb") == ["lab1.ipynb"]
    assert found(folder / "all.zip") == ["all.zip/anna/lab1.ipynb"]


def test_there_must_be_a_folder(folder):
    for look in (found, left_aside):
        with pytest.raises(CourseError, match="nowhere: no such folder; wanted a folder"):
            look(folder / "nowhere")
    assert found(folder) == []


def test_one_at_a_time(folder, monkeypatch):
    put(folder, {f"{number}.ipynb": notebook() for number in range(5)})
    calls = []
    monkeypatch.setattr("labkit.course.grading.intake.taking.reading.read", lambda data: calls.append(1) or read(data))
    stream = submissions(folder)
    assert calls == []
    next(stream)
    next(stream)
    assert len(calls) == 2


def test_what_comes_or_goes_in_the_meantime_stops_nothing(folder):
    put(folder, {f"{number}.ipynb": notebook() for number in "135"})
    (folder / "later").mkdir()
    stream = submissions(folder)
    assert next(stream).path == "1.ipynb"
    (folder / "3.ipynb").unlink()
    put(folder, {"later/new.ipynb": notebook()})
    assert [submission.path for submission in stream] == ["5.ipynb"]


# What is no plain file


def test_links_are_never_followed(folder, tmp_path):
    put(tmp_path, {"outside/secret.ipynb": notebook("secret")})
    put(folder, {"real.ipynb": notebook()})
    (folder / "file.ipynb").symlink_to(tmp_path / "outside" / "secret.ipynb")
    (folder / "folder").symlink_to(tmp_path / "outside")
    (folder / "archive.zip").symlink_to(tmp_path / "outside" / "secret.ipynb")
    (folder / "inside.ipynb").symlink_to(folder / "real.ipynb")
    (folder / "loop").symlink_to(folder)
    (folder / "broken.ipynb").symlink_to(folder / "nowhere")
    assert found(folder) == ["real.ipynb"]
    assert set(aside(folder)) == {"file.ipynb", "folder", "archive.zip", "inside.ipynb", "loop", "broken.ipynb"}
    assert all("link, which is not followed" in why for why in aside(folder).values())


def test_a_file_that_turns_into_a_link_is_not_followed(folder, tmp_path, monkeypatch):
    put(tmp_path, {"secret.ipynb": notebook("secret")})
    put(folder, {"a.ipynb": notebook()})
    whole = finding._open

    def swapped(file):
        Path(file).unlink()
        Path(file).symlink_to(tmp_path / "secret.ipynb")
        return whole(file)

    monkeypatch.setattr(finding, "_open", swapped)
    (got,) = finding.find(folder)
    with pytest.raises(places.UnreadableError, match="cannot be read"):
        got.load()


@pytest.mark.timeout(10)
def test_pipes_sockets_and_devices_do_not_block(folder, monkeypatch):
    os.mkfifo(folder / "pipe.ipynb")
    os.mkfifo(folder / "pipe.zip")
    monkeypatch.chdir(folder)  # the names of sockets are short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.ipynb")
        assert found(folder) == []
        assert set(aside(folder)) == {"pipe.ipynb", "pipe.zip", "socket.ipynb"}
    with pytest.raises(OSError, match="not a plain file"):
        finding._open(str(folder / "pipe.ipynb"))
    with pytest.raises(OSError, match="not a plain file"):
        finding._open("/dev/zero")


def test_what_may_not_be_read_is_told(folder, monkeypatch):
    put(folder, {name: notebook() for name in ("a.ipynb", "b.ipynb", "c.json", "d.zip", "locked/e.ipynb")})
    opened, listed = os.open, os.scandir

    def refuse(number, path):
        if any(name in str(path) for name in ("b.ipynb", "c.json", "d.zip", "locked")):
            raise PermissionError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", lambda path, *more: refuse(errno.EACCES, path) or opened(path, *more))
    monkeypatch.setattr(os, "scandir", lambda path: refuse(errno.EACCES, path) or listed(path))
    good, bad, archive = submissions(folder)
    assert (good.path, good.problem) == ("a.ipynb", "")
    assert (bad.path, archive.path) == ("b.ipynb", "d.zip")
    assert "cannot be read (Permission denied); allow it to be read" in bad.problem
    assert bad.modified == (folder / "b.ipynb").stat().st_mtime
    assert (bad.digest, bad.cells) == ("", ())
    assert set(aside(folder)) == {"c.json", "locked/"}


def test_folders_nested_without_end(folder):
    put(folder, {"a/" * (finding.FOLDER_DEPTH - 1) + "x.ipynb": notebook()})
    put(folder, {"b/" * finding.FOLDER_DEPTH + "x.ipynb": notebook()})
    assert [path[0] for path in found(folder)] == ["a"]
    assert ["folders within each other" in why for why in aside(folder).values()] == [True]
    deep = os.open(folder, os.O_RDONLY)
    for _ in range(30):  # longer than a path may be
        os.mkdir("d" * 200, dir_fd=deep)
        deep, above = os.open("d" * 200, os.O_RDONLY, dir_fd=deep), deep
        os.close(above)
    os.close(deep)
    try:
        assert [path[0] for path in found(folder)] == ["a"]
        assert ["File name too long" in why for why in aside(folder).values()] == [False, True]
    finally:
        subprocess.run(["rm", "-rf", folder], check=True)  # Python's own way does not reach so deep


def test_names_of_files_that_are_no_text(folder):
    for name in (b"M\xfcller.ipynb", b"J\x94rg.ipynb", b"a\nb.ipynb", b"\xff\xfe\x01.ipynb", b"\xe2\x80\xaeab.ipynb"):
        (folder / os.fsdecode(name)).write_bytes(notebook())
    paths = found(folder)
    assert {"Müller.ipynb", "Jörg.ipynb", "a\\nb.ipynb", "\\u202eab.ipynb"} < set(paths)
    assert len(paths) == 5
    assert all(text.isprintable() for who in submissions(folder) for text in (who.path, who.student.name))


def test_a_notebook_that_is_too_large_is_a_submission_with_a_problem(folder, monkeypatch):
    monkeypatch.setattr(places, "NOTEBOOK_BYTES", len(notebook()))
    put(
        folder, {"a.ipynb": notebook(), "b.ipynb": notebook() + b" ", "c.zip": zipped([("d.ipynb", notebook() + b" ")])}
    )
    good, large, packed = submissions(folder)
    assert good.problem == ""
    for bad in (large, packed):
        assert bad.problem.startswith("got a file of more than 0 MB; wanted a notebook below that: ask for it")
        assert (bad.cells, bad.digest) == ((), "")


def test_two_hundred_megabytes_are_the_limit():
    assert places.NOTEBOOK_BYTES == 200 * 2**20


# Zip files


def test_a_zip_file_within_zip_files_up_to_a_depth(folder):
    data = zipped([("lab1.ipynb", notebook())])
    wanted = ["1.zip/lab1.ipynb"]
    (folder / "1.zip").write_bytes(data)
    for depth in range(2, archives.ZIP_DEPTH + 2):
        data = zipped([(f"in{depth}.zip", data)])
        (folder / f"{depth}.zip").write_bytes(data)
    got = list(submissions(folder))
    wanted = ["1.zip/lab1.ipynb", "2.zip/in2.zip/lab1.ipynb", "3.zip/in3.zip/in2.zip/lab1.ipynb"]
    assert [submission.path for submission in got] == [*wanted, "4.zip/in4.zip/in3.zip/in2.zip"]
    assert [bool(submission.problem) for submission in got] == [False] * 3 + [True]
    assert "got more than 3 zip files within each other" in got[3].problem


def test_dates_are_those_in_the_zip_file(folder):
    (folder / "a.zip").write_bytes(
        zipped([
            (zipfile.ZipInfo("dated.ipynb", (2026, 11, 5, 10, 30, 0)), notebook()),
            (zipfile.ZipInfo("none.ipynb"), notebook()),
            (zipfile.ZipInfo("odd.ipynb", (2026, 0, 0, 31, 61, 62)), notebook()),
        ])
    )  # fmt: skip
    os.utime(folder / "a.zip", (1_000_000_000, 1_000_000_000))
    dates = {submission.path[6:]: submission.modified for submission in submissions(folder)}
    stated = datetime(2026, 11, 5, 10, 30).timestamp()
    assert dates == {"dated.ipynb": stated, "none.ipynb": 1e9, "odd.ipynb": 1e9}


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("../../../etc/evil.ipynb", "etc/evil.ipynb"),
        ("/etc/evil.ipynb", "etc/evil.ipynb"),
        ("..\\..\\evil.ipynb", "evil.ipynb"),
        ("C:\\Users\\anna\\lab1.ipynb", "C:/Users/anna/lab1.ipynb"),
        ("./a//b/./lab1.ipynb", "a/b/lab1.ipynb"),
        ("Müller/läb.ipynb", "Müller/läb.ipynb"),
        ("a\nb.ipynb", "a\\nb.ipynb"),
    ],
)
def test_paths_in_a_zip_file_lead_downwards_alone(folder, tmp_path, name, path):
    (folder / "a.zip").write_bytes(zipped([(name, notebook())]))
    before = sorted(tmp_path.rglob("*"))
    assert found(folder) == [f"a.zip/{path}"]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("encoding", ["utf-8", "cp437"])
def test_names_in_a_zip_file_that_states_no_encoding(folder, encoding):
    plain = zipped([("M##ller.ipynb" if encoding == "utf-8" else "M#ller.ipynb", notebook())])
    stated = plain.replace(b"M##ller" if encoding == "utf-8" else b"M#ller", "Müller".encode(encoding))
    (folder / "a.zip").write_bytes(stated)
    assert found(folder) == ["a.zip/Müller.ipynb"]


def test_a_name_that_comes_twice_is_given_twice(folder):
    (folder / "a.zip").write_bytes(zipped([("lab1.ipynb", notebook("a")), ("lab1.ipynb", notebook("b"))]))
    assert [submission.cells[0].text for submission in submissions(folder)] == ["a", "b"]


def encrypted(data):
    """The same zip file with the mark of encryption set on every member."""
    changed = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            changed[place + offset] |= 1
            place = data.find(mark, place + 4)
    return bytes(changed)


WHOLE = zipped([("lab1.ipynb", notebook("y = 2" * 1000))])


@pytest.mark.parametrize(
    ("data", "path", "said"),
    [
        (b"", "a.zip", "damaged zip file"),
        (b"PK\x03\x04junk", "a.zip", "damaged zip file"),
        (WHOLE[:-30], "a.zip", "damaged zip file"),
        (b"<html>", "a.zip", "damaged zip file"),
        (encrypted(WHOLE), "a.zip/lab1.ipynb", "one without a password"),
        (WHOLE[:50] + b"\xff\xff\xff\xff\xff" + WHOLE[55:], "a.zip/lab1.ipynb", "cannot be unpacked"),
        (WHOLE.replace(struct.pack("<H", 8) + WHOLE[10:12], struct.pack("<H", 97) + WHOLE[10:12]), "a.zip/lab1.ipynb",
         "cannot be unpacked"),
        (zipped([("b.zip", b"PK junk")]), "a.zip/b.zip", "damaged zip file"),
        (encrypted(zipped([("b.zip", WHOLE)])), "a.zip/b.zip", "one without a password"),
    ],
)  # fmt: skip
def test_damaged_and_encrypted_zip_files_are_submissions_with_a_problem(folder, data, path, said):
    (folder / "a.zip").write_bytes(data)
    put(folder, {"b.ipynb": notebook()})
    bad, good = submissions(folder)
    assert (bad.path, bad.cells, good.path, good.problem) == (path, (), "b.ipynb", "")
    assert said in bad.problem
    assert "wanted" in bad.problem
    assert "ask for it again" in bad.problem


def test_every_cut_and_every_changed_byte_of_a_zip_file_is_survived(folder):
    data = zipped([("a.ipynb", notebook()), ("b.zip", zipped([("c.ipynb", notebook())])), ("d.json", notebook())])
    for end in range(0, len(data), 7):
        (folder / "a.zip").write_bytes(data[:end])
        assert [bool(submission.problem) for submission in submissions(folder)] == [True]
    for place in range(len(data)):
        (folder / "a.zip").write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        for submission in submissions(folder):
            assert bool(submission.problem) != bool(submission.cells)


def test_bombs_are_not_unpacked(folder, monkeypatch):
    bomb = zipped([("lab1.ipynb", b" " * (archives.RATIO_FROM_BYTES + 1))])
    assert len(bomb) < 20_000
    (folder / "a.zip").write_bytes(bomb)
    (folder / "b.zip").write_bytes(zipped([("deep.zip", zipped([("x.zip", b"0" * (archives.RATIO_FROM_BYTES + 1))]))]))
    start = time.process_time()
    first, second = submissions(folder)
    assert time.process_time() - start < 1
    for bad in (first, second):
        assert "unpacks to more than 500 times its size" in bad.problem


def test_what_one_zip_file_may_unpack_to_is_limited_in_all(folder, monkeypatch):
    monkeypatch.setattr(archives, "UNPACKED_BYTES", 3 * len(notebook()))
    inner = zipped([(f"{number}.ipynb", notebook()) for number in range(5)])
    (folder / "a.zip").write_bytes(inner)
    (folder / "b.zip").write_bytes(inner)
    got = list(submissions(folder))
    assert [bool(submission.problem) for submission in got] == ([False] * 3 + [True] * 2) * 2
    assert "in all" in got[3].problem


def test_a_size_that_is_a_lie_is_seen(folder):
    data = zipped([("lab1.ipynb", notebook("y" * 1000))])
    size = struct.pack("<I", len(notebook("y" * 1000)))
    (folder / "a.zip").write_bytes(data.replace(size, struct.pack("<I", 5)))
    (only,) = submissions(folder)
    assert "cannot be unpacked" in only.problem


def test_too_many_names(folder, monkeypatch):
    monkeypatch.setattr(archives, "MEMBERS", 3)
    (folder / "a.zip").write_bytes(zipped([(f"{number}.ipynb", notebook()) for number in range(4)]))
    (only,) = submissions(folder)
    assert "got a zip file of 4 files; wanted 3 at most" in only.problem


def test_links_in_a_zip_file_and_zip_files_without_notebooks_are_left_aside(folder):
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = 0o120777 << 16
    (folder / "a.zip").write_bytes(zipped([(link, "/etc/passwd")]))
    (folder / "b.zip").write_bytes(zipped([]))
    (folder / "c.zip").write_bytes(zipped([("folder/", b""), ("__MACOSX/x", b"")]))
    assert found(folder) == []
    left = aside(folder)
    assert set(left) == {"a.zip/link.ipynb", "b.zip", "c.zip"}
    assert "a link" in left["a.zip/link.ipynb"]
    assert "without a notebook" in left["b.zip"]


def test_a_zip_file_called_a_notebook_is_told(folder):
    put(folder, {"a.ipynb": WHOLE})
    (only,) = submissions(folder)
    assert "rename it to end in .zip" in only.problem


def test_a_labs_notebook_comes_through_every_way_the_same(folder):
    lab = Path(__file__).parents[4] / "notebooks" / "lab1_txray_text_cnn.ipynb"
    shutil.copy(lab, folder / "a.ipynb")
    (folder / "b.zip").write_bytes(zipped([("x/lab1.zip", zipped([("lab1.ipynb", lab.read_bytes())]))]))
    one, other = submissions(folder)
    assert len(one.cells) > 50
    assert (one.cells, one.digest) == (other.cells, other.digest)
