"""The manifest: one row for every file of data and weights, bundled or remote, and the check of each.

A row of ``data/manifest.json``::

    {
      "name": "samples/reviews.tsv",        path with "/", below data/ (bundled) or the cache folder (remote)
      "kind": "bundled",                    or "remote": fetched once from a mirror and then cached
      "source": "where it comes from",
      "licence": "what one may do with it",
      "size": 512345,                       bytes, or null where the publisher does not say
      "hash": "sha256:9f86d0...",           or "md5:..." where the publisher gives no better one
      "mirrors": []                         addresses in the order to try; none for a bundled file
    }

An MD5 finds every accidental damage; against a forger it is weak, so it stands only in rows of remote files
whose publisher states nothing else, and never where the content is more than plain numbers and words.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from labkit import settings
from labkit.files import write_atomically

KINDS = ("bundled", "remote")
#: The folders beside the manifest whose every file has a row.
FOLDERS = ("samples", "checkpoints")
#: What to do about a bundled file that is not as published.
RESTORE = "Restore it (git checkout data), or install labkit again."
_HASH = re.compile(r"sha256:[0-9a-f]{64}|md5:[0-9a-f]{32}")


@dataclass(frozen=True)
class Entry:
    """One row of the manifest, and the folder that its name starts from.

    Attributes:
        name: such as "samples/reviews.tsv" or "full/imdb/imdb.npz".
        kind: "bundled" or "remote".
        source: where the file comes from, for people.
        licence: its licence, for people.
        size: bytes, or None where unknown.
        hash: "sha256:" or "md5:" and the digest in lower-case hexadecimals.
        mirrors: addresses in the order to try.
        folder: the folder of the manifest (bundled) or the cache folder (remote).
    """

    name: str
    kind: str
    source: str
    licence: str
    size: int | None
    hash: str
    mirrors: tuple[str, ...]
    folder: Path

    @property
    def path(self) -> Path:
        """Where the file lies, or will lie once it is fetched."""
        return self.folder / self.name


_KEYS = [field.name for field in fields(Entry) if field.name != "folder"]


def load(path: Path | None = None) -> dict[str, Entry]:
    """Read and check a manifest.

    Args:
        path: the JSON file; None takes the one that labkit carries.

    Returns:
        name -> entry, in the order of the file.

    Raises:
        ValueError: a row that is not as the head of this module describes; the message names it.
    """
    path = path or settings.bundled("manifest.json")
    folders = {"bundled": path.parent, "remote": settings.cache_folder()}
    return {
        name: Entry(**{**row, "mirrors": tuple(row["mirrors"])}, folder=folders[row["kind"]])
        for name, row in _rows(path).items()
    }


def _rows(path: Path) -> dict[str, dict[str, Any]]:
    """The checked rows of a manifest by name, as JSON holds them."""
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path}:{error.lineno}: no valid JSON ({error.msg}).") from error
    if not isinstance(listed, list):
        raise ValueError(f"{path}: got a JSON {type(listed).__name__}; wanted a list of rows.")
    rows: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(listed, start=1):
        problem = _problem_of(row)
        if not problem and row["name"] in rows:
            problem = "an earlier row has this name too"
        if problem:
            name = row.get("name") if isinstance(row, dict) else None
            raise ValueError(f"{path}, row {number} ({name or 'no name'}): {problem}.")
        rows[row["name"]] = row
    return rows


def _problem_of(row: Any) -> str | None:
    """What is wrong with a row, or None."""
    if not isinstance(row, dict) or sorted(row) != sorted(_KEYS):
        got = sorted(row) if isinstance(row, dict) else row
        return f"got {got}; wanted an object with exactly {', '.join(_KEYS)}"
    for key in ("name", "source", "licence"):
        if not isinstance(row[key], str) or not row[key].strip():
            return f"got {key} {row[key]!r}; wanted a text"
    name = PurePosixPath(row["name"])
    if name.is_absolute() or ".." in name.parts or name.as_posix() != row["name"] or "\\" in row["name"]:
        return "wanted a name like samples/reviews.tsv: relative, with '/', without '..'"
    if row["kind"] not in KINDS:
        return f"got kind {row['kind']!r}; wanted {' or '.join(KINDS)}"
    if row["size"] is not None and (type(row["size"]) is not int or row["size"] < 0):
        return f"got size {row['size']!r}; wanted a number of bytes or null"
    if not isinstance(row["hash"], str) or not _HASH.fullmatch(row["hash"]):
        return f"got hash {row['hash']!r}; wanted sha256: and 64, or md5: and 32 lower-case hexadecimals"
    mirrors = row["mirrors"]
    if not isinstance(mirrors, list) or not all(re.match(r"https?://\S+$", str(m)) for m in mirrors):
        return f"got mirrors {mirrors!r}; wanted a list of http or https addresses"
    if bool(mirrors) != (row["kind"] == "remote"):
        return f"got {len(mirrors)} mirrors; wanted at least one for a remote file and none for a bundled one"
    return None


def hash_of(path: Path, algorithm: str = "sha256") -> str:
    """The hash of a file as the manifest writes it, such as "sha256:9f86d0..."."""
    with path.open("rb") as file:
        return f"{algorithm}:{hashlib.file_digest(file, algorithm).hexdigest()}"


def verify(entry: Entry) -> str:
    """Compare a file with its row.

    Returns:
        "ok"; "not fetched" (a remote file not in the cache, no fault); "missing" (a bundled file);
        or "damaged: got ..., wanted ...".
    """
    if not entry.path.is_file():
        return "not fetched" if entry.kind == "remote" else "missing"
    got = hash_of(entry.path, entry.hash.partition(":")[0])
    return "ok" if got == entry.hash else f"damaged: got {got}, wanted {entry.hash}"


def states(entries: Iterable[Entry]) -> dict[str, str]:
    """What ``verify`` says of each file, by name."""
    return {entry.name: verify(entry) for entry in entries}


def faults(states: Mapping[str, str]) -> dict[str, str]:
    """Those of ``states`` whose file is not as published."""
    return {name: state for name, state in states.items() if state not in ("ok", "not fetched")}


def unlisted(path: Path | None = None) -> list[str]:
    """The names of files in the bundled folders that no row speaks of.

    Args:
        path: the manifest; None takes the one that labkit carries.
    """
    path = path or settings.bundled("manifest.json")
    found = (file for folder in FOLDERS for file in (path.parent / folder).rglob("*") if file.is_file())
    return sorted({file.relative_to(path.parent).as_posix() for file in found} - load(path).keys())


def register(file: Path, *, source: str, licence: str, manifest: Path | None = None) -> Entry:
    """Write or renew the row of a bundled file; its size and SHA-256 are measured.

    The same files give the same manifest, byte for byte: rows are sorted by name. It is replaced as a whole,
    so that no reader ever meets half of it.

    Args:
        file: a file below the folder of the manifest.
        source: where it comes from, for people.
        licence: its licence, for people.
        manifest: the manifest; None takes the one that labkit carries.

    Raises:
        ValueError: the file does not lie below the manifest's folder, or the row would not be valid.
    """
    manifest = (manifest or settings.bundled("manifest.json")).resolve()
    file = file.resolve()
    if not file.is_relative_to(manifest.parent):
        raise ValueError(f"got {file}; wanted a file below {manifest.parent}, where bundled files live.")
    name = file.relative_to(manifest.parent).as_posix()
    row = {
        "name": name,
        "kind": "bundled",
        "source": source,
        "licence": licence,
        "size": file.stat().st_size,
        "hash": hash_of(file),
        "mirrors": [],
    }
    if problem := _problem_of(row):
        raise ValueError(f"{file}: {problem}.")
    rows = {**_rows(manifest), name: row}
    text = json.dumps([rows[name] for name in sorted(rows)], indent=2, ensure_ascii=False) + "\n"
    write_atomically(manifest, text)
    return load(manifest)[name]
