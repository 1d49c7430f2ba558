"""The course as a student's code may see it: the package without judges, and the data that the labs read."""

import compileall
import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import labkit
from labkit import settings
from labkit.course.grading.sealed.reduced import reduced
from labkit.exercises import load, stems

#: What of the bundled data a lab reads.
DATA = ("samples", "checkpoints", "manifest.json")
_PACKAGE = Path(labkit.__file__).parent
# Rooms that no notebook enters, and the one that is written anew.
_LEFT_OUT = ("exercises", "course", "benchmarks", "bundled", "cli.py", "__main__.py", "__pycache__")
_KEPT_DAYS = 30
_INSIDE = "course/grading/sealed/inside"
# What would take seconds in each run, since its home is empty: folder -> the code that fills it.
_MADE_ONCE = {
    "fonts": "import matplotlib.font_manager",
    "cache": "from labkit.datasets.photo_sample import obtain; obtain()",
}


@functools.cache
def course_copy() -> Path:
    """The folder of the copy; it is made once for each state of the course, and kept with the downloaded data.

    In it lie ``labkit``, ``data`` with links to the bundled data, ``cache`` with the samples that are composed of
    these, and ``fonts``, Matplotlib's list of them.
    """
    folder = settings.cache_folder() / "sealed" / _fingerprint()
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=folder.parent))
        try:
            _write(unfinished)
            unfinished.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another run was faster
                raise
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
        _forget_old(folder.parent)
    return folder


def data_paths() -> dict[str, Path]:
    """Where the bundled data lie: name in the copy's folder ``data`` -> path."""
    return {name: settings.bundled(name) for name in DATA}


def _forget_old(folder: Path) -> None:
    """Delete copies of courses that no run can be using any more."""
    for copy in folder.iterdir():
        with suppress(FileNotFoundError):  # another run has just finished it, or deleted it
            if time.time() - copy.stat().st_mtime > _KEPT_DAYS * 24 * 3600:
                shutil.rmtree(copy, ignore_errors=True)


def _fingerprint() -> str:
    """Changes with every source file of the package, and with the Python that compiles them."""
    digest = hashlib.sha256(f"{sys.version}{sys.prefix}{_PACKAGE}".encode())
    for path in sorted(_PACKAGE.rglob("*.py")):
        digest.update(f"{path.relative_to(_PACKAGE)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:20]


def _write(folder: Path) -> None:
    package = folder / "labkit"
    shutil.copytree(_PACKAGE, package, ignore=_outer_rooms)
    shutil.copytree(_PACKAGE / _INSIDE, package / _INSIDE, ignore=shutil.ignore_patterns("__pycache__"))
    for parent in (package / _INSIDE).relative_to(package).parents[:-1]:
        (package / parent / "__init__.py").touch()
    for name, source in reduced(load(stem) for stem in stems()).items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    compileall.compile_dir(package, quiet=1)  # nothing can be written beside a module when it is imported
    (folder / "data").mkdir()
    for name, path in data_paths().items():
        (folder / "data" / name).symlink_to(path)
    for name, code in _MADE_ONCE.items():
        (folder / name).mkdir()
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "MPLCONFIGDIR": str(folder / "fonts"), "LABKIT_CACHE": str(folder / "cache")},
            check=True,
            capture_output=True,
        )


def _outer_rooms(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name == "__pycache__" or (Path(folder) == _PACKAGE and name in _LEFT_OUT)}
