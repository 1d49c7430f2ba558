"""The full photos: cats, dogs and flowers from two public archives, unpacked once into class folders.

Archives are not trusted. No member is written where its name says: a path is made of the class and of a plain file
name, whatever stands in the archive. One that holds links, or names that lead out of it, is refused as a whole.
"""

import hashlib
import io
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from PIL import Image
from tqdm import tqdm

from labkit import settings
from labkit.datasets import photo_folder
from labkit.datasets.photo_folder import Index, Row

NAMES = ("full/photos/cats_and_dogs_filtered.zip", "full/photos/flower_photos.tgz")
CLASSES = ("cats", "dogs", "daisy", "dandelion", "roses", "sunflowers", "tulips")
#: Counts up when the unpacked folder comes to look otherwise.
LAYOUT = 1
#: What is larger is no photo of these archives: bytes of one file, bytes of all files of an archive, pixels.
LARGEST_FILE, LARGEST_SUM, MOST_PIXELS = 20_000_000, 500_000_000, 20_000_000
#: Of twenty images so many are for validation and for testing.
VALIDATION, TEST, OF = 2, 4, 20

_PHOTO = re.compile(r"[a-z0-9][a-z0-9_.-]{0,100}\.jpe?g", re.IGNORECASE | re.ASCII)


class _Member(NamedTuple):
    """A file of an archive, with a function that reads it."""

    name: str
    size: int
    read: Callable[[], bytes]


def obtain(archives: Sequence[Path], hashes: Sequence[str]) -> tuple[Path, Index]:
    """The folder of the full photos and its index; it is unpacked once, within a minute.

    Args:
        archives: the files of ``NAMES``.
        hashes: of the archives, as in the manifest.

    Raises:
        ValueError: an archive does not hold what its name promises.
        OSError: the disk cannot take the files.
    """
    version = hashlib.sha256("\n".join([*hashes, str(LAYOUT)]).encode()).hexdigest()[:12]
    folder = archives[0].parent / f"unpacked-{version}"
    return folder, photo_folder.obtain(folder, lambda empty: _unpack(archives, empty))


def _unpack(archives: Sequence[Path], folder: Path) -> Index:
    rows: dict[str, Row] = {}
    left_out = 0
    for name in CLASSES:
        (folder / "images" / name).mkdir(parents=True)
    with tqdm(desc="Unpacking photos", unit="image", disable=settings.quiet(), leave=False) as bar:
        for archive in archives:
            for label, name, photo in _photos_of(archive):
                bar.update()
                place = f"images/{label}/{name.lower()}"
                if place in rows:
                    raise _not_as_published(archive, f"two files would become {place}")
                if (split := _split_of(photo)) is None:
                    left_out += 1
                    continue
                (folder / place).write_bytes(photo)
                rows[place] = Row(label, place, len(photo), split)
    found = {row.label for row in rows.values()}
    if missing := [name for name in CLASSES if name not in found]:
        names = " and ".join(archive.name for archive in archives)
        raise ValueError(f"{names}: got no photos of {', '.join(missing)}; wanted some of each class.")
    return Index(tuple(rows.values()), left_out)


def _split_of(photo: bytes) -> str | None:
    """The split of a JPEG file by what it shows, so that equal images stand in one; None if it cannot be read."""
    try:
        with Image.open(io.BytesIO(photo), formats=["JPEG"]) as image:
            # Frameworks do not agree on the colours of other modes, such as CMYK.
            if image.width * image.height > MOST_PIXELS or image.mode not in ("RGB", "L"):
                return None
            shown = hashlib.sha256(f"{image.size}".encode() + image.convert("RGB").tobytes()).digest()
    except (OSError, SyntaxError, Image.DecompressionBombError):
        return None
    number = int.from_bytes(shown[:8], "big") % OF
    return "validation" if number < VALIDATION else "test" if number < VALIDATION + TEST else "train"


def _photos_of(archive: Path) -> Iterator[tuple[str, str, bytes]]:
    """Class, file name and content of the photos in an archive, a .zip or .tgz, in the order in which they stand."""
    total = 0
    try:
        for member in (_of_zip if archive.suffix == ".zip" else _of_tar)(archive):
            path = PurePosixPath(member.name.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in member.name:
                raise _not_as_published(archive, f"{member.name!r} leads out of it")
            total += member.size
            if member.size > LARGEST_FILE or total > LARGEST_SUM:
                raise _not_as_published(archive, f"{member.name!r} would be too large, with {member.size:,} bytes")
            # Passed over are a licence, a script, and what some operating systems add.
            if path.parent.name in CLASSES and _PHOTO.fullmatch(path.name):
                yield path.parent.name, path.name, member.read()
    # zipfile calls it a RuntimeError where a member is encrypted or packed in a way that it does not know.
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, RuntimeError) as error:
        raise ValueError(f"{archive} is no whole {archive.suffix} ({error}): delete it and fetch it anew.") from error


def _of_zip(archive: Path) -> Iterator[_Member]:
    with zipfile.ZipFile(archive) as opened:
        for info in opened.infolist():
            if stat.S_ISLNK(info.external_attr >> 16):
                raise _not_as_published(archive, f"{info.filename!r} is a link")
            if not info.is_dir():
                yield _Member(info.filename, info.file_size, partial(opened.read, info))


def _of_tar(archive: Path) -> Iterator[_Member]:
    with tarfile.open(archive, "r|gz") as opened:
        for info in opened:
            if not info.isfile() and not info.isdir():
                raise _not_as_published(archive, f"{info.name!r} is a link or a device")
            file = opened.extractfile(info)
            if file is not None:
                yield _Member(info.name, info.size, file.read)


def _not_as_published(archive: Path, what: str) -> ValueError:
    return ValueError(f"{archive} is not the published archive: {what}. Delete it.")
