"""The command line: what it does, what it says, and its exit status."""

import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

import labkit
from labkit import exercises, settings
from labkit.cli import main
from labkit.course.grading import sealed
from labkit.datasets import manifest
from labkit.exercises.core import Lab

TOY = '# %% [markdown]\n# # A toy lab\n\n# %%\nprint("hello")\n'


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course with one lab and no exercises, as the working folder."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "lab9_toy.py").write_text(TOY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(exercises, "stems", lambda: ["lab9_toy"])
    monkeypatch.setattr(exercises, "load", lambda stem: Lab(stem, "Toy", "torch", 5, 1))
    return tmp_path


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A manifest with one bundled file."""
    (tmp_path / "samples").mkdir()
    file = tmp_path / "samples" / "words.txt"
    file.write_text("great\n")
    path = tmp_path / "manifest.json"
    path.write_text("[]")
    manifest.register(file, source="here", licence="MIT", manifest=path)
    monkeypatch.setattr(settings, "bundled", lambda *parts: tmp_path.joinpath(*parts))
    return file


def test_build_then_check_then_run(course, capsys):
    assert main(["build"]) == 0
    assert "wrote notebooks/lab9_toy.ipynb" in capsys.readouterr().out
    assert main(["build", "--check"]) == 0
    assert main(["run", "lab9"]) == 0
    assert "build/lab9_toy.html" in capsys.readouterr().out.splitlines()[-1]


def test_drift_is_told_and_ends_in_status_1(course, capsys):
    assert main(["build", "--no-execute"]) == 0
    assert main(["build", "--check"]) == 1
    assert "solutions/lab9_toy.ipynb: missing" in capsys.readouterr().out


def test_run_takes_the_source_of_data_from_option_then_environment_then_sample(course, monkeypatch):
    asked = []
    monkeypatch.setattr("labkit.course.run.run", lambda root, labs, data: asked.append(data) or 0)
    monkeypatch.delenv("LABKIT_DATA", raising=False)
    main(["run"])
    monkeypatch.setenv("LABKIT_DATA", "full")
    main(["run"])
    main(["run", "--data", "auto"])
    assert asked == ["sample", "full", "auto"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "lab7"], "no lab begins with 'lab7'; there are: lab9_toy"),
        (["build", "lab7"], "no lab begins with 'lab7'"),
        (["data", "verify", "nothing"], "no file of data begins with 'nothing'"),
    ],
)
def test_what_the_caller_can_put_right_is_one_line_and_status_2(course, capsys, arguments, says):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert says in said
    assert len(said.splitlines()) == 1


def test_a_wrong_setting_is_told_at_once(course, capsys, monkeypatch):
    monkeypatch.setenv("LABKIT_DATA", "sampel")
    assert main(["run"]) == 2
    assert "LABKIT_DATA" in capsys.readouterr().err


def test_outside_a_course_build_says_where_to_go(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["build"]) == 2
    assert "within a checkout" in capsys.readouterr().err


def test_data_is_listed_and_verified(data, capsys):
    assert main(["data", "list"]) == 0
    assert "samples/words.txt  ok" in capsys.readouterr().out
    assert main(["data", "verify"]) == 0


def test_damaged_and_unlisted_data_end_in_status_1(data, capsys):
    data.write_text("dull\n")
    assert main(["data", "verify"]) == 1
    assert "samples/words.txt: damaged: got sha256:" in capsys.readouterr().out
    data.write_text("great\n")
    data.with_name("stray.txt").write_text("x")
    assert main(["data", "verify"]) == 1
    assert "samples/stray.txt: not in the manifest" in capsys.readouterr().out


ROW = {"name": "txray", "variant": "hooks", "seconds": 1.0, "floor_seconds": 2.0, "ratio": 0.5, "peak_mb": 3.21}


def test_bench_hands_names_and_file_on_and_prints_a_table(monkeypatch, tmp_path, capsys):
    from labkit.benchmarks import harness

    asked = []
    monkeypatch.setattr(harness, "run", lambda names, path: asked.append((names, path)) or [ROW])
    assert main(["bench", "txray", "--json", str(tmp_path / "rows.json")]) == 0
    assert asked == [(["txray"], tmp_path / "rows.json")]
    head, _, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["benchmark", "variant", "seconds", "floor", "ratio", "peak", "MB"]
    assert line.split() == ["txray", "hooks", "1.000", "2.000", "0.500", "3.2"]


def test_doctor_tells_versions_device_data_and_labs(course, capsys, monkeypatch):
    monkeypatch.setattr("labkit.course.doctor.reachable", lambda name: False)
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    for part in (
        f"labkit      {labkit.__version__}",
        "torch ",
        "device      c",
        "sandbox     ",
        "bundled",
        "GB free",
        "lab9_toy: 5 min",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("why", "line"),
    [
        ("", "sandbox     bubblewrap, for labkit grade"),
        ("it needs Linux.", "sandbox     none, so labkit grade refuses: it needs Linux."),
    ],
)
def test_doctor_tells_whether_grading_has_a_sandbox(course, capsys, monkeypatch, why, line):
    monkeypatch.setattr("labkit.course.doctor.reachable", lambda name: False)
    monkeypatch.setattr(sealed, "available", lambda: why)
    assert main(["doctor"]) == 0
    assert line in capsys.readouterr().out.splitlines()


def grading_help(capsys):
    with pytest.raises(SystemExit) as end:
        main(["grade", "--help"])
    assert end.value.code == 0
    return " ".join(capsys.readouterr().out.split())


def test_the_limits_of_grading_are_told_with_their_defaults(capsys):
    told = dict(re.findall(r"--(\w+-\w+|processes) N most [^:]+; default: (\d+)", grading_help(capsys)))
    limits = {name.replace("_", "-"): str(value) for name, value in asdict(sealed.Limits()).items() if name != "cores"}
    assert told == limits


@pytest.mark.parametrize("number", ["0", "-3", "many", "1.5"])
def test_a_limit_that_is_no_whole_number_is_told_in_words(course, capsys, number):
    with pytest.raises(SystemExit) as end:
        main(["grade", ".", "--out", "marks", f"--cell-seconds={number}"])
    assert end.value.code == 2
    assert f"got {number}, wanted a whole number from 1 on" in capsys.readouterr().err


def test_the_module_is_the_command_and_help_needs_no_framework():
    code = (
        "import runpy, sys\nsys.argv = ['labkit', '--help']\n"
        "try:\n    runpy.run_module('labkit', run_name='__main__')\n"
        "except SystemExit as end:\n    assert end.code == 0\n"
        "assert not {'torch', 'tensorflow', 'nbclient'} & set(sys.modules)"
    )
    root = Path(labkit.__file__).parents[1]
    result = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for command in ("build", "run", "grade", "bench", "data", "doctor"):
        assert command in result.stdout
