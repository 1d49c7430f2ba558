"""A folder of image files with an index, made once in the cache: whole and checked, or not there at all.

The order of the code is the promise: lock, temporary folder, files, index, rename. A process that dies leaves
a temporary folder that nobody reads and that the next one clears away.
"""

import csv
import errno
import hashlib
import io
import json
import shutil
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import filelock

INDEX, ABOUT = "index.tsv", "about.json"


class Row(NamedTuple):
    """One image of a folder; the columns of its index.

    Attributes:
        label: the name of its class; the column is called "class".
        file: the path of the image below the folder, with "/".
        bytes: the size of the image file.
        split: "train", "validation" or "test".
        object: the number of the object shown, or None.
        mask: the path of the object's mask, or "".
        mask_bytes: the size of the mask file, 0 where there is none.
    """

    label: str
    file: str
    bytes: int
    split: str
    object: int | None = None
    mask: str = ""
    mask_bytes: int = 0


@dataclass(frozen=True)
class Index:
    """What a folder holds.

    Attributes:
        rows: one for each image.
        left_out: how many images could not be read when the folder was made.
    """

    rows: tuple[Row, ...]
    left_out: int = 0


def obtain(folder: Path, fill: Callable[[Path], Index]) -> Index:
    """The index of a folder; where the folder is not there it is made, and where it is damaged made anew.

    A damaged folder is renamed to NAME.damaged, with a warning. Of two processes that want a folder at the same
    time one makes it and the other waits.

    Args:
        folder: where the files are wanted. Its name must tell what they are made from, since a whole folder is
            never looked into again.
        fill: writes the images and masks into the folder that it is given, and returns their index.

    Raises:
        OSError: the disk cannot take the files; the message says what to do. Nothing is left behind.
    """
    if _damage(folder) is None:
        return read(folder)
    with _writable(folder), filelock.FileLock(folder.with_name(f"{folder.name}.lock")):
        damage = _damage(folder)
        if damage is None:  # whoever held the lock before has made it
            return read(folder)
        with _unfinished(folder) as unfinished:
            _write(unfinished, fill(unfinished))
            if folder.exists():
                _set_aside(folder, damage)
            unfinished.rename(folder)
    return read(folder)


def read(folder: Path) -> Index:
    """Read the index of a whole folder."""
    with (folder / INDEX).open(encoding="utf-8", newline="") as table:
        rows = tuple(
            Row(
                row["class"],
                row["file"],
                int(row["bytes"]),
                row["split"],
                int(row["object"]) if row["object"] else None,
                row["mask"],
                int(row["mask_bytes"]),
            )
            for row in csv.DictReader(table, delimiter="\t")
        )
    return Index(rows, json.loads((folder / ABOUT).read_text(encoding="utf-8"))["left_out"])


def _write(folder: Path, index: Index) -> None:
    """The index, and the file that tells whether it is whole."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(["class", *Row._fields[1:]])
    writer.writerows(index.rows)
    (folder / INDEX).write_bytes(table.getvalue().encode())
    about = {"left_out": index.left_out, INDEX: _digest(folder / INDEX)}
    (folder / ABOUT).write_text(json.dumps(about) + "\n", encoding="utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _damage(folder: Path) -> str | None:
    """What is wrong with a folder, or None. Sizes are compared, contents are not: that takes milliseconds."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about[INDEX] != _digest(folder / INDEX):
            return f"{INDEX} was changed"
        for file, size in _sizes(read(folder).rows):
            if (got := (folder / file).stat().st_size) != size:
                return f"{file} has {got:,} bytes, not {size:,}"
    except (FileNotFoundError, NotADirectoryError) as error:
        return f"{Path(error.filename).relative_to(folder).as_posix()} is missing"
    except (ValueError, KeyError, TypeError):
        return f"{ABOUT} cannot be read"
    return None


def _sizes(rows: Iterable[Row]) -> Iterator[tuple[str, int]]:
    """Name and size of every file that the index speaks of."""
    for row in rows:
        yield row.file, row.bytes
        if row.mask:
            yield row.mask, row.mask_bytes


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """An empty folder beside ``folder`` that is gone when the block ends. The caller holds the lock."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # of a process that died
    try:
        part.mkdir()
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _set_aside(folder: Path, damage: str) -> None:
    aside = folder.with_name(f"{folder.name}.damaged")
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    warnings.warn(f"{folder} was damaged ({damage}): set aside as {aside.name} and made anew.", stacklevel=4)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Turn trouble with the local disk into one clear error."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise OSError(
            error.errno or errno.EIO,
            f"The cache folder {folder.parent} cannot take {folder.name}: {error.strerror or error}. Make room or get "
            "the right to write there, or name another folder by the environment variable LABKIT_CACHE.",
        ) from error
