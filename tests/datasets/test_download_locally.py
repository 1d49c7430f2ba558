"""What the local machine can do to a download: disks that take no file, rivals, sudden death."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from local_server import LocalServer, file, silent, slow

from labkit.datasets.download import DownloadError, fetch

NAME = "full/some/file.bin"


def assert_stops_at_once(server, entries, cache, reason):
    """The disk is named, the second mirror is not troubled, nothing is left behind."""
    with pytest.raises(DownloadError) as caught:
        fetch(NAME, entries=entries)
    assert str(cache) in caught.value.summary
    assert reason in caught.value.summary
    assert "LABKIT_CACHE" in str(caught.value)
    assert server.requests["/second"] == 0


def test_a_cache_that_is_no_folder(two_mirrors, cache):
    cache.write_text("a file stands where the folder should")
    assert_stops_at_once(*two_mirrors, cache, "")
    assert two_mirrors[0].requests["/first"] == 0


def test_a_cache_without_the_right_to_write(two_mirrors, cache):
    cache.mkdir(mode=0o500)
    if os.access(cache, os.W_OK):
        pytest.skip("this user may write everywhere")
    assert_stops_at_once(*two_mirrors, cache, "Permission denied")
    assert two_mirrors[0].requests["/first"] == 0


def test_a_read_only_disk(two_mirrors, cache, mount):
    mount("ro")
    assert_stops_at_once(*two_mirrors, cache, "Read-only file system")
    assert two_mirrors[0].requests["/first"] == 0


def test_a_full_disk(two_mirrors, cache, mount, cached):
    mount("size=16k")
    assert_stops_at_once(*two_mirrors, cache, "No space left on device")
    assert cached() == []


def test_a_disk_that_fills_up_while_the_file_is_renamed(two_mirrors, cache, monkeypatch, cached):
    def full(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    assert_stops_at_once(*two_mirrors, cache, "No space left on device")
    assert cached() == []


def test_a_cached_file_is_read_from_a_read_only_disk(two_mirrors, cache, body, mount):
    mount("size=1m")
    fetch(NAME, entries=two_mirrors[1])
    subprocess.run(["mount", "-o", "remount,ro", cache], check=True)
    assert fetch(NAME, entries=two_mirrors[1]).read_bytes() == body


FETCH = f"""
import sys
from pathlib import Path
from labkit.datasets import download, manifest
print(download.fetch({NAME!r}, entries=manifest.load(Path(sys.argv[1]))))
"""


def fetching_process(tmp_path):
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, tmp_path / "manifest.json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def wait_until(condition):
    for _ in range(1000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came true")


def test_two_processes_fetch_once(listed, cache, body, tmp_path):
    with LocalServer({"/good": slow(body, pieces=10, pause=0.1)}) as server:
        listed(server.address("/good"))
        both = [fetching_process(tmp_path) for _ in range(2)]
        for process in both:
            answer, _ = process.communicate()
            assert answer.strip() == str(cache / NAME)
        assert server.requests["/good"] == 1
    assert (cache / NAME).read_bytes() == body


def test_threads_fetch_once(listed, body):
    with LocalServer({"/good": slow(body, pieces=2, pause=0.1)}) as server, ThreadPoolExecutor(4) as pool:
        entries = listed(server.address("/good"))
        paths = list(pool.map(lambda _: fetch(NAME, entries=entries), range(4)))
        assert len(set(paths)) == 1
        assert server.requests["/good"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
@pytest.mark.parametrize("blow", ["SIGKILL", "SIGINT"])
def test_an_interrupted_download_leaves_no_half_file_and_the_next_one_succeeds(
    listed, cache, body, tmp_path, blow, cached
):
    with LocalServer({"/good": silent(body, at=10_000)}) as server:
        entries = listed(server.address("/good"))
        process = fetching_process(tmp_path)
        wait_until(lambda: any(path.stat().st_size for path in cache.rglob("*.part")))
        process.send_signal(getattr(signal, blow))
        process.communicate()
        assert not (cache / NAME).exists()
        server.behaviours["/good"] = file(body)
        assert fetch(NAME, entries=entries).read_bytes() == body
    assert cached() == ["file.bin"]


def test_a_lock_held_too_long_ends_the_patience(listed, tmp_path, body):
    with LocalServer({"/good": silent(body, at=10)}) as server:
        entries = listed(server.address("/good"))
        process = fetching_process(tmp_path)
        try:
            wait_until(lambda: server.requests["/good"])
            start = time.monotonic()
            with pytest.raises(DownloadError, match="still being fetched by another process"):
                fetch(NAME, entries=entries, patience=0.2)
            assert time.monotonic() - start < 1.0
        finally:
            process.kill()
            process.communicate()
