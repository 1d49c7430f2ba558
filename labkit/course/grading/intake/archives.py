"""Notebooks in zip files, and in zip files within those; nothing is unpacked to disk."""

import io
import lzma
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from labkit.course.grading.intake import places
from labkit.course.grading.intake.places import Found, LeftAside, UnreadableError
from labkit.course.grading.intake.reading import holds_notebook

#: Zip files within each other that are opened.
ZIP_DEPTH = 3
#: Names that one zip file may list.
MEMBERS = 20_000
#: All that may be unpacked from one file on disk while the folder is gone through once.
UNPACKED_BYTES = 16 * 2**30
#: How often its packed size a member may hold, once it is larger than ``RATIO_FROM_BYTES``.
RATIO = 500
RATIO_FROM_BYTES = 10 * 2**20

# What the library raises for a zip file that is damaged or made to do harm.
_DAMAGED = (
    BadZipFile, LargeZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError,
    OverflowError,
)  # fmt: skip


@dataclass
class _Budget:
    """What may still be unpacked, in bytes, of a file and of all zip files in it."""

    left: int


def members(file: BinaryIO, path: str, modified: float) -> Iterator[Found | LeftAside]:
    """The notebooks in a zip file, and what is left aside, sorted by path.

    Args:
        file: the zip file.
        path: its own.
        modified: for what has no date of its own.
    """
    yield from _members(file, path, modified, 1, _Budget(UNPACKED_BYTES))


def _members(file: BinaryIO, path: str, modified: float, depth: int, budget: _Budget) -> Iterator[Found | LeftAside]:
    try:
        archive = ZipFile(file)
    except _DAMAGED as error:
        yield places.refused(
            path, modified, f"got a damaged zip file ({error}); wanted one that opens: ask for it again."
        )
        return
    with archive:
        listed = {info: _path(info) for info in archive.infolist() if not info.is_dir()}
        wanted = {info: inner for info, inner in listed.items() if "ignored" not in map(places.kind, inner.split("/"))}
        if len(listed) > MEMBERS:
            yield places.refused(path, modified, f"got a zip file of {len(listed)} files; wanted {MEMBERS} at most.")
            return
        if not wanted:
            yield LeftAside(path, "a zip file without a notebook: ask for the notebook.")
        for info in sorted(wanted, key=lambda info: wanted[info] + "/" * (places.kind(wanted[info]) == "zip")):
            yield from _member(archive, info, f"{path}/{wanted[info]}", _date(info, modified), depth, budget)


def _member(
    archive: ZipFile, info: ZipInfo, path: str, modified: float, depth: int, budget: _Budget
) -> Iterator[Found | LeftAside]:
    name = path.rpartition("/")[2]
    promised = places.kind(name)
    if stat.S_ISLNK(info.external_attr >> 16):
        yield LeftAside(path, "a link, which is not followed; ask for the file itself.")
    elif promised == "other":
        yield LeftAside(path, places.no_notebook(name))
    elif promised == "notebook":
        yield Found(path, modified, lambda: _unpack(archive, info, budget))
    elif promised == "zip" and depth >= ZIP_DEPTH:
        yield places.refused(
            path, modified, f"got more than {ZIP_DEPTH} zip files within each other; wanted fewer: unpack this one."
        )
    else:
        try:
            data = io.BytesIO(_unpack(archive, info, budget))
        except UnreadableError as error:
            why = str(error)
            yield LeftAside(path, why) if promised == "perhaps" else places.refused(path, modified, why)
            return
        if promised == "zip":
            yield from _members(data, path, modified, depth + 1, budget)
        elif holds_notebook(data):
            yield Found(path, modified, data.getvalue)
        else:
            yield LeftAside(path, places.no_notebook(name))


def _unpack(archive: ZipFile, info: ZipInfo, budget: _Budget) -> bytes:
    """What a member holds.

    Raises:
        UnreadableError: it is encrypted, damaged, or larger than is allowed.
    """
    if info.flag_bits & 0x1:
        raise UnreadableError("got an encrypted file; wanted one without a password: ask for it again.")
    if info.file_size > RATIO_FROM_BYTES and info.file_size > RATIO * max(info.compress_size, 1):
        raise UnreadableError(
            f"got a file that unpacks to more than {RATIO} times its size, which zip files do that are made to fill "
            "a disk; wanted a notebook: unpack it by hand if you trust it."
        )
    if info.file_size > places.NOTEBOOK_BYTES:
        raise places.too_large()
    if info.file_size > budget.left:
        raise UnreadableError(
            f"got a zip file that unpacks to more than {UNPACKED_BYTES >> 30} GB in all; wanted less: unpack it by "
            "hand and grade the folder."
        )
    try:
        with archive.open(info) as member:
            data = places.read_whole(member)
    except (RuntimeError, *_DAMAGED) as error:
        raise UnreadableError(
            f"got a file that cannot be unpacked ({error}); wanted an undamaged zip file: ask for it again."
        ) from error
    budget.left -= len(data)
    return data


def _path(info: ZipInfo) -> str:
    """A member's path below its zip file: only ever downwards, and readable also where the zip says no encoding."""
    name = info.filename
    if not info.flag_bits & 0x800:  # then the library has read it as cp437, but many tools write UTF-8 all the same
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "/".join(map(places.shown, parts)) or "without a name"


def _date(info: ZipInfo, modified: float) -> float:
    """When a member was last written; zip files that know no date say 1980."""
    try:
        stated = datetime(*info.date_time)
    except ValueError:
        return modified
    return stated.timestamp() if stated.year > 1980 else modified
