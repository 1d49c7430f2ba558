"""The processes of a run as the kernel of the machine counts them; nothing they say of themselves is asked."""

import os
import re
import select
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_FIELD = re.compile(r"^(PPid|VmRSS|Threads):\s+(\d+)", re.MULTILINE)
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class _Process:
    number: int
    parent: int
    threads: int
    resident: int  # bytes


class Processes:
    """All processes of a run.

    Args:
        first: id of the sandbox's first process, or of the one that adopts all others where there is no sandbox.
        sealed: whether ``first`` has a namespace of its own.
    """

    def __init__(self, first: int, sealed: bool) -> None:
        self._first, self._sealed = first, sealed
        self._handle = os.pidfd_open(first)  # its id may mean another process one day
        # The sandbox's own /proc, seen from here, lists its processes alone.
        self._listing = Path(f"/proc/{first}/root/proc" if sealed else "/proc")

    def seen(self) -> bool:
        """Whether they can be watched from here at all."""
        return bool(self._all(self._folders()))

    def beyond(self, tasks: int, resident: int) -> str:
        """Which limit they pass: "processes", "memory", or "" for none.

        Args:
            tasks: processes and threads.
            resident: bytes of memory; pages that several processes share count once.
        """
        folders = self._folders()
        if self._sealed and len(folders) > tasks:  # they may multiply faster than each can be looked at
            return "processes"
        every = self._all(folders)
        if sum(process.threads for process in every) > tasks:
            return "processes"
        if sum(process.resident for process in every) <= resident:  # shared pages counted several times
            return ""
        total = 0
        for process in every:
            if self._sealed and len(self._folders()) > tasks:  # a process that forks can be slow to tell its share
                return "processes"
            total += self._share(process)
        return "memory" if total > resident else ""

    def end(self) -> None:
        """Kill them all, and see that none is left."""
        while not self._sealed and (others := [p for p in self._all(self._folders()) if p.number != self._first]):
            for process in others:
                with suppress(ProcessLookupError):
                    os.kill(process.number, signal.SIGKILL)
            time.sleep(0.01)
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        ended = select.poll()
        ended.register(self._handle, select.POLLIN)
        ended.poll()  # the first of a namespace ends when all others there have
        os.close(self._handle)

    def _all(self, folders: list[Path]) -> list[_Process]:
        found = {process.number: process for process in _listed(folders)}
        if self._sealed:
            return list(found.values())
        return [process for process in found.values() if self._descends(process, found)]

    def _descends(self, process: _Process | None, found: dict[int, _Process]) -> bool:
        while process and process.number != self._first:
            process = found.get(process.parent)
        return process is not None

    def _folders(self) -> list[Path]:
        """One for each process that there is, or for each of the machine."""
        try:
            return [path for path in self._listing.iterdir() if path.name.isdigit()]
        except OSError:  # the sandbox is gone
            return []

    def _share(self, process: _Process) -> int:
        try:
            told = _PSS.search((self._listing / str(process.number) / "smaps_rollup").read_text())
        except OSError:  # it is gone, or hides from us, and counts in full
            return process.resident
        return int(told[1]) * 1024 if told else process.resident


def _listed(folders: list[Path]) -> Iterator[_Process]:
    for folder in folders:
        with suppress(OSError):  # this process is gone
            fields = dict(_FIELD.findall((folder / "status").read_text(errors="replace")))
            if "VmRSS" in fields:  # else it has ended, or is one of the machine's own
                resident = int(fields["VmRSS"]) * 1024
                yield _Process(int(folder.name), int(fields["PPid"]), int(fields["Threads"]), resident)
