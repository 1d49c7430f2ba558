"""The kernel's sockets as a wary reader takes them: everything is counted, next to nothing is kept.

What a kernel prints and displays is dropped as it comes in. Of the replies only the one that is waited for is read,
and of the rest only that the kernel is idle again: by then all that a request printed has come.
Signatures are not looked at: whoever runs beside the kernel can read its key.
"""

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import zmq
from jupyter_client.manager import KernelManager
from zmq.utils.monitor import recv_monitor_message

_DELIMITER = b"<IDS|MSG>"
_AT_A_TIME = 50  # messages; between, others get their turn
_LARGEST_HEADER, _MOST_PARTS = 2**16, 1_000_000
_MOST_ERRORS = 4000
_MADE, _LOST = zmq.Event.HANDSHAKE_SUCCEEDED, zmq.Event.DISCONNECTED


class Channels:
    """The sockets for requests, control and output, and the standard error.

    Attributes:
        received: bytes of all that came, without the replies that were waited for.
        errors: how the standard error began.
        rested: ids of requests after which the kernel was idle; as it says, so no more than a hint.
        lost: whether a socket was cut on the other side, as it is by a message of more than the context's limit.
        twice: ids of requests that were answered again after their reply.
    """

    def __init__(self, manager: KernelManager, errors: IO[bytes]) -> None:
        self._session = manager.session
        self._shell = manager.connect_shell()
        self._control = manager.connect_control()
        self._output = manager.connect_iopub()
        self._dropped = (self._control, self._output)
        self._errors = errors.fileno()
        os.set_blocking(self._errors, False)
        self._monitors = [s.get_monitor_socket(_MADE | _LOST) for s in (self._shell, *self._dropped)]
        self._poller = zmq.Poller()
        for source in (self._shell, *self._dropped, *self._monitors, self._errors):
            self._poller.register(source, zmq.POLLIN)
        self._made = 0
        self.received, self.errors, self.lost = 0, b"", False
        self.rested: set[str] = set()
        self.twice: set[str] = set()

    @property
    def open(self) -> bool:
        """Whether every socket has found the kernel's."""
        return self._made >= len(self._monitors)

    def request(self, kind: str, content: dict[str, Any]) -> str:
        """Send a request; its id."""
        return str(self._session.send(self._shell, kind, content)["header"]["msg_id"])

    def interrupt(self) -> None:
        """Ask the kernel to interrupt what it runs."""
        self._session.send(self._control, "interrupt_request", {})

    def take(self, request: str | None, seconds: float) -> dict[str, Any] | None:
        """Wait for whatever comes next, and drop it unless it is the reply to this request.

        Args:
            request: its id; None once its reply has come, so that a second one is told from it.
            seconds: after which nothing is waited for.

        Returns:
            What the reply holds, {} if that cannot be read; None if it has not come yet.
        """
        ready = {source for source, _ in self._poller.poll(round(seconds * 1000))}
        for monitor in ready.intersection(self._monitors):
            self._note_connections(monitor)
        if self._errors in ready:
            self._read_errors()
        for socket in ready.intersection(self._dropped):
            for frames in _messages(socket):
                self.received += sum(map(len, frames))
                if socket is self._output:
                    self.rested.add(_idle_after(frames))
        found = None
        for frames in _messages(self._shell) if self._shell in ready else ():
            if found is None and _answered(frames) == request:
                found = _content(frames)
            else:
                self.received += sum(map(len, frames))
                self.twice.add(_answered(frames))
        return found

    def _note_connections(self, monitor: zmq.Socket[bytes]) -> None:
        while monitor.poll(0):
            event = recv_monitor_message(monitor)["event"]
            self._made += event == _MADE
            self.lost |= event == _LOST

    def _read_errors(self) -> None:
        said = b""
        with suppress(BlockingIOError):
            said = os.read(self._errors, 2**16)
        if not said:  # closed on the other side, which would be ready for ever
            self._poller.unregister(self._errors)
        self.received += len(said)
        self.errors = (self.errors + said)[:_MOST_ERRORS]


def _messages(socket: zmq.Socket[bytes]) -> Iterator[list[bytes]]:
    """What has come, but not for ever."""
    with suppress(zmq.Again):
        for _ in range(_AT_A_TIME):
            yield socket.recv_multipart(zmq.NOBLOCK)


def _answered(frames: list[bytes]) -> str:
    """The id of the request that a message answers; "" if it is no reply, or none that can be read."""
    kind, request = _kind_and_request(frames)
    return request if kind.endswith("_reply") else ""


def _idle_after(frames: list[bytes]) -> str:
    """The id of the request after which a kernel says that it is idle; "" if it says something else."""
    kind, request = _kind_and_request(frames)
    return request if kind == "status" and _content(frames).get("execution_state") == "idle" else ""


def _kind_and_request(frames: list[bytes]) -> tuple[str, str]:
    """What kind of message this is, and the id of the request that it belongs to; "" twice if it cannot be read."""
    try:
        place = frames.index(_DELIMITER)
        header, parent = frames[place + 2], frames[place + 3]
        if max(len(header), len(parent)) > _LARGEST_HEADER:
            return "", ""
        return str(json.loads(header)["msg_type"]), str(json.loads(parent)["msg_id"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return "", ""


def _content(frames: list[bytes]) -> dict[str, Any]:
    try:
        content = frames[frames.index(_DELIMITER) + 5]
        small = content.count(b",") + content.count(b"[") + content.count(b"{") <= _MOST_PARTS
        read = json.loads(content) if small else {}
    except (ValueError, LookupError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
