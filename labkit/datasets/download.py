"""The one way by which data come into the cache, and the choice between the full data and the sample.

The order of the code is the promise: lock, mirror after mirror, temporary file, hash, rename. Under the final
name stands the whole file with the right hash, or nothing.
"""

import math
import queue
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import requests

from labkit import settings
from labkit.datasets import manifest
from labkit.datasets.manifest import Entry
from labkit.datasets.transfer import MirrorError, transfer

#: Seconds to wait for a connection, and for the next bytes of an answer.
TIMEOUT = (5.0, 20.0)
#: Seconds after which a download gives way to the sample where the source is "auto".
PATIENCE = 90.0
#: Seconds within which a mirror must answer to count as reachable.
ANSWER_WITHIN = 3.0


class DownloadError(OSError):
    """A file could not be brought into the cache.

    Attributes:
        summary: the reason in one line; the message adds what each mirror did and what to do.
    """

    def __init__(self, summary: str, details: str) -> None:
        super().__init__(f"{summary}\n{details}")
        self.summary = summary


@dataclass(frozen=True)
class Choice:
    """Which data are taken.

    Attributes:
        source: "sample" or "full".
        why: one line for people.
    """

    source: str
    why: str


def obtain(
    wanted: str,
    names: Sequence[str],
    *,
    entries: Mapping[str, Entry] | None = None,
    patience: float = PATIENCE,
    answer_within: float = ANSWER_WITHIN,
) -> tuple[Choice, list[Path]]:
    """Choose the source of the data and see to it that its files are there.

    Args:
        wanted: "sample", "full" or "auto", see ``choose``.
        names: the remote files that the full data consist of.
        entries: the manifest; None takes the one that labkit carries.
        patience: seconds for all files together. When they are over, "auto" takes the sample; "full" waits.
        answer_within: seconds within which a mirror must answer.

    Returns:
        The choice, and the paths of the files in the order of ``names``: none where the choice is the sample.

    Raises:
        DownloadError: "full" is wanted and cannot be had.
    """
    start = time.monotonic()
    choice = choose(wanted, names, entries=entries, answer_within=answer_within)
    if choice.source == "sample":
        return choice, []
    try:
        return choice, [
            fetch(
                name,
                entries=entries,
                patience=start + patience - time.monotonic() if wanted == "auto" else None,
            )
            for name in names
        ]
    except DownloadError as error:
        if wanted == "full":
            raise
        return Choice("sample", f"Sample data: {error.summary}"), []


def choose(
    wanted: str,
    names: Sequence[str],
    *,
    entries: Mapping[str, Entry] | None = None,
    answer_within: float = ANSWER_WITHIN,
) -> Choice:
    """Say which source would be taken, without downloading anything.

    "sample" and "full" are taken at their word. "auto" is full where every file is cached or the network
    answers within seconds, else the sample.

    Raises:
        ValueError: ``wanted`` is none of the three.
    """
    if wanted not in settings.SOURCES:
        raise ValueError(f"got {wanted!r}; wanted one of {', '.join(settings.SOURCES)}.")
    if wanted != "auto":
        return Choice(wanted, f"{wanted.capitalize()} data, as asked for.")
    missing = [name for name in names if manifest.verify(_remote(name, entries)) != "ok"]
    if not missing:
        return Choice("full", "Full data: found in the cache.")
    for name in missing:
        if not reachable(name, answer_within, entries=entries):
            return Choice("sample", f"Sample data: no mirror of {name} answered within {answer_within:g} s.")
    return Choice("full", "Full data: not cached yet, but a mirror answers.")


def reachable(name: str, seconds: float = ANSWER_WITHIN, *, entries: Mapping[str, Entry] | None = None) -> bool:
    """Whether some mirror of a remote file offers it within that many seconds."""
    deadline = time.monotonic() + seconds
    answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
    mirrors = _remote(name, entries).mirrors
    for address in mirrors:
        # Daemons, because a look-up of a host name obeys no time-out: what comes late is not waited for.
        threading.Thread(target=lambda a=address: answers.put(_offers(a, seconds)), daemon=True).start()
    for _ in mirrors:
        try:
            if answers.get(timeout=max(0.0, deadline - time.monotonic())):
                return True
        except queue.Empty:
            return False
    return False


def _offers(address: str, seconds: float) -> bool:
    try:
        # One byte by GET, because some hosts answer no HEAD.
        with requests.get(address, headers={"Range": "bytes=0-0"}, stream=True, timeout=seconds) as response:
            return response.ok
    except requests.RequestException:
        return False


def fetch(
    name: str,
    *,
    entries: Mapping[str, Entry] | None = None,
    timeout: tuple[float, float] = TIMEOUT,
    progress: bool | None = None,
    patience: float | None = None,
) -> Path:
    """The path of a remote file in the cache; where it is not there it is downloaded first.

    A cached file whose hash is wrong is renamed to NAME.damaged, with a warning, and fetched anew.

    Args:
        name: the file's name in the manifest.
        entries: the manifest; None takes the one that labkit carries.
        timeout: seconds to wait for a connection and for the next bytes.
        progress: whether to show a bar; None shows it unless ``settings.quiet()``.
        patience: seconds for all mirrors together; a mirror too slow for that is given up after its first
            seconds. None waits as long as bytes arrive.

    Raises:
        DownloadError: no mirror gave the file, or the cache folder cannot take it.
        ValueError: the manifest has no remote file of this name.
    """
    entry = _remote(name, entries)
    if manifest.verify(entry) == "ok":
        return entry.path
    deadline = math.inf if patience is None else time.monotonic() + patience
    show = not settings.quiet() if progress is None else progress
    failures = {}
    with _writable_cache(entry), _lock(entry, deadline):
        if manifest.verify(entry) == "ok":  # whoever held the lock before has fetched it
            return entry.path
        _set_aside_damaged(entry)
        for address in entry.mirrors:
            try:
                return transfer(entry, address, timeout, deadline, show)
            except MirrorError as error:
                failures[address] = str(error)
    raise DownloadError(
        f"{name} could not be downloaded: {'; '.join(dict.fromkeys(failures.values()))}.",
        "\n".join(f"  {address}: {failure}" for address, failure in failures.items())
        + "\nTry again, or from another network; or work on the sample (LABKIT_DATA=sample); "
        + f"or get the file another way and place it at {entry.path}",
    )


def _remote(name: str, entries: Mapping[str, Entry] | None) -> Entry:
    known = manifest.load() if entries is None else entries
    if name not in known or known[name].kind != "remote":
        names = ", ".join(n for n, entry in known.items() if entry.kind == "remote")
        raise ValueError(f"got {name!r}; wanted the name of a remote file, one of: {names}.")
    return known[name]


@contextmanager
def _writable_cache(entry: Entry) -> Iterator[None]:
    """Turn trouble with the local disk into one clear error at once: no other mirror would help."""
    try:
        entry.path.parent.mkdir(parents=True, exist_ok=True)
        yield
    except DownloadError:
        raise
    except OSError as error:
        raise DownloadError(
            f"The cache folder {entry.folder} cannot take {entry.name}: {error.strerror or error}.",
            "Make room or get the right to write there, or name another folder by the environment variable "
            "LABKIT_CACHE.",
        ) from error


@contextmanager
def _lock(entry: Entry, deadline: float) -> Iterator[None]:
    """The right to write this file: of two processes that want it, one fetches and the other waits."""
    lock = filelock.FileLock(entry.path.with_name(entry.path.name + ".lock"))
    seconds = -1 if deadline == math.inf else max(0.0, deadline - time.monotonic())  # -1: for ever
    try:
        held = lock.acquire(timeout=seconds)
    except filelock.Timeout:
        raise DownloadError(
            f"{entry.name} is still being fetched by another process.",
            f"It holds {lock.lock_file}: let it end.",
        ) from None
    with held:
        yield


def _set_aside_damaged(entry: Entry) -> None:
    if not entry.path.exists():
        return
    aside = entry.path.with_name(entry.path.name + ".damaged")
    entry.path.replace(aside)
    warnings.warn(f"{entry.path} was damaged: set aside as {aside.name} and fetched anew.", stacklevel=3)
