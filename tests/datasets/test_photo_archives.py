"""The full photos, from small stand-ins that a local server holds: fetched, unpacked once, and never trusted."""

import hashlib
import io
import itertools
import json
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import asdict, replace

import numpy as np
import pytest
from local_server import LocalServer, cut_off, file, html_page, refused_address, slow, status
from PIL import Image

from labkit.datasets import manifest, photo_archives
from labkit.datasets.download import DownloadError
from labkit.datasets.photos import photos

SPLITS = "train", "validation", "test"
CLASSES = ("cats", "dogs", "daisy", "dandelion", "roses", "sunflowers", "tulips")
CATS, FLOWERS = photo_archives.NAMES
UNREADABLE = 5


def jpeg(number, comment=b"", mode="RGB", size=(40, 30)):
    """A photo of its own for each number; the comment changes the file and not the photo."""
    pixels = np.random.default_rng(number).integers(0, 256, (3, 4, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).resize(size).convert(mode).save(file, "JPEG", comment=comment)
    return file.getvalue()


def png(number):
    file = io.BytesIO()
    Image.open(io.BytesIO(jpeg(number))).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def content():
    """Archive -> member -> bytes: 30 photos a class, files that cannot be read, and what else stands there."""
    cats = {
        f"cats_and_dogs_filtered/{half}/{kind}s/{kind}.{number}.jpg": jpeg(seed + number)
        for kind, seed in (("cat", 0), ("dog", 100))
        for half, numbers in (("train", range(20)), ("validation", range(20, 30)))
        for number in numbers
    }
    flowers = {
        f"flower_photos/{name}/{number}_{number:x}_n.jpg": jpeg(
            200 + 100 * label + number, mode=("RGB", "L")[number % 2]
        )
        for label, name in enumerate(CLASSES[2:])
        for number in range(30)
    }
    cats |= {
        "cats_and_dogs_filtered/vectorize.py": b"print('not a photo')",
        "__MACOSX/cats_and_dogs_filtered/train/cats/._cat.0.jpg": b"a note of an operating system",
        "cats_and_dogs_filtered/train/cats/cut.jpg": jpeg(999)[:-150],
        "cats_and_dogs_filtered/train/cats/text.jpg": b"no photo at all",
        "cats_and_dogs_filtered/train/dogs/empty.jpg": b"",
    }
    flowers |= {
        "flower_photos/LICENSE.txt": b"All images in this archive are licensed under ...",
        "flower_photos/tulips/png.jpg": png(998),
        "flower_photos/tulips/cmyk.jpg": jpeg(997, mode="CMYK"),
    }
    return {CATS: cats, FLOWERS: flowers}


def zipped(members):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("cats_and_dogs_filtered")
        for name, data in members.items():
            archive.writestr(name, data)
    return body.getvalue()


def tarred(members):
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        folder = tarfile.TarInfo("flower_photos")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, data in members.items():
            member = data if isinstance(data, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.size = member.size if member is data else len(data)
            archive.addfile(member, io.BytesIO(bytes(member.size) if member is data else data))
    return body.getvalue()


@pytest.fixture
def publish(cache, monkeypatch):
    """A function: name -> body and name -> mirrors; the manifest speaks of these bodies at these mirrors."""
    rows = manifest.load()

    def make(bodies, mirrors):
        entries = {
            name: replace(
                rows[name],
                size=len(body),
                hash=f"sha256:{hashlib.sha256(body).hexdigest()}",
                mirrors=tuple(mirrors[name]),
                folder=cache,
            )
            for name, body in bodies.items()
        }
        monkeypatch.setattr(manifest, "load", lambda path=None: entries)
        return entries

    return make


@pytest.fixture
def serve(publish):
    """A function: bodies of the two archives -> the full data are these, from a server that ends with the test."""
    servers = []

    def make(cats, flowers):
        server = LocalServer({"/cats": file(cats), "/flowers": file(flowers)}).__enter__()
        servers.append(server)
        mirrors = {CATS: [server.address("/cats")], FLOWERS: [server.address("/flowers")]}
        server.entries = publish({CATS: cats, FLOWERS: flowers}, mirrors)
        return server

    yield make
    for server in servers:
        server.__exit__(None, None, None)


@pytest.fixture
def bodies(content):
    return zipped(content[CATS]), tarred(content[FLOWERS])


def unpacked(cache):
    """What stands in the cache besides archives and locks."""
    return sorted(path.name for path in cache.glob("full/photos/*") if path.suffix not in (".zip", ".tgz", ".lock"))


# Good archives


def test_full_comes_in_the_samples_types(serve, bodies, content):
    serve(*bodies)
    full = photos("full")
    assert (full.source, full.classes, full.masks, full.objects) == ("full", CLASSES, None, None)
    assert full.why == f"Full data, as asked for. {UNREADABLE} files that hold no readable image were left out."
    assert full.labels.dtype == np.int64
    assert np.bincount(full.labels).tolist() == [30] * 7
    assert set(full.splits) == set(SPLITS)
    assert sum(len(full.of(split)) for split in SPLITS) == len(full) == 210
    assert full.image(0).shape == (96, 96, 3)


def test_files_are_those_of_the_archives_in_class_folders(serve, bodies, content):
    serve(*bodies)
    full = photos("full")
    published = {
        f"{name.split('/')[-2]}/{name.split('/')[-1]}": data
        for name, data in (content[CATS] | content[FLOWERS]).items()
    }
    for path, label in zip(full.files, full.labels, strict=True):
        assert path.relative_to(full.folder).parts[:2] == ("images", CLASSES[label])
        assert path.read_bytes() == published[f"{path.parent.name}/{path.name}"]
    assert sorted(full.files) == sorted((full.folder / "images").rglob("*.*"))


def test_no_image_stands_in_two_splits(serve, content):
    """Copies stand in other files with other bytes; where a photo goes is told by what it shows."""
    for number in range(30):
        content[FLOWERS][f"flower_photos/roses/copy_{number}.jpg"] = jpeg(
            400 + number, b"again", ("RGB", "L")[number % 2]
        )
    serve(zipped(content[CATS]), tarred(content[FLOWERS]))
    full = photos("full")
    assert len(full) == 240
    shown = [{full.of(split).image(row).tobytes() for row in range(len(full.of(split)))} for split in SPLITS]
    assert not any(one & other for one, other in itertools.combinations(shown, 2))
    assert sum(map(len, shown)) == 210


def test_splits_have_their_shares(monkeypatch):
    found = [photo_archives._split_of(jpeg(number, size=(8, 8))) for number in range(1000)]
    assert 640 < found.count("train") < 760
    assert 60 < found.count("validation") < 140
    assert 140 < found.count("test") < 260


def test_auto_fetches_and_unpacks_once_and_then_reads_the_cache(serve, bodies, monkeypatch):
    server = serve(*bodies)
    first = photos("auto")
    monkeypatch.setattr(photo_archives, "_unpack", None)
    again = photos("auto")
    assert first.why.startswith("Full data: not cached yet, but a mirror answers.")
    assert again.why.startswith("Full data: found in the cache.")
    assert again.files == first.files
    assert again.splits.tolist() == first.splits.tolist()
    assert server.requests == {"/cats": 2, "/flowers": 2}  # asked whether they are there, then fetched


def test_a_damaged_folder_is_unpacked_anew_from_the_cached_archives(serve, bodies):
    server = serve(*bodies)
    full = photos("full")
    full.files[5].write_bytes(b"")
    with pytest.warns(UserWarning, match=r"was damaged \(images/\S+ has 0 bytes.*made anew"):
        assert len(photos("full")) == 210
    assert full.files[5].stat().st_size > 0
    assert server.requests == {"/cats": 1, "/flowers": 1}


def test_other_archives_are_another_folder(serve, content, bodies):
    serve(*bodies)
    first = photos("full").folder
    del content[CATS]["cats_and_dogs_filtered/train/cats/cat.0.jpg"]
    server = serve(zipped(content[CATS]), bodies[1])
    with pytest.warns(UserWarning, match="was damaged: set aside as cats_and_dogs_filtered.zip.damaged"):
        assert photos("full").folder != first
    assert server.requests["/flowers"] == 0


UNPACKED = """
import sys
from pathlib import Path
from labkit.datasets import manifest, photo_archives
from labkit.datasets.photos import photos

entries = manifest.load(Path(sys.argv[1]))
manifest.load = lambda path=None: entries

def counted(*arguments, unpack=photo_archives._unpack):
    print("unpacked", flush=True)
    return unpack(*arguments)

photo_archives._unpack = counted
print(len(photos("full")))
"""


def test_two_processes_fetch_and_unpack_once(serve, bodies, cache, tmp_path):
    server = serve(*bodies)
    server.behaviours["/cats"] = slow(bodies[0], pieces=5, pause=0.1)
    rows = [
        {key: value for key, value in asdict(entry).items() if key != "folder"} for entry in server.entries.values()
    ]
    (tmp_path / "manifest.json").write_text(json.dumps(rows))
    command = [sys.executable, "-c", UNPACKED, tmp_path / "manifest.json"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].split() for process in both]
    assert sorted(said, key=len) == [["210"], ["unpacked", "210"]]
    assert server.requests == {"/cats": 1, "/flowers": 1}


# Mirrors that fail


def test_auto_without_a_network_is_the_sample_and_says_so(publish, bodies, monkeypatch):
    monkeypatch.setattr("labkit.datasets.photo_sample.PER_CLASS", {"train": 1, "validation": 1, "test": 1})
    nobody = [refused_address()]
    publish(dict(zip((CATS, FLOWERS), bodies, strict=True)), {CATS: nobody, FLOWERS: nobody})
    found = photos("auto")
    assert (found.source, len(found)) == ("sample", 21)
    assert found.why.startswith(f"Sample data: no mirror of {CATS} answered")


BROKEN = {
    "503": lambda body: status(503),
    "a page": lambda body: html_page(),
    "other bytes": lambda body: file(body[::-1]),
    "cut off": lambda body: cut_off(body, 2_000),
    "shorter": lambda body: file(body[:2_000]),
}


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("name", [CATS, FLOWERS])
def test_a_broken_mirror_gives_way_to_the_next(publish, bodies, broken, name):
    both = dict(zip((CATS, FLOWERS), bodies, strict=True))
    behaviours = {f"/{each}": file(body) for each, body in both.items()} | {"/broken": BROKEN[broken](both[name])}
    with LocalServer(behaviours) as server:
        mirrors = {each: [server.address(f"/{each}")] for each in both}
        mirrors[name].insert(0, server.address("/broken"))
        publish(both, mirrors)
        assert len(photos("full")) == 210
        assert server.requests["/broken"] == 1


@pytest.mark.parametrize("broken", BROKEN)
def test_full_with_broken_mirrors_alone_is_an_error_and_auto_is_the_sample(publish, bodies, cache, monkeypatch, broken):
    monkeypatch.setattr("labkit.datasets.photo_sample.PER_CLASS", {"train": 1, "validation": 1, "test": 1})
    with LocalServer({"/cats": file(bodies[0]), "/flowers": BROKEN[broken](bodies[1])}) as server:
        mirrors = {CATS: [server.address("/cats")], FLOWERS: [server.address("/flowers")]}
        publish(dict(zip((CATS, FLOWERS), bodies, strict=True)), mirrors)
        with pytest.raises(DownloadError, match=r"flower_photos\.tgz could not be downloaded"):
            photos("full")
        assert photos("auto").source == "sample"
    assert unpacked(cache) == []


# Archives that are not what they promise


def linked(name, kind):
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    return member


def huge(name):
    member = tarfile.TarInfo(name)
    member.size = 21_000_000
    return member


HOSTILE = {
    "above": ("flower_photos/roses/../../../../escaped/roses/a.jpg", jpeg(1), "leads out of it"),
    "above, as Windows writes it": ("flower_photos\\..\\..\\roses\\a.jpg", jpeg(1), "leads out of it"),
    "absolute": ("/tmp/roses/a.jpg", jpeg(1), "leads out of it"),
    "a drive": ("C:/roses/a.jpg", jpeg(1), "leads out of it"),
    "huge": ("flower_photos/roses/a.jpg", bytes(21_000_000), "would be too large, with 21,000,000 bytes"),
    "huge, and no photo": ("flower_photos/a.bin", bytes(21_000_000), "would be too large"),
    "twice": ("flower_photos/more/roses/0_0_N.JPG", jpeg(1), "two files would become images/roses/0_0_n.jpg"),
}
LINKS = {
    "a link": linked("flower_photos/roses/a.jpg", tarfile.SYMTYPE),
    "a hard link": linked("flower_photos/roses/a.jpg", tarfile.LNKTYPE),
    "a device": linked("flower_photos/roses/a.jpg", tarfile.CHRTYPE),
    "a link to a folder": linked("flower_photos/roses", tarfile.SYMTYPE),
}


def assert_refused(cache, message):
    before = {path for path in cache.parent.rglob("*") if not path.is_relative_to(cache)}
    with pytest.raises(ValueError, match=message) as caught:
        photos("full")
    assert "Delete it" in str(caught.value)
    assert {path for path in cache.parent.rglob("*") if not path.is_relative_to(cache)} == before
    assert unpacked(cache) == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_tar_with_a_hostile_member_is_refused(serve, bodies, content, cache, hostile):
    name, data, message = HOSTILE[hostile]
    serve(bodies[0], tarred({**content[FLOWERS], name: data}))
    assert_refused(cache, message)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_zip_with_a_hostile_member_is_refused(serve, bodies, content, cache, hostile):
    name, data, message = HOSTILE[hostile]
    name = name.replace("roses", "cats").replace("0_0_N", "CAT.0")
    serve(zipped({**content[CATS], name: data}), bodies[1])
    assert_refused(cache, message.replace("roses/0_0_n", "cats/cat.0"))


@pytest.mark.parametrize("link", LINKS)
def test_a_tar_with_links_is_refused(serve, bodies, content, cache, link):
    serve(bodies[0], tarred({**content[FLOWERS], "link": LINKS[link]}))
    assert_refused(cache, "is a link or a device")


def test_a_zip_with_links_is_refused(serve, bodies, content, cache):
    info = zipfile.ZipInfo("cats_and_dogs_filtered/train/cats/link.jpg")
    info.external_attr = 0o120777 << 16
    body = io.BytesIO(zipped(content[CATS]))
    with zipfile.ZipFile(body, "a") as archive:
        archive.writestr(info, "/etc/passwd")
    serve(body.getvalue(), bodies[1])
    assert_refused(cache, "is a link")


def test_an_archive_too_large_in_all_is_refused(serve, bodies, cache, monkeypatch):
    monkeypatch.setattr(photo_archives, "LARGEST_SUM", 50_000)
    serve(*bodies)
    assert_refused(cache, "would be too large")


def test_photos_of_too_many_pixels_are_left_out(serve, bodies, content):
    bomb = Image.new("L", (8000, 8000))
    packed = io.BytesIO()
    bomb.save(packed, "JPEG")
    content[FLOWERS]["flower_photos/roses/bomb.jpg"] = packed.getvalue()
    serve(bodies[0], tarred(content[FLOWERS]))
    full = photos("full")
    assert len(full) == 210
    assert f" {UNREADABLE + 1} files" in full.why


def broken_crc(body):
    """A zip of which one file was changed: its first photo's data, past the local header and name."""
    at = body.index(b"cat.0.jpg") + 40
    return body[:at] + bytes(20) + body[at + 20 :]


@pytest.mark.parametrize("damage", ["no zip", "cut zip", "changed zip", "no tgz", "cut tgz", "no tar"])
def test_a_damaged_archive_is_refused(serve, bodies, cache, damage):
    cats, flowers = bodies
    serve(
        {"no zip": b"some bytes", "cut zip": cats[:-3000], "changed zip": broken_crc(cats)}.get(damage, cats),
        {"no tgz": b"some bytes", "cut tgz": flowers[:-3000], "no tar": zipped({"a": b"b"})}.get(damage, flowers),
    )
    with pytest.raises(ValueError, match=r"is no whole \.(zip|tgz) \(.*delete it and fetch it anew"):
        photos("full")
    assert unpacked(cache) == []


def test_an_archive_without_a_class_is_refused(serve, bodies, content, cache):
    serve(bodies[0], tarred({name: data for name, data in content[FLOWERS].items() if "tulips" not in name}))
    with pytest.raises(ValueError, match="got no photos of tulips; wanted some of each class"):
        photos("full")
    assert unpacked(cache) == []


# The local disk


def test_a_disk_that_fills_up_while_unpacking_is_named(serve, bodies, cache, mount):
    mount("size=800k")  # archives of some 230 kB, and 210 files of at least a page of 4 kB each
    serve(*bodies)
    with pytest.raises(OSError, match="cannot take unpacked-.*No space left on device.*LABKIT_CACHE"):
        photos("full")
    assert unpacked(cache) == []
