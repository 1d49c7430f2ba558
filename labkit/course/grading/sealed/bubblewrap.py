"""The sandbox: what bubblewrap shows of this machine to a student's code, which is next to nothing.

All namespaces are new, so there is no network and no other process; system and Python are read-only, the environment is
empty, and the one folder that can be written to lies in memory and has a size.
"""

import functools
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

import labkit
from labkit.course.grading.sealed.course_copy import course_copy, data_paths
from labkit.course.grading.sealed.task import Limits

#: Folders as the student's code sees them.
COURSE, HOME, WORK = Path("/course"), Path("/tmp/home"), Path("/tmp/work")
_SHARED_MEMORY = 64 * 2**20
_SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
# What lies beside the package in a checkout, and is no student's to see.
_BESIDE = ("solutions", "tests", "notebooks", "build", ".git")
# Root's files keep their owner in the sandbox, so root could write to the machine's settings there if this were not.
_UNWRITABLE = ("/proc", "/dev", "/")


def command(inner: Sequence[str], limits: Limits, door: Path, info: int | None = None) -> list[str]:
    """The command line that runs ``inner`` in the sandbox.

    Args:
        inner: program and arguments.
        limits: of the run; used is the size of the writable folder.
        door: a folder of this machine that is writable in there at the same path, for the kernel's sockets.
        info: a file descriptor to which bubblewrap writes the id of the sandbox's first process.
    """
    return [
        *(shutil.which("bwrap") or "bwrap", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *("--unshare-all", "--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000"),
        *("--hostname", "sealed"),
        *(() if info is None else ("--info-fd", str(info))),
        *_system(),
        *("--proc", "/proc", "--dev", "/dev", "--size", str(_SHARED_MEMORY), "--tmpfs", "/dev/shm"),
        *("--size", str(limits.disk_mb * 2**20), "--tmpfs", "/tmp", "--dir", str(HOME), "--dir", str(WORK)),
        *_python(),
        *_course(),
        *("--bind", str(door), str(door)),
        *(part for path in _UNWRITABLE for part in ("--remount-ro", path)),
        *("--chdir", str(WORK), "--", *inner),
    ]


@functools.cache
def available() -> str:
    """Why no sandbox can be had on this machine; "" if one can."""
    if platform.system() != "Linux":
        return f"the sandbox is bubblewrap, which needs Linux; this is {platform.system()}."
    if not shutil.which("bwrap"):
        return "bubblewrap is not installed; on Debian and Ubuntu: sudo apt-get install bubblewrap."
    tried = subprocess.run(
        command([sys.executable, "-c", ""], Limits(disk_mb=1), course_copy()), env={}, capture_output=True, text=True
    )
    if tried.returncode == 0:
        return ""
    said = " ".join(tried.stderr.split()) or f"it ended with {tried.returncode}"
    return f"bubblewrap is installed, but a sandbox cannot be had: {said}. Wanted is 0.8 or newer, and user namespaces."


def _system() -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for name in _SYSTEM:
        path = Path(name)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), name)
        elif path.is_dir():
            yield from ("--ro-bind", name, name)
    for name in _SETTINGS:
        yield from ("--ro-bind-try", name, name)


def _python() -> Iterator[str]:
    """This Python and its packages; the course is covered wherever it lies among them."""
    packages = (sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib"))
    shown = [Path("/usr")]
    for path in sorted(map(Path, {sys.prefix, sys.base_prefix, *packages})):
        if not _within(path, shown):
            shown.append(path)
            yield from ("--ro-bind", str(path), str(path))
    package = Path(labkit.__file__).parent
    for secret in (package, *(package.parent / name for name in _BESIDE)):
        if secret.is_dir() and _within(secret, shown):
            yield from ("--size", "4096", "--tmpfs", str(secret), "--remount-ro", str(secret))


def _course() -> Iterator[str]:
    """The copy without judges, and the data."""
    for name in ("labkit", "fonts", "cache"):
        yield from ("--ro-bind", str(course_copy() / name), str(COURSE / name))
    for name, path in data_paths().items():
        yield from ("--ro-bind", str(path), str(COURSE / "data" / name))


def _within(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
