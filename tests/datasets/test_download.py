"""Every way in which a download can fail gives the next mirror or a clear error, and never a half file."""

import socket
import time

import pytest
from local_server import (
    LocalServer,
    cut_off,
    file,
    html_page,
    redirect,
    refused_address,
    silent,
    slow,
    status,
)

from labkit.datasets.download import DownloadError, fetch

NAME = "full/some/file.bin"
SHORT = (0.4, 0.4)  # seconds to connect and to wait for bytes


#: how a mirror fails: (behaviour of the body, words that the error must contain)
FAILURES = {
    "cut off": (lambda body: cut_off(body, 9_999), "cut off: got 9,999 of 20,000 bytes"),
    "shorter than listed": (lambda body: file(body[:12_345]), "cut off: got 12,345 of 20,000 bytes"),
    "wrong content": (lambda body: file(body[::-1]), "wrong content: got sha256:"),
    "HTML with status 200": (lambda body: html_page(), "an HTML page instead of the file"),
    "403": (lambda body: status(403), "HTTP 403 Forbidden"),
    "404": (lambda body: status(404), "HTTP 404 Not Found"),
    "500": (lambda body: status(500), "HTTP 500"),
    "503": (lambda body: status(503), "HTTP 503"),
    "redirect loop": (lambda body: redirect("/bad"), "redirected in a circle"),
    "silence": (lambda body: silent(), "time-out"),
    "silence in mid body": (lambda body: silent(body, 10_000), "time-out"),
    "never-ending": (lambda body: file(body * 9), "wrong content: more than the wanted 20,000 bytes"),
    "refused": (None, "connection refused"),
}


@pytest.fixture(params=FAILURES)
def bad(request, body):
    """A server, the address of a mirror that fails, and the words that say how."""
    behaviour, words = FAILURES[request.param]
    with LocalServer({"/good": file(body), "/moved": redirect("/good")}) as server:
        if behaviour:
            server.behaviours["/bad"] = behaviour(body)
        yield server, server.address("/bad") if behaviour else refused_address(), words


def test_a_file_is_fetched_once_and_then_taken_from_the_cache(listed, cache, body, cached):
    with LocalServer({"/good": file(body)}) as server:
        entries = listed(server.address("/good"))
        for _ in range(2):
            path = fetch(NAME, entries=entries)
            assert path == cache / NAME
            assert path.read_bytes() == body
        assert server.requests["/good"] == 1
    assert cached() == ["file.bin"]


def test_the_next_mirror_helps(bad, listed, cached, body):
    server, address, _ = bad
    path = fetch(NAME, entries=listed(address, server.address("/moved")), timeout=SHORT)
    assert path.read_bytes() == body
    assert cached() == ["file.bin"]


def test_without_another_mirror_the_error_says_what_happened_and_what_to_do(bad, listed, cache, cached):
    _, address, words = bad
    with pytest.raises(DownloadError) as caught:
        fetch(NAME, entries=listed(address), timeout=SHORT)
    message = str(caught.value)
    assert f"{address}: {words}" in message
    assert "LABKIT_DATA=sample" in message
    assert str(cache / NAME) in message
    assert "\n" not in caught.value.summary
    assert cached() == []


def test_the_error_lists_every_mirror(listed, cache):
    with LocalServer({"/a": status(404), "/b": html_page()}) as server:
        with pytest.raises(DownloadError) as caught:
            fetch(NAME, entries=listed(server.address("/a"), server.address("/b")))
        assert f"{server.address('/a')}: HTTP 404" in str(caught.value)
        assert f"{server.address('/b')}: an HTML page" in str(caught.value)


def test_an_unknown_host_is_named_as_such(listed, monkeypatch):
    def no_such_host(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_host)
    with pytest.raises(DownloadError, match="host not found"):
        fetch(NAME, entries=listed("http://no-such-host.invalid/file"))


def test_a_file_whose_size_nobody_knows_is_fetched(listed, body):
    with LocalServer({"/good": file(body)}) as server:
        assert fetch(NAME, entries=listed(server.address("/good"), size=None)).read_bytes() == body


def test_a_damaged_file_is_set_aside_and_fetched_anew(listed, cache, body):
    (cache / NAME).parent.mkdir(parents=True)
    (cache / NAME).write_bytes(body[:-1])
    with LocalServer({"/good": file(body)}) as server:
        entries = listed(server.address("/good"))
        with pytest.warns(UserWarning, match=r"file\.bin was damaged: set aside as file\.bin\.damaged"):
            path = fetch(NAME, entries=entries)
    assert path.read_bytes() == body
    assert path.with_name("file.bin.damaged").read_bytes() == body[:-1]


def test_a_file_placed_by_hand_needs_no_network(listed, cache, body):
    (cache / NAME).parent.mkdir(parents=True)
    (cache / NAME).write_bytes(body)
    assert fetch(NAME, entries=listed(refused_address())).read_bytes() == body


def test_an_unknown_name_is_refused_with_the_known_ones(listed):
    with pytest.raises(ValueError, match=r"got 'full/typo'.*full/some/file\.bin"):
        fetch("full/typo", entries=listed("http://127.0.0.1/x"))


def test_the_bar_counts_bytes_and_can_be_silenced(listed, cache, body, capsys, monkeypatch):
    with LocalServer({"/good": file(body)}) as server:
        entries = listed(server.address("/good"))
        fetch(NAME, entries=entries, progress=True)
        assert "20.0k" in capsys.readouterr().err
        (cache / NAME).unlink()
        monkeypatch.setenv("LABKIT_QUIET", "1")
        fetch(NAME, entries=entries)
        assert capsys.readouterr().err == ""


def test_a_slow_mirror_is_given_up_early_and_the_next_one_taken(listed, body):
    with LocalServer({"/slow": slow(body, pieces=20, pause=0.2), "/good": file(body)}) as server:
        entries = listed(server.address("/slow"), server.address("/good"))
        start = time.monotonic()
        assert fetch(NAME, entries=entries, patience=2.0).read_bytes() == body
        assert time.monotonic() - start < 1.5  # not at the end of the patience but well before


def test_a_mirror_that_sends_now_and_then_does_not_outlast_the_patience(listed, cached, body):
    with LocalServer({"/slow": slow(body, pieces=20, pause=0.2)}) as server:
        start = time.monotonic()
        with pytest.raises(DownloadError, match="too slow: .* bytes in"):
            fetch(NAME, entries=listed(server.address("/slow"), size=None), patience=0.6)
        assert time.monotonic() - start < 1.5  # waiting for it would have taken 4 s
    assert cached() == []


def test_without_patience_a_slow_mirror_is_waited_for(listed, body):
    with LocalServer({"/slow": slow(body, pieces=5, pause=0.1)}) as server:
        assert fetch(NAME, entries=listed(server.address("/slow"))).read_bytes() == body
