"""Files that a person may have written in: replaced only as they were read, and kept as they were."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from labkit.course import CourseError
from labkit.files import replacing, write_atomically


def read(path: Path) -> bytes | None:
    """The bytes of a file, None where there is none.

    Raises:
        CourseError: something is there that cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CourseError(f"{path}: cannot be read ({error}); close it in other programs, then run again.") from error


class _ChangedError(Exception):
    """The file is no longer as it was read."""


def replace_unless_changed(path: Path, before: bytes | None, data: bytes, kept: Path) -> bool:
    """Replace a file, unless it is no longer as it was read.

    Args:
        path: of the file.
        before: its bytes as they were read, None if there was none. They are kept in a file of their own first.
        data: what it is to hold.
        kept: the folder for what it held.

    Returns:
        False if somebody changed the file since; then nothing is replaced.

    Raises:
        CourseError: it cannot be replaced.
    """
    if before == data:
        return read(path) == before
    if before is not None:
        keep(path, before, kept)
    try:
        with replacing(path) as unfinished:
            unfinished.write_bytes(data)
            if read(path) != before:  # the last look: a block that fails leaves the file as it is
                raise _ChangedError
    except _ChangedError:
        return False
    except PermissionError as error:  # Windows, while a spreadsheet has the file open
        raise CourseError(f"{path}: cannot be replaced; close it in other programs, then run again.") from error
    return True


def keep(path: Path, data: bytes, kept: Path) -> Path:
    """Write down what a file held, under its name and time; the same content twice makes one file.

    Args:
        path: of the file.
        data: its bytes.
        kept: the folder for the copy.

    Returns:
        where the copy is.
    """
    digest = hashlib.sha256(data).hexdigest()[:12]
    for copy in kept.glob(f"{path.stem}-*-{digest}{path.suffix}"):
        return copy
    written = path.stat().st_mtime if path.exists() else 0.0
    copy = kept / f"{path.stem}-{datetime.fromtimestamp(written, UTC):%Y%m%dT%H%M%SZ}-{digest}{path.suffix}"
    write_atomically(copy, data)
    return copy
