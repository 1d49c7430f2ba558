"""Full data or the sample: chosen within seconds, told in one line, and no class is left waiting."""

import socket
import time

import pytest
from local_server import LocalServer, file, html_page, redirect, refused_address, silent, slow, status

from labkit.datasets.download import DownloadError, choose, obtain, reachable

NAME = "full/some/file.bin"


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        (file(b"x"), True),
        (redirect("/good"), True),
        (status(403), False),
        (status(404), False),
        (silent(), False),
    ],
    ids=["good", "moved", "403", "404", "silent"],
)
def test_reachable_is_what_answers_in_time(listed, behaviour, expected):
    with LocalServer({"/it": behaviour, "/good": file(b"x")}) as server:
        start = time.monotonic()
        assert reachable(NAME, 0.5, entries=listed(server.address("/it"))) is expected
        assert time.monotonic() - start < 1.0


def test_one_mirror_that_answers_is_enough(listed):
    with LocalServer({"/good": file(b"x"), "/dead": silent()}) as server:
        mirrors = refused_address(), server.address("/dead"), server.address("/good")
        assert reachable(NAME, 2.0, entries=listed(*mirrors))


def test_reachable_does_not_wait_for_a_slow_name_look_up(listed, monkeypatch):
    def late(*_, **__):
        time.sleep(1.0)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", late)
    start = time.monotonic()
    assert not reachable(NAME, 0.2, entries=listed("http://no-such-host.invalid/file"))
    assert time.monotonic() - start < 0.8


def test_auto_takes_the_cache_without_asking_the_network(listed, cache, body):
    (cache / NAME).parent.mkdir(parents=True)
    (cache / NAME).write_bytes(body)
    with LocalServer({"/good": file(body)}) as server:
        choice, paths = obtain("auto", [NAME], entries=listed(server.address("/good")))
        assert (choice.source, paths) == ("full", [cache / NAME])
        assert "found in the cache" in choice.why
        assert server.requests["/good"] == 0


def test_auto_downloads_where_a_mirror_answers(listed, cache, body):
    with LocalServer({"/good": file(body)}) as server:
        choice, paths = obtain("auto", [NAME], entries=listed(server.address("/good")))
    assert (choice.source, paths) == ("full", [cache / NAME])
    assert paths[0].read_bytes() == body


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (lambda body: silent(), "no mirror of full/some/file.bin answered within 0.3 s"),
        (lambda body: html_page(), "an HTML page instead of the file"),
        (lambda body: slow(body, pieces=20, pause=0.2), "too slow"),
    ],
    ids=["dead", "log-in page", "slow"],
)
def test_auto_falls_back_to_the_sample_and_says_why_in_one_line(listed, cached, body, behaviour, reason):
    with LocalServer({"/it": behaviour(body)}) as server:
        entries = listed(server.address("/it"))
        choice, paths = obtain("auto", [NAME], entries=entries, patience=1.0, answer_within=0.3)
    assert (choice.source, paths) == ("sample", [])
    assert reason in choice.why
    assert "\n" not in choice.why
    assert cached() == []


def test_auto_falls_back_to_the_sample_where_the_cache_cannot_be_written(two_mirrors, cache):
    cache.write_text("a file stands where the folder should")
    choice, _ = obtain("auto", [NAME], entries=two_mirrors[1])
    assert choice.source == "sample"
    assert str(cache) in choice.why


def test_full_is_full_or_an_error(listed, body):
    with LocalServer({"/it": status(503)}) as server:
        entries = listed(server.address("/it"))
        with pytest.raises(DownloadError, match="HTTP 503"):
            obtain("full", [NAME], entries=entries)
        server.behaviours["/it"] = file(body)
        choice, paths = obtain("full", [NAME], entries=entries)
        assert choice.source == "full"
        assert paths[0].read_bytes() == body


def test_sample_asks_nobody(listed):
    assert obtain("sample", [NAME], entries=listed(refused_address()))[0].source == "sample"


def test_another_word_is_refused(listed):
    with pytest.raises(ValueError, match="got 'ful'; wanted one of auto, sample, full"):
        obtain("ful", [NAME], entries=listed(refused_address()))


def test_choosing_alone_downloads_nothing(listed, cached, body):
    with LocalServer({"/good": file(body)}) as server:
        assert choose("auto", [NAME], entries=listed(server.address("/good"))).source == "full"
    assert cached() == []
