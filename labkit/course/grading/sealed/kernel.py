"""The kernel of one run, from its start to the end of its last process."""

import math
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import zmq
from jupyter_client.manager import KernelManager

from labkit.course.grading.sealed.channels import Channels
from labkit.course.grading.sealed.provisioner import SealedProvisioner, SealedSpecs
from labkit.course.grading.sealed.task import Limits

_MB = 2**20
_INTERRUPTED_FOR = 2.0  # seconds in which an interrupt must have worked
_LOOKS_EVERY = 0.02
_OUTPUT_COMES_WITHIN = 5.0  # seconds after the reply, from a kernel that does not say that it is idle
_SLACK = 1.5  # base64 and quotes


class Ended(Exception):  # noqa: N818 - most runs that end so are no error of ours
    """The run is over before its last step; ``kind`` and ``detail`` as in ``Outcome``."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind, self.detail = kind, detail


class Kernel:
    """A kernel under watch, as a context: it starts on entry, and no process is left on exit.

    Args:
        framework: "torch" or "keras".
        limits: of the run.
        unsafe: without a sandbox.

    Raises:
        Ended: a limit was passed, or the kernel is gone; from ``reply`` and on entry.
    """

    def __init__(self, framework: str, limits: Limits, unsafe: bool) -> None:
        self._limits, self._deadline = limits, time.monotonic() + limits.total_seconds
        self._next_look, self._started = 0.0, False
        # Short, because a socket's path has at most 107 letters.
        self._door = Path(tempfile.mkdtemp(prefix="labkit-", dir="/tmp"))
        self._folder = Path(tempfile.mkdtemp(prefix="labkit-unsafe-")) if unsafe else None
        self._context = zmq.Context()
        largest = max(limits.output_mb, _SLACK * limits.answer_mb) + 1
        # What a socket holds before we have counted it.
        self._context.setsockopt(zmq.MAXMSGSIZE, int(largest * _MB))
        self._context.setsockopt(zmq.RCVHWM, 20)
        self._context.setsockopt(zmq.RECONNECT_IVL, 10)
        self._manager = KernelManager(
            context=self._context,
            transport="ipc",
            connection_file=str(self._door / "kernel.json"),
            kernel_spec_manager=SealedSpecs(limits=limits, framework=framework, folder=str(self._folder or "")),
        )

    def __enter__(self) -> "Kernel":
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        provisioner = self._manager.provisioner
        if isinstance(provisioner, SealedProvisioner) and provisioner.process:
            provisioner.end()
        self._manager.cleanup_resources()
        self._context.destroy(linger=0)
        for folder in filter(None, (self._door, self._folder)):
            shutil.rmtree(folder, ignore_errors=True)

    def execute(self, code: str, expressions: dict[str, str] | None = None) -> str:
        """Begin to run a piece of code, and then to evaluate expressions; the request's id."""
        content = {
            "code": code,
            "silent": expressions is not None,
            "store_history": False,
            "user_expressions": expressions or {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        return self._channels.request("execute_request", content)

    def reply(self, request: str, seconds: float) -> dict[str, Any]:
        """Wait for the reply; what runs longer than so many seconds is interrupted, and ended if that is of no use.

        What the request printed comes another way and maybe later. It is waited for, so that it counts here and not
        for whatever is asked next.
        """
        found: dict[str, Any] | None = None
        interrupt_at, end_at, quiet_at = time.monotonic() + seconds, None, math.inf
        while True:
            came = self._channels.take(request if found is None else None, _LOOKS_EVERY)
            self._watch()
            now = time.monotonic()
            if came is not None:
                found, quiet_at = came, now + _OUTPUT_COMES_WITHIN
            if found is not None:
                if request in self._channels.rested or now > quiet_at:
                    return found
            elif end_at is None and now > interrupt_at:
                self._channels.interrupt()
                end_at = now + _INTERRUPTED_FOR
            elif end_at is not None and now > end_at:
                raise Ended("time", f"a step ran longer than {seconds:g} s and did not stop when it was interrupted")

    def settle(self, seconds: float) -> None:
        """Wait until the kernel rests, so that no reply is still under way."""
        self.reply(self._channels.request("kernel_info_request", {}), seconds)

    @property
    def answered_twice(self) -> set[str]:
        """Ids of requests that got more than one reply."""
        return self._channels.twice

    def _start(self) -> None:
        self._manager.start_kernel()
        provisioner = self._manager.provisioner
        assert isinstance(provisioner, SealedProvisioner)
        self._process, self._processes = provisioner.started, provisioner.processes
        self._channels = Channels(self._manager, provisioner.errors)
        request, told = self._channels.request("kernel_info_request", {}), None
        while told is None or not self._channels.open:
            told = self._channels.take(request, _LOOKS_EVERY) or told
            self._watch()
        if not self._processes.seen():
            raise Ended("start", "the processes of the run cannot be watched, so no limit on them could be kept")
        # All sockets are connected and need no path any more. In a folder that is gone nobody can make a file, so that
        # from here on nothing in the sandbox can be written to this machine's disk.
        shutil.rmtree(self._door)
        self._started = True

    def _watch(self) -> None:
        """See that all limits are kept."""
        limits, channels, now = self._limits, self._channels, time.monotonic()
        if now > self._deadline:
            raise Ended("time", f"the whole run took longer than {limits.total_seconds:g} s")
        if channels.received > limits.output_mb * _MB:
            raise Ended("output", f"more than {limits.output_mb:g} MB were printed or displayed")
        if self._process.poll() is not None or channels.lost:
            raise self._gone()
        if now < self._next_look:
            return
        self._next_look = now + _LOOKS_EVERY
        match self._processes.beyond(limits.processes, limits.memory_mb * _MB):
            case "processes":
                raise Ended("processes", f"there were more than {limits.processes} processes and threads")
            case "memory":
                raise Ended("memory", f"more than {limits.memory_mb} MB of memory were in use")
        if self._folder and _size(self._folder) > limits.disk_mb * _MB:  # the sandbox's own has a size
            raise Ended("disk", f"more than {limits.disk_mb} MB of files were written")

    def _gone(self) -> Ended:
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            return Ended("output", "a message larger than all limits was sent, or the connection was cut")
        if not self._started:
            said = self._channels.errors.decode(errors="replace").strip()
            return Ended("start", f"the kernel did not start: {said or f'it ended with {code}'}")
        return Ended("exit", f"the kernel is gone: it ended with {code}")


def _size(folder: Path) -> int:
    """Bytes of all files in a folder; one that goes away meanwhile does not count."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(parent, name).lstat().st_size
    return total
