"""A cache folder and a manifest for tests of downloads."""

import hashlib
import json
import os
import subprocess
import sys

import pytest
from local_server import LocalServer, file

from labkit.datasets import manifest


@pytest.fixture
def body():
    """20,000 bytes that do not repeat."""
    return b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(625))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder of this test; the local server is asked without any proxy."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def cached(cache):
    """A function: the names of the files in the cache, but for the lock."""
    return lambda: sorted(path.name for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock")


@pytest.fixture
def listed(tmp_path, cache, body):
    """A function: addresses -> the entries of a manifest with one remote file, ``body``, at these mirrors."""

    def make(*mirrors, size=20_000):
        row = {
            "name": "full/some/file.bin",
            "kind": "remote",
            "source": "a test",
            "licence": "none",
            "size": size,
            "hash": f"sha256:{hashlib.sha256(body).hexdigest()}",
            "mirrors": list(mirrors),
        }
        (tmp_path / "manifest.json").write_text(json.dumps([row]))
        return manifest.load(tmp_path / "manifest.json")

    return make


@pytest.fixture
def two_mirrors(listed, body):
    with LocalServer({"/first": file(body), "/second": file(body)}) as server:
        yield server, listed(server.address("/first"), server.address("/second"))


@pytest.fixture
def mount(cache):
    """A function: options -> the cache is a small file system in memory, where this system lets us mount one."""

    def make(options):
        cache.mkdir()
        if sys.platform != "linux" or os.geteuid() != 0:
            pytest.skip("only root mounts a file system")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", cache], capture_output=True)
        if done.returncode != 0:
            pytest.skip("this system lets nobody mount a file system")

    yield make
    subprocess.run(["umount", cache], check=False, capture_output=True)
