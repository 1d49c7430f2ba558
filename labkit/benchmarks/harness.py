"""Measure benchmarks: time as a multiple of a floor, and peak memory.

A benchmark is a module of this package with

- ``VARIANTS``: the names of the ways to do the work. The first is the floor, which does the least that any
  of them must do (the bare forward passes, say);
- ``prepare(small)``: builds models and data and returns variant -> a function that does the work once.
  ``small`` asks for a toy size, to load libraries and to test the machinery;
- ``FLOORS``, if it has several: variant -> its floor where that is not the first variant, because the
  variant has more to do, say. ``prepare`` returns that too;
- ``CLOCK``, if other processes do the work: ``time.perf_counter``, say; and ``REPEATS``, if one run takes minutes.

Each variant runs in a fresh process, so that its peak memory is its own and no variant warms a cache for
another. There its repeats alternate with repeats of the floor, so that whatever else the machine is doing
slows down both. Time is CPU time on one thread, unless a benchmark has another clock.
"""

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, TypeVar

from labkit.files import write_atomically
from labkit.notebook import compiled_code_silent

#: The benchmarks by the name that ``labkit bench`` knows them by.
BENCHMARKS = {
    "activation_maximization": "labkit.benchmarks.activation_maximization",
    "activation_maximization_keras": "labkit.benchmarks.activation_maximization_keras",
    "grading": "labkit.course.grading.benchmark",
    "occlusion": "labkit.benchmarks.occlusion",
    "patches": "labkit.benchmarks.patches",
    "txray": "labkit.benchmarks.txray",
}

REPEATS = 5

#: name, variant, seconds, floor_seconds, ratio, peak_mb.
Row = dict[str, Any]

Result = TypeVar("Result")


def run(
    names: Iterable[str] | None = None,
    json_path: str | Path | None = None,
    repeats: int = REPEATS,
    small: bool = False,
) -> list[Row]:
    """Run benchmarks, all variants of each.

    Args:
        names: beginnings of their names; unset or empty: all.
        json_path: write the rows there too.
        repeats: of which the median counts.
        small: the toy size: it tells that all works and nothing about time.

    Returns:
        one row per variant: name; variant; seconds, the median time; floor_seconds, that of the floor
        measured in turns with it; ratio of the two; peak_mb, the peak of resident memory over its start,
        in MB of 10**6 bytes.

    Raises:
        ValueError: an unknown name, or a json_path that cannot be written; both before anything has run.
    """
    names = tuple(names or BENCHMARKS)
    for name in names:
        if not any(known.startswith(name) for known in BENCHMARKS):
            raise ValueError(f"got the benchmark {name!r}; wanted one of {', '.join(sorted(BENCHMARKS))}.")
    if json_path is not None:
        _check_writable(Path(json_path))
    rows = [
        {"name": name, "variant": variant, **_in_fresh_process(measure, BENCHMARKS[name], variant, repeats, small)}
        for name in BENCHMARKS
        if name.startswith(names)
        for variant in _in_fresh_process(variants, BENCHMARKS[name])
    ]
    if json_path is not None:
        write_atomically(Path(json_path), json.dumps(rows, indent=2) + "\n")
    return rows


def in_words(rows: Iterable[Row]) -> list[tuple[str, ...]]:
    """The rows as texts for a table, under their head."""
    head = ("benchmark", "variant", "seconds", "floor", "ratio", "peak MB")
    return [
        head,
        *(
            (
                row["name"], row["variant"], f"{row['seconds']:.3f}", f"{row['floor_seconds']:.3f}",
                f"{row['ratio']:.3f}", f"{row['peak_mb']:.1f}",
            )
            for row in rows
        ),
    ]  # fmt: skip


def _check_writable(path: Path) -> None:
    """See that a file can be written there, by making and removing one beside it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise ValueError(f"got {path}, whose folder cannot be written to ({error}); wanted one that can.") from error
    if path.is_dir():
        raise ValueError(f"got {path}, which is a folder; wanted a file's name.")


def variants(module: str) -> tuple[str, ...]:
    """The names of a benchmark's variants. It loads PyTorch or TensorFlow, which do not go into one process."""
    with compiled_code_silent():
        return tuple(import_module(module).VARIANTS)


def measure(module: str, variant: str, repeats: int, small: bool) -> Row:
    """Measure one variant of a benchmark in this process: seconds, floor_seconds, ratio and peak_mb."""
    with compiled_code_silent():  # TensorFlow starts with a dozen lines on itself
        benchmark = import_module(module)
        benchmark.prepare(small=True)[variant]()  # what is loaded at first use is not the variant's memory
    works = benchmark.prepare(small=small)
    floors = getattr(benchmark, "FLOORS", {})
    work, floor = works[variant], works[floors.get(variant, benchmark.VARIANTS[0])]
    peak = peak_mb(work)
    floor()
    clock = getattr(benchmark, "CLOCK", time.process_time)
    repeats = min(repeats, getattr(benchmark, "REPEATS", repeats))
    pairs = [(seconds_of(floor, clock), seconds_of(work, clock)) for _ in range(repeats)]
    floor_seconds, seconds = (statistics.median(times) for times in zip(*pairs, strict=True))
    return {
        "seconds": seconds,
        "floor_seconds": floor_seconds,
        "ratio": seconds / floor_seconds,
        "peak_mb": peak,
    }


def seconds_of(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds for doing the work once; by the usual clock, CPU time of this process, all its threads together."""
    start = clock()
    work()
    return clock() - start


def peak_mb(work: Callable[[], object]) -> float:
    """By how much the work raises the peak of this process's resident memory over its start, in MB.

    Linux can forget an earlier peak. Elsewhere, and where /proc is closed, only the peak since the process
    began can be read: what the work needs below that is not seen, so the number is a lower bound.
    """
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")
        read_peak = _peak_since_reset
    except OSError:
        read_peak = _peak_since_birth
    start = read_peak()
    work()
    return (read_peak() - start) / 1e6


def _peak_since_reset() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise OSError("/proc/self/status tells no VmHWM, although /proc/self/clear_refs could be written.")


def _peak_since_birth() -> int:
    import resource  # not on Windows, where the rest of this module can still be imported

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # macOS counts bytes, the others kB


def _in_fresh_process(function: Callable[..., Result], *arguments: Any) -> Result:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_use_one_thread) as process:
        return process.submit(function, *arguments).result()


def _use_one_thread() -> None:
    # Read by the numerical libraries when they are loaded, which a fresh process has not done yet.
    for which in ("OMP_NUM", "MKL_NUM", "OPENBLAS_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"):
        os.environ[f"{which}_THREADS"] = "1"
