"""IDX, the format of MNIST's files: a few whole numbers, then the bytes of one array.

A file starts with two zero bytes, a code of the type (8: unsigned bytes, the only type of MNIST and its kin) and
the number of dimensions. The dimensions follow as big-endian numbers of four bytes, then the values row by row. See
"The MNIST database of handwritten digits", yann.lecun.com/exdb/mnist.
"""

import gzip
import io
import math
import zlib
from pathlib import Path

import numpy as np

_UNSIGNED_BYTES = 8
_ADVICE = "Is the file whole? `labkit data verify` tells."


def read(path: Path, dimensions: int) -> np.ndarray:
    """Read an array of bytes from a file packed with gzip.

    Args:
        path: the file, by custom ``....gz``.
        dimensions: how many the array must have: 3 for images (N, H, W), 1 for labels (N,).

    Returns:
        uint8, read-only.

    Raises:
        ValueError: the file is packed otherwise, cut off, of another type or too long; the message says which.
    """
    try:
        with gzip.open(path) as file:
            content = file.read()
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is no whole gzip file ({error}). {_ADVICE}") from error
    start, head = _start(dimensions), 4 + 4 * dimensions
    if content[:4] != start or len(content) < head:
        raise ValueError(
            f"{path}: got {len(content):,} bytes that start with {content[:4].hex(' ') or 'nothing'}; wanted an IDX "
            f"file of bytes in {dimensions} dimension(s), starting with {start.hex(' ')}. {_ADVICE}"
        )
    shape = tuple(np.frombuffer(content, ">u4", dimensions, offset=4).tolist())
    if len(content) - head != math.prod(shape):
        raise ValueError(
            f"{path}: got {len(content) - head:,} values; wanted {math.prod(shape):,}, as its head says: "
            f"{' x '.join(map(str, shape))}. {_ADVICE}"
        )
    return np.frombuffer(content, np.uint8, offset=head).reshape(shape)


def pack(array: np.ndarray) -> bytes:
    """The file that holds an array of bytes, packed with gzip; the same bytes whenever it is packed.

    Raises:
        TypeError: the array holds something else than uint8.
    """
    if array.dtype != np.uint8:
        raise TypeError(f"got an array of {array.dtype}; wanted uint8.")
    head = _start(array.ndim) + np.array(array.shape, dtype=">u4").tobytes()
    packed = io.BytesIO()
    # No name and no time of day; gzip.compress would write another head with another version of Python.
    with gzip.GzipFile("", "wb", fileobj=packed, mtime=0) as file:
        file.write(head + array.tobytes())
    return packed.getvalue()


def _start(dimensions: int) -> bytes:
    return bytes([0, 0, _UNSIGNED_BYTES, dimensions])
