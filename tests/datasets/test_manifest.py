"""The manifest tells the truth about every file, and a wrong row is refused by its name."""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from labkit.datasets import manifest

ROW = {
    "name": "full/some/file.bin",
    "kind": "remote",
    "source": "a test",
    "licence": "none",
    "size": 3,
    "hash": "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",  # of b"abc"
    "mirrors": ["https://example.org/file.bin"],
}


def written(folder, *rows):
    path = folder / "manifest.json"
    path.write_text(json.dumps(list(rows)))
    return path


@pytest.fixture
def data(tmp_path):
    """A folder like data/: an empty manifest and one sample."""
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "a.txt").write_bytes(b"abc")
    written(tmp_path)
    return tmp_path


def test_every_bundled_file_is_listed_and_whole():
    entries = manifest.load()
    assert {name: manifest.verify(e) for name, e in entries.items() if e.kind == "bundled"} == {
        name: "ok" for name, e in entries.items() if e.kind == "bundled"
    }
    assert manifest.unlisted() == []


def test_the_rows_of_imdb_are_those_of_the_installed_keras():
    keras = importlib.util.find_spec("keras")  # found, not imported
    if keras is None:
        pytest.skip("Keras is not installed")
    text = (Path(keras.origin).parent / "src" / "datasets" / "imdb.py").read_text()
    for name, entry in manifest.load().items():
        if name.startswith("full/imdb/"):
            assert entry.hash.partition(":")[2] in text
            folder, _, file = entry.mirrors[0].rpartition("/")
            assert f"{folder}/" in text
            assert file in text


def test_remote_files_lie_in_the_cache_and_bundled_ones_beside_the_manifest(tmp_path, monkeypatch):
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    bundled = {**ROW, "name": "samples/a.txt", "kind": "bundled", "mirrors": []}
    entries = manifest.load(written(tmp_path, ROW, bundled))
    assert entries[ROW["name"]].path == tmp_path / "cache" / "full/some/file.bin"
    assert entries["samples/a.txt"].path == tmp_path / "samples/a.txt"


@pytest.mark.parametrize("digest", [ROW["hash"], "md5:900150983cd24fb0d6963f7d28e17f72"])
def test_verify_tells_the_states_apart(tmp_path, monkeypatch, digest):
    monkeypatch.setenv("LABKIT_CACHE", str(tmp_path / "cache"))
    bundled = {**ROW, "name": "samples/a.txt", "kind": "bundled", "mirrors": [], "hash": digest}
    remote, local = manifest.load(written(tmp_path, {**ROW, "hash": digest}, bundled)).values()
    assert manifest.verify(remote) == "not fetched"
    assert manifest.verify(local) == "missing"
    for entry in (remote, local):
        entry.path.parent.mkdir(parents=True)
        entry.path.write_bytes(b"abc")
        assert manifest.verify(entry) == "ok"
        entry.path.write_bytes(b"abd")
        assert re.fullmatch(f"damaged: got {digest.split(':')[0]}:.*, wanted {digest}", manifest.verify(entry))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "../etc/passwd"}, "without '..'"),
        ({"name": "/etc/passwd"}, "relative"),
        ({"name": "full\\file"}, "with '/'"),
        ({"name": "full//file"}, "wanted a name like"),
        ({"name": 3}, "got name 3; wanted a text"),
        ({"licence": " "}, "got licence ' '"),
        ({"kind": "local"}, "got kind 'local'; wanted bundled or remote"),
        ({"size": "3"}, "got size '3'"),
        ({"size": True}, "got size True"),
        ({"size": -1}, "got size -1"),
        ({"hash": "sha256:123"}, "got hash 'sha256:123'"),
        ({"hash": ROW["hash"].upper()}, "lower-case"),
        ({"mirrors": []}, "got 0 mirrors"),
        ({"mirrors": ["file:///etc/passwd"]}, "wanted a list of http or https addresses"),
        ({"kind": "bundled"}, "got 1 mirrors"),
        ({"colour": "red"}, "wanted an object with exactly name, kind"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path, change, words):
    with pytest.raises(ValueError, match="row 2") as caught:
        manifest.load(written(tmp_path, {**ROW, "name": "full/first"}, {**ROW, **change}))
    assert words in str(caught.value)


def test_two_rows_of_one_name_are_refused(tmp_path):
    with pytest.raises(ValueError, match="row 2.*earlier row"):
        manifest.load(written(tmp_path, ROW, ROW))


def test_a_manifest_that_is_no_list_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(ValueError, match="got a JSON dict; wanted a list"):
        manifest.load(tmp_path / "manifest.json")


def test_register_measures_sorts_and_repeats_itself(data):
    (data / "checkpoints").mkdir()
    (data / "checkpoints" / "net.bin").write_bytes(b"xyz")
    path = written(data, ROW)
    assert manifest.unlisted(path) == ["checkpoints/net.bin", "samples/a.txt"]
    for file in ("samples/a.txt", "checkpoints/net.bin"):
        entry = manifest.register(data / file, source="a test", licence="none", manifest=path)
        assert manifest.verify(entry) == "ok"
    first = path.read_bytes()
    manifest.register(data / "samples" / "a.txt", source="a test", licence="none", manifest=path)
    assert path.read_bytes() == first
    assert list(manifest.load(path)) == ["checkpoints/net.bin", "full/some/file.bin", "samples/a.txt"]
    assert manifest.load(path)["samples/a.txt"].size == 3
    assert manifest.load(path)["full/some/file.bin"].mirrors == tuple(ROW["mirrors"])
    assert manifest.unlisted(path) == []
    assert sorted(p.name for p in data.iterdir()) == ["checkpoints", "manifest.json", "samples"]


def test_register_renews_a_row(data):
    file, path = data / "samples" / "a.txt", data / "manifest.json"
    manifest.register(file, source="a test", licence="none", manifest=path)
    file.write_bytes(b"other")
    assert manifest.verify(manifest.load(path)["samples/a.txt"]).startswith("damaged")
    manifest.register(file, source="a test", licence="MIT", manifest=path)
    entry = manifest.load(path)["samples/a.txt"]
    assert (manifest.verify(entry), entry.licence) == ("ok", "MIT")


def test_register_refuses_what_lies_elsewhere_or_has_no_licence(data, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "a.txt"
    elsewhere.write_bytes(b"abc")
    with pytest.raises(ValueError, match="wanted a file below"):
        manifest.register(elsewhere, source="a test", licence="none", manifest=data / "manifest.json")
    with pytest.raises(ValueError, match="got licence ''"):
        manifest.register(data / "samples" / "a.txt", source="a test", licence="", manifest=data / "manifest.json")
    assert json.loads((data / "manifest.json").read_text()) == []
