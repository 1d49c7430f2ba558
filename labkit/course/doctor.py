"""``labkit doctor``: what is installed here, which data can be had, and what the labs will take."""

import platform
import shutil
from importlib.util import find_spec
from pathlib import Path

import labkit
from labkit import exercises, settings
from labkit.datasets import manifest
from labkit.datasets.download import reachable
from labkit.exercises.core import Lab
from labkit.notebook import device, version_of

_PACKAGES = (
    "numpy",
    "pandas",
    "plotly",
    "torch",
    "torchvision",
    "keras",
    "tensorflow",
    "jupyterlab",
    "nbclient",
)


def report() -> str:
    """Everything one wants to read when something does not work here."""
    return "\n".join(
        [
            f"labkit      {labkit.__version__} in {Path(labkit.__file__).parent}",
            f"Python      {platform.python_version()} on {platform.platform(terse=True)}",
            *(f"{name:<11} {version_of(name)}" for name in _PACKAGES),
            f"device      {device('torch') if find_spec('torch') else 'unknown, PyTorch is not installed'}",
            f"sandbox     {_sandbox() if find_spec('jupyter_client') else 'unknown, Jupyter is not installed'}",
            "",
            f"data        {settings.data_source()} (LABKIT_DATA)",
            *_data(),
            f"cache       {settings.cache_folder()}, {_free(settings.cache_folder())} free",
            f"work        {settings.work_folder()}, {_free(settings.work_folder())} free",
            "",
            *(_lab(exercises.load(stem)) for stem in exercises.stems()),
        ]
    )


def _sandbox() -> str:
    """Whether grading can seal students' code here."""
    from labkit.course.grading.sealed import available  # it needs Jupyter, which a student may lack

    return f"none, so labkit grade refuses: {available()}" if available() else "bubblewrap, for labkit grade"


def _data() -> list[str]:
    """A line for the bundled files together and one for each remote file."""
    entries = manifest.load().values()
    bundled = [entry for entry in entries if entry.kind == "bundled"]
    bad = manifest.faults(manifest.states(bundled))
    lines = [
        f"  bundled   {len(bundled)} files, " + (f"NOT as published: {', '.join(bad)}" if bad else "all as published")
    ]
    for entry in entries:
        if entry.kind == "remote":
            state = manifest.verify(entry)
            if state == "not fetched":
                state = "not fetched; a mirror answers" if reachable(entry.name) else "not fetched; no mirror answers"
            lines.append(f"  {entry.name}: {state}")
    return lines


def _free(folder: Path) -> str:
    """Room on the disk where the folder is or will be."""
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    return f"{shutil.disk_usage(there).free / 1e9:.1f} GB"


def _lab(lab: Lab) -> str:
    return f"{lab.stem}: {lab.minutes_work} minutes to work through, {lab.seconds_run} s to run on two cores"
