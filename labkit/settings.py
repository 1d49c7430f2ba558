"""The settings of labkit, each of them one environment variable, and where its files lie.

========================  ==================================================  ====================
variable                  meaning                                             when unset
========================  ==================================================  ====================
``LABKIT_DATA``           ``auto``, ``sample`` or ``full``                    ``auto``
``LABKIT_CACHE``          folder of downloaded data sets                      ``~/.cache/labkit``
``LABKIT_WORK``           folder of what the student makes (trained weights)  ``labkit_work`` here
``LABKIT_QUIET``          ``1``: no progress bars                             quiet in CI
========================  ==================================================  ====================
"""

import os
import sys
from pathlib import Path

SOURCES = ("auto", "sample", "full")


def data_source(argument: str | None = None) -> str:
    """The wanted source of data: the argument, else ``LABKIT_DATA``, else ``auto``.

    Raises:
        ValueError: neither ``auto``, ``sample`` nor ``full``.
    """
    source = argument or os.environ.get("LABKIT_DATA") or "auto"
    if source not in SOURCES:
        origin = "the argument source" if argument else "the environment variable LABKIT_DATA"
        raise ValueError(f"got {source!r} from {origin}; wanted one of {', '.join(SOURCES)}.")
    return source


def cache_folder() -> Path:
    """The folder of downloaded files. It need not exist yet."""
    return Path(os.environ.get("LABKIT_CACHE") or "~/.cache/labkit").expanduser()


def work_folder() -> Path:
    """The folder of what a student makes. It need not exist yet.

    In Colab with Google Drive mounted it stands in the Drive, which outlives the session.
    """
    if os.environ.get("LABKIT_WORK"):
        return Path(os.environ["LABKIT_WORK"]).expanduser()
    drive = Path("/content/drive/MyDrive")
    return (drive if drive.is_dir() else Path.cwd()) / "labkit_work"


def bundled(*parts: str) -> Path:
    """The path of a bundled file, such as ``bundled("samples", "reviews.tsv")``.

    In a wheel the files lie within the package, in a checkout in its folder ``data``.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    package = Path(__file__).parent
    for root in (package / "bundled", package.parent / "data"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(
        f"labkit's bundled file {'/'.join(parts)} is neither in {package / 'bundled'} nor in "
        f"{package.parent / 'data'}: install labkit again, from a checkout or a wheel."
    )


def quiet() -> bool:
    """Whether progress bars are to be left out: by ``LABKIT_QUIET``, else in CI and where nobody watches."""
    if "LABKIT_QUIET" in os.environ:
        return os.environ["LABKIT_QUIET"] not in ("", "0")
    watched = "ipykernel" in sys.modules or sys.stderr.isatty()
    return bool(os.environ.get("CI")) or not watched
