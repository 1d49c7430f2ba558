"""Files that are written whole or not at all, for every room of the house."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path``; what stands there when the block ends takes its place.

    Nobody ever sees half a file, and a block that fails leaves what stood at ``path``. Folders above are made.

    Args:
        path: where the file is wanted.

    Yields:
        a path in the same folder at which nothing stands yet, so that who writes there makes a file with the
        mode that new files have here.

    Example:
        >>> with replacing(path) as unfinished:  # doctest: +SKIP
        ...     save_file(tensors, unfinished)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")  # two runs may write one file
    try:
        yield unfinished
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write a file so that nobody ever sees half of it; text as UTF-8, with the line ends it has."""
    with replacing(path) as unfinished:
        unfinished.write_bytes(data.encode() if isinstance(data, str) else data)
