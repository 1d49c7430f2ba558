"""Every file below a folder that is a notebook or should be one, in the order of the paths; nothing is written."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from labkit.course import CourseError
from labkit.course.grading.intake import archives, places
from labkit.course.grading.intake.places import Found, LeftAside, UnreadableError
from labkit.course.grading.intake.reading import holds_notebook

#: Folders within folders that are looked into.
FOLDER_DEPTH = 40


def find(folder: Path) -> Iterator[Found | LeftAside]:
    """All that lies below a folder, notebooks and what is left aside, sorted by path.

    Links are never followed: what they lead to lies in the folder anyway, or is no business of ours.

    Args:
        folder: or a single zip file or notebook.

    Raises:
        CourseError: there is no such folder.
    """
    if folder.is_dir():
        yield from _walk(str(folder), "", 1)
    elif folder.is_file():
        yield from _file(str(folder.resolve()), places.shown(folder.name))
    else:
        raise CourseError(f"{folder}: no such folder; wanted a folder (or a zip file) of returned notebooks.")


def _walk(folder: str, above: str, depth: int) -> Iterator[Found | LeftAside]:
    """What lies in a folder; ``above`` is its path and a "/", or "" for the first."""
    if depth > FOLDER_DEPTH:
        yield LeftAside(above, f"more than {FOLDER_DEPTH} folders within each other; move what is in it further up.")
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=_order)
    except OSError as error:
        yield LeftAside(above, f"this folder cannot be opened ({error.strerror}); allow it to be read.")
        return
    for entry in entries:
        path = above + places.shown(entry.name)
        if places.kind(entry.name) == "ignored":
            continue
        if entry.is_symlink():
            yield LeftAside(path, "a link, which is not followed; put the file itself in its place.")
        elif entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{path}/", depth + 1)
        elif entry.is_file(follow_symlinks=False):
            yield from _file(entry.path, path)
        else:
            yield LeftAside(path, "neither file nor folder (a pipe, socket or device); delete it.")


def _order(entry: os.DirEntry[str]) -> str:
    """So that the paths of files come out sorted, those within folders and zip files too."""
    inner = entry.is_dir(follow_symlinks=False) or places.kind(entry.name) == "zip"
    return places.shown(entry.name) + "/" * inner


def _file(file: str, path: str) -> Iterator[Found | LeftAside]:
    """What a file holds; ``path`` is how it is called within the folder."""
    name = path.rpartition("/")[2]
    promised = places.kind(name)
    if promised == "other":
        yield LeftAside(path, places.no_notebook(name))
        return
    try:
        opened = _open(file)
    except FileNotFoundError:  # it has been taken away in the meantime
        return
    except OSError as error:
        why = f"got a file that cannot be read ({error.strerror}); allow it to be read and grade again."
        yield LeftAside(path, why) if promised == "perhaps" else places.refused(path, os.lstat(file).st_mtime, why)
        return
    with opened:
        modified = os.fstat(opened.fileno()).st_mtime
        if promised == "zip":
            yield from archives.members(opened, path, modified)
        elif promised == "notebook" or holds_notebook(opened):
            yield Found(path, modified, lambda: _load(opened))
        else:
            yield LeftAside(path, places.no_notebook(name))


def _load(opened: BinaryIO) -> bytes:
    try:
        opened.seek(0)
        return places.read_whole(opened)
    except OSError as error:
        raise UnreadableError(
            f"got an error of the disk while reading ({error.strerror}); copy the folder elsewhere and grade again."
        ) from error


def _open(file: str) -> BinaryIO:
    """Open a plain file and nothing else, whatever has taken its place in the meantime.

    Raises:
        OSError: it cannot be read, or is a link, pipe or device.
    """
    flags = ("O_RDONLY", "O_BINARY", "O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK")  # not every system has all
    number = os.open(file, sum(getattr(os, flag, 0) for flag in flags))
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise OSError(0, "not a plain file")
    return os.fdopen(number, "rb")
