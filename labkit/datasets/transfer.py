"""One attempt to bring one file from one mirror: temporary file, hash, rename; failures in words."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import requests
from tqdm import tqdm
from urllib3.exceptions import IncompleteRead

from labkit.datasets.manifest import Entry, hash_of

_CHUNK = 1024  # bytes; requests waits for a whole chunk, so a small one shows a slow line soon
_PACE_AFTER = 3.0  # seconds of transfer that tell how fast a line is


class MirrorError(Exception):
    """A mirror did not give the file; the text says why, in a few words."""


def transfer(entry: Entry, address: str, timeout: tuple[float, float], deadline: float, show: bool) -> Path:
    """Download a file into its place in the cache. The caller holds the file's lock.

    Args:
        entry: the file.
        address: the mirror.
        timeout: seconds to wait for a connection and for the next bytes.
        deadline: when to have the file, on the clock ``time.monotonic``; ``math.inf`` waits.
        show: whether to show a progress bar.

    Raises:
        MirrorError: this mirror failed, another may do.
        OSError: the local disk failed.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise MirrorError("not tried, the time was over")
    to_connect, to_read = (min(seconds, left) for seconds in timeout)
    part = entry.path.with_name(entry.path.name + ".part")
    try:
        with (
            part.open("wb") as file,
            tqdm(
                total=entry.size,
                desc=entry.path.name,
                unit="B",
                unit_scale=True,
                disable=not show,
                leave=False,
            ) as bar,
            requests.get(address, stream=True, timeout=(to_connect, to_read)) as response,
        ):
            response.raise_for_status()
            meter = _Meter(file, bar, entry.size, deadline)
            for chunk in response.iter_content(_CHUNK):
                meter.write(chunk)
        if problem := _problem_of(part, entry):
            raise MirrorError(problem)
        part.replace(entry.path)
    except requests.RequestException as error:
        raise MirrorError(_in_words(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return entry.path


class _Meter:
    """A file to write to that moves the bar and gives up when the deadline cannot be met."""

    def __init__(self, file: IO[bytes], bar: tqdm, size: int | None, deadline: float) -> None:
        self.file, self.bar, self.size, self.deadline = file, bar, size, deadline
        self.start, self.received = time.monotonic(), 0
        self.pace_known = self.start + min(_PACE_AFTER, (deadline - self.start) / 4)

    def write(self, data: bytes) -> None:
        self.received += len(data)
        if self.size is not None and self.received > self.size:  # it might never end, and fill the disk
            raise MirrorError(f"wrong content: more than the wanted {self.size:,} bytes")
        self.file.write(data)
        self.bar.update(len(data))
        if self._expected_end() > self.deadline:
            seconds = time.monotonic() - self.start
            raise MirrorError(f"too slow: {self.received:,} bytes in {seconds:.1f} s")

    def _expected_end(self) -> float:
        now = time.monotonic()
        if self.size is None or now < self.pace_known:
            return now
        return now + (self.size - self.received) * (now - self.start) / self.received


def _problem_of(part: Path, entry: Entry) -> str | None:
    """Why a downloaded file is not the wanted one, or None."""
    got = hash_of(part, entry.hash.partition(":")[0])
    if got == entry.hash:
        return None
    with part.open("rb") as file:
        head = file.read(512).lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return "an HTML page instead of the file, perhaps the log-in page of this network"
    size = part.stat().st_size
    if entry.size is not None and size < entry.size:
        return _cut_off(size, entry.size)
    return f"wrong content: got {got}, wanted {entry.hash}"


def _cut_off(got: int, wanted: int) -> str:
    return f"cut off: got {got:,} of {wanted:,} bytes"


def _in_words(error: requests.RequestException) -> str:
    """What happened, for people; requests hides the cause some exceptions deep."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"HTTP {error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.TooManyRedirects):
        return "redirected in a circle"
    if isinstance(error, requests.exceptions.SSLError):
        return "no trusted connection (SSL)"
    for cause in _causes(error):
        if isinstance(cause, IncompleteRead):
            got, missing = int(cause.partial), int(cause.expected or 0)
            return _cut_off(got, got + missing)
        if isinstance(cause, socket.gaierror):
            return "host not found, perhaps no network"
        if isinstance(cause, ConnectionRefusedError):
            return "connection refused"
        if isinstance(cause, TimeoutError):
            return "time-out: no answer, or silence in the midst of it"
    return f"connection lost ({type(error).__name__}: {error})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
