"""The command ``labkit``: build, run, grade, bench, data, doctor.

Errors that the caller can put right end in plain words on standard error and exit status 2.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import labkit
from labkit import settings
from labkit.course import CourseError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: the words after ``labkit``; None takes those of this process.

    Returns:
        The exit status: 0 all is well, 1 something was found wrong, 2 the call cannot be carried out.
    """
    options = _parser().parse_args(arguments)
    try:
        settings.data_source()
    except ValueError as error:
        return _refuse(error)
    try:
        return options.command(options)
    except CourseError as error:
        return _refuse(error)
    except KeyboardInterrupt:
        print("\nlabkit: stopped.", file=sys.stderr)
        return 130


def _refuse(error: Exception) -> int:
    print(f"labkit: {error}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="labkit", description=(labkit.__doc__ or "").splitlines()[0])
    parser.add_argument("--version", action="version", version=f"labkit {labkit.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    build = commands.add_parser("build", help="write the notebooks of labs from their sources")
    build.add_argument("labs", nargs="*", metavar="LAB", help="beginning of a lab's name, such as lab1; default: all")
    how = build.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing; fail if a notebook has drifted")
    how.add_argument("--no-execute", action="store_true", help="write the exercise notebooks alone")
    build.set_defaults(command=_build)

    run = commands.add_parser("run", help="run the solutions; pages and notebooks go to build/")
    run.add_argument("labs", nargs="*", metavar="LAB", help="beginning of a lab's name, such as lab1; default: all")
    run.add_argument("--data", choices=settings.SOURCES, help="default: LABKIT_DATA, else sample")
    run.set_defaults(command=_run)

    _add_grade(commands.add_parser("grade", help="give returned notebooks the marks they earned"))

    bench = commands.add_parser("bench", help="time the methods against their floors")
    bench.add_argument("names", nargs="*", metavar="NAME", help="beginning of a name, such as txray; default: all")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    bench.set_defaults(command=_bench)

    data = commands.add_parser("data", help="list, verify or fetch the files of data and weights")
    data.add_argument("action", choices=("list", "verify", "fetch"))
    data.add_argument(
        "names", nargs="*", metavar="NAME", help="beginning of a file's name, such as full/imdb; default: all"
    )
    data.set_defaults(command=_data)

    doctor = commands.add_parser("doctor", help="say what is installed here and what the labs will take")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_grade(grade: argparse.ArgumentParser) -> None:
    grade.add_argument("folder", type=Path, metavar="FOLDER", help="what students returned: notebooks, folders, zips")
    grade.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where marks and pages go, or lie already"
    )
    grade.add_argument(
        "--lab", action="append", default=[], dest="labs", metavar="LAB", help="grade this lab alone; may be repeated"
    )
    grade.add_argument("--roster", type=Path, metavar="CSV", help="the students, as Canvas or Moodle export them")
    grade.add_argument(
        "--format", choices=("plain", "canvas", "moodle"), default="plain", help="write a table for this gradebook too"
    )
    grade.add_argument("--again", action="store_true", help="grade anew also what has not changed")
    where = grade.add_mutually_exclusive_group()
    where.add_argument("--jobs", type=_positive, metavar="N", help="notebooks at the same time; default: one a core")
    where.add_argument("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster that grades instead")
    grade.add_argument("--unsafe", action="store_true", help="run students' code without a sandbox, as yourself")
    for name, meaning in _LIMITS.items():
        grade.add_argument(f"--{name.replace('_', '-')}", type=_positive, metavar="N", help=f"most {meaning}")
    grade.set_defaults(command=_grade)


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {text}, wanted a whole number from 1 on")
    return number


# What a sealed run may use: see ``labkit.course.grading.sealed.Limits``, which has the defaults.
_LIMITS = {
    "cell_seconds": "seconds a cell or a check may run; default: 300",
    "total_seconds": "seconds for a notebook in all; default: 1800",
    "memory_mb": "memory of a notebook, in MB; default: 6000",
    "processes": "processes and threads; default: 512",
    "open_files": "open files of a process; default: 1024",
    "output_mb": "printed and displayed, in MB; default: 20",
    "disk_mb": "written to its folder in memory, in MB; default: 1000",
    "answer_mb": "of answers to one exercise, in MB; default: 50",
}


# Each command imports what it needs, so that "labkit --help" answers at once.


def _build(options: argparse.Namespace) -> int:
    from labkit.course.build import build
    from labkit.course.drift import check
    from labkit.course.labs import find_root

    root = find_root(Path.cwd())
    if not options.check:
        build(root, options.labs, run=not options.no_execute, say=print)
        return 0
    problems = check(root, options.labs)
    print("\n".join(problems) or "The notebooks are as their sources have them.")
    return int(bool(problems))


def _run(options: argparse.Namespace) -> int:
    import os

    from labkit.course.labs import find_root
    from labkit.course.run import run

    data = options.data or os.environ.get("LABKIT_DATA") or "sample"
    return run(find_root(Path.cwd()), options.labs, data)


def _grade(options: argparse.Namespace) -> int:
    from labkit.course.grading.batch import Options, grade_folder
    from labkit.course.grading.sealed import Limits
    from labkit.course.labs import find_root

    asked = {name: getattr(options, name) for name in _LIMITS if getattr(options, name) is not None}
    how = Options(
        labs=options.labs,
        roster=options.roster,
        form=options.format,
        scheduler=options.scheduler,
        limits=Limits(**asked),
        unsafe=options.unsafe,
        again=options.again,
        **({"jobs": options.jobs} if options.jobs else {}),
    )
    return grade_folder(find_root(Path.cwd()), options.folder, options.out, how)


def _bench(options: argparse.Namespace) -> int:
    from labkit.benchmarks import harness
    from labkit.course.tables import table

    try:
        rows = harness.run(options.names, options.json)
    except ValueError as error:
        raise CourseError(str(error)) from error
    print(table(harness.in_words(rows)))
    return 0


def _data(options: argparse.Namespace) -> int:
    from labkit.course.tables import table
    from labkit.datasets import manifest
    from labkit.datasets.download import DownloadError, fetch

    try:
        known = manifest.load()
    except (ValueError, FileNotFoundError) as error:
        raise CourseError(str(error)) from error
    for name in options.names:
        if not any(entry.startswith(name) for entry in known):
            raise CourseError(f"no file of data begins with {name!r}; there are: {', '.join(known)}.")
    chosen = [entry for entry in known.values() if not options.names or entry.name.startswith(tuple(options.names))]
    if options.action == "fetch":
        for entry in chosen:
            if entry.kind == "remote":
                try:
                    print(f"{entry.name}: {fetch(entry.name)}")
                except DownloadError as error:
                    raise CourseError(str(error)) from error
        return 0
    states = manifest.states(chosen)
    if options.action == "list":
        rows = [(e.name, states[e.name].split(":")[0], _size(e.size), e.licence, e.source) for e in chosen]
        print(table([("name", "state", "size", "licence", "source"), *rows]))
        return 0
    bad = manifest.faults(states)
    unlisted = [] if options.names else manifest.unlisted()
    for name, state in states.items():
        print(f"{name}: {state}")
    for name in unlisted:
        print(f"{name}: not in the manifest")
    return int(bool(bad or unlisted))


def _size(size: int | None) -> str:
    return "?" if size is None else f"{size / 1e6:.1f} MB"


def _doctor(options: argparse.Namespace) -> int:
    from labkit.course.doctor import report

    print(report())
    return 0
