"""A server on 127.0.0.1 that serves files well or badly, to test downloads without any real host.

with LocalServer({"/good": file(b"..."), "/bad": cut_off(b"...", at=100)}) as server:
    server.address("/good")     # http://127.0.0.1:PORT/good
    server.requests["/good"]    # how often it was asked for
"""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

Behaviour = Callable[[BaseHTTPRequestHandler], None]
LONG = 30.0  # seconds that a silent answer lasts at most; tests time out far earlier


class LocalServer:
    """Serves each path by its behaviour and counts the requests; a context manager."""

    def __init__(self, behaviours: Mapping[str, Behaviour]) -> None:
        self.behaviours = dict(behaviours)
        self.requests: Counter[str] = Counter()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests[self.path] += 1
                with suppress(BrokenPipeError, ConnectionResetError):  # a client may give up at any time
                    outer.behaviours.get(self.path, status(404))(self)

            def log_message(self, *_: object) -> None:
                """Keep the output of the tests clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self._server.closing = threading.Event()  # wakes the silent behaviours

    def address(self, path: str) -> str:
        """The address of a path on this server."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> "LocalServer":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.closing.set()
        self._server.shutdown()
        self._server.server_close()


def _head(handler: BaseHTTPRequestHandler, code: int, **headers: object) -> None:
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), str(value))
    handler.end_headers()


def file(body: bytes, content_type: str = "application/octet-stream") -> Behaviour:
    """The whole file."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, 200, Content_Length=len(body), Content_Type=content_type)
        handler.wfile.write(body)

    return behave


def html_page() -> Behaviour:
    """A log-in page with status 200, as the network of a café or a school sends."""
    return file(b"<!DOCTYPE html>\n<html><body>Please log in</body></html>", "text/html")


def status(code: int) -> Behaviour:
    """Nothing but a status."""
    return lambda handler: _head(handler, code, Content_Length=0)


def redirect(to: str) -> Behaviour:
    """Sends the client to another path."""
    return lambda handler: _head(handler, 302, Location=to, Content_Length=0)


def cut_off(body: bytes, at: int) -> Behaviour:
    """Promises the whole body and closes the line after ``at`` bytes."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, 200, Content_Length=len(body))
        handler.wfile.write(body[:at])
        handler.close_connection = True

    return behave


def silent(body: bytes = b"", at: int = 0) -> Behaviour:
    """Takes the request and says nothing, or stops in the midst of the body after ``at`` bytes."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        if at:
            _head(handler, 200, Content_Length=len(body))
            handler.wfile.write(body[:at])
        handler.server.closing.wait(LONG)

    return behave


def slow(body: bytes, pieces: int, pause: float) -> Behaviour:
    """The whole body in so many pieces with a pause of so many seconds after each."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        _head(handler, 200, Content_Length=len(body))
        step = -(-len(body) // pieces)
        for start in range(0, len(body), step):
            handler.wfile.write(body[start : start + step])
            time.sleep(pause)

    return behave


def refused_address():
    """An address on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/file"
