"""Make ``samples/reviews.tsv`` from the source archive of vaderSentiment 3.3.2.

    pip download --no-deps --no-binary :all: vaderSentiment==3.3.2
    python data/make_reviews.py vaderSentiment-3.3.2.tar.gz

The same archive gives the same bytes on every machine.
"""

import argparse
import io
import random
import tarfile
from pathlib import Path

from labkit.datasets.manifest import register

INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
TABLE = "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
SEED = 20191202  # the day on which the TX-Ray paper appeared
TEST, VALIDATION = 1 / 6, 1 / 12


def read_snippets(archive: Path) -> list[tuple[str, float, str]]:
    """Id, mean rating in [-4, 4] and text of every snippet, in the archive's order."""
    with tarfile.open(archive) as outer:
        packed = io.BytesIO(outer.extractfile(INNER).read())
    with tarfile.open(fileobj=packed) as inner:
        lines = inner.extractfile(TABLE).read().decode("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [(number, float(rating), " ".join(text.split())) for number, rating, text in rows]


def assign_splits(snippets: list[tuple[str, float, str]]) -> dict[str, str]:
    """Text -> "train", "validation" or "test". By text, so that equal texts never fall into two splits."""
    texts = sorted({text.lower() for _, _, text in snippets})
    random.Random(SEED).shuffle(texts)
    first, second = round(len(texts) * TEST), round(len(texts) * (TEST + VALIDATION))
    return {text: "test" if i < first else "validation" if i < second else "train" for i, text in enumerate(texts)}


def main() -> None:
    """Write the sample and its row of the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path)
    snippets = read_snippets(parser.parse_args().archive)
    split = assign_splits(snippets)
    lines = ["id\trating\tsplit\ttext"]
    lines += [f"{number}\t{rating:.3f}\t{split[text.lower()]}\t{text}" for number, rating, text in snippets]
    target = Path(__file__).parent / "samples" / "reviews.tsv"
    target.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    register(
        target,
        source="vaderSentiment 3.3.2, additional_resources/hutto_ICWSM_2014.tar.gz, " + TABLE.split("/")[1],
        licence="MIT, Copyright (c) 2016 C.J. Hutto",
    )
    print(f"{len(snippets)} snippets, {target.stat().st_size} bytes: {target.name}")


if __name__ == "__main__":
    main()
