"""The set-up, and the facts that nbval compares."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import labkit
from labkit import fact, notebook
from labkit.course.execute import environment, records
from labkit.exercises.core import Lab
from labkit.notebook import SETUP_MIME, frontend, setup

ROOT = Path(labkit.__file__).parents[1]
LAB = Lab("lab9_toy", "A toy lab", "torch", minutes_work=90, seconds_run=12)


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """A session in an empty folder that knows one lab; nothing of it outlives the test."""
    monkeypatch.setattr(notebook, "load", lambda stem: LAB)
    monkeypatch.setenv("LABKIT_DATA", "sample")
    monkeypatch.setenv("PLOTLY_RENDERER", "json")
    monkeypatch.delenv("LABKIT_WORK", raising=False)
    monkeypatch.chdir(tmp_path)


def test_set_up_says_what_it_found_in_a_few_lines(toy, capsys):
    setup("lab9_toy", built_with=labkit.__version__)
    said = capsys.readouterr().out
    assert len(said.splitlines()) <= 6
    for part in ("A toy lab", "90 minutes", "12 s", "Device: c", "torch 2", "Data: sample", "labkit_work"):
        assert part in said
    assert "ATTENTION" not in said
    assert str(Path.cwd()) not in said


def test_set_up_can_be_run_twice(toy, capsys):
    setup("lab9_toy")
    first = capsys.readouterr().out
    setup("lab9_toy")
    assert capsys.readouterr().out == first


def test_set_up_makes_random_numbers_repeat(toy):
    import torch

    drawn = []
    for _ in range(2):
        setup("lab9_toy")
        drawn.append(torch.rand(3))
    assert torch.equal(*drawn)


def test_a_notebook_of_another_version_is_told_what_to_do(toy, capsys):
    setup("lab9_toy", built_with="9.9.9")
    said = capsys.readouterr().out
    assert f"built for labkit 9.9.9, but {labkit.__version__} is installed" in said
    assert "restart the kernel" in said


def test_a_wrong_data_setting_is_refused_in_the_set_up(toy, monkeypatch):
    monkeypatch.setenv("LABKIT_DATA", "sampel")
    with pytest.raises(ValueError, match="LABKIT_DATA"):
        setup("lab9_toy")


def test_an_unknown_lab_is_refused():
    with pytest.raises(ValueError, match="lab9_toy"):
        setup("lab9_toy")


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({"LABKIT_QUIET": "1", "VSCODE_PID": "1"}, "none"),
        ({"COLAB_RELEASE_TAG": "x"}, "colab"),
        ({"VSCODE_PID": "1"}, "vscode"),
        ({"JPY_SESSION_NAME": "lab1.ipynb"}, "jupyter"),
        ({}, "none"),
    ],
)
def test_the_front_end_is_known_by_its_traces(monkeypatch, variables, wanted):
    for name in ("COLAB_RELEASE_TAG", "VSCODE_PID", "VSCODE_CWD", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"LABKIT_QUIET": "0", **variables}.items():
        monkeypatch.setenv(name, value)
    assert frontend() == wanted


@pytest.mark.parametrize(("value", "says"), [(20, "20"), (0.12345, "0.123"), ("seven", "seven")])
def test_an_exact_fact_is_printed_as_it_is(capsys, value, says):
    fact("share", value)
    assert capsys.readouterr().out == f"share: {says}\n"


@pytest.mark.parametrize(
    ("value", "low", "high", "says"),
    [
        (0.776, 0.77, 0.8, "measured 0.776, within the stated range: 0.770 to 0.800"),
        (0.76, 0.77, 0.8, "measured 0.760, OUTSIDE the stated range: 0.770 to 0.800"),
        (0.81, 0.77, 0.8, "measured 0.810, OUTSIDE the stated range: 0.770 to 0.800"),
        (0.76, 0.77, None, "measured 0.760, OUTSIDE the stated range: at least 0.770"),
        (0.5, None, 0.7, "measured 0.500, within the stated range: at most 0.700"),
        (float("nan"), 0.0, 0.7, "measured nan, OUTSIDE the stated range: 0.000 to 0.700"),
    ],
)
def test_a_measured_fact_is_judged_on_the_sample(monkeypatch, capsys, value, low, high, says):
    monkeypatch.setenv("LABKIT_DATA", "sample")
    fact("accuracy", value, low, high)
    assert capsys.readouterr().out == f"accuracy: {says}\n"


def test_a_measured_fact_is_not_judged_on_other_data(monkeypatch, capsys):
    monkeypatch.setenv("LABKIT_DATA", "full")
    fact("accuracy", 0.9, 0.77, 0.8)
    assert capsys.readouterr().out == "accuracy: measured 0.900 (on the sample data: 0.770 to 0.800)\n"


def test_in_a_kernel_set_up_leaves_a_record_for_tools(tmp_path):
    code = (
        "from labkit import notebook\n"
        "from labkit.exercises.core import Lab\n"
        "notebook.load = lambda stem: Lab(stem, 'A toy lab', 'torch', 90, 12)\n"
        "notebook.setup('lab9_toy')"
    )
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(node, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment(tmp_path / "work", "sample"))
    (record,) = records(node, SETUP_MIME)
    assert (record["lab"], record["data"], record["version"]) == ("lab9_toy", "sample", labkit.__version__)


FACTS = """\
# NBVAL_CHECK_OUTPUT
from labkit import fact

fact("filters", {filters})
fact("accuracy", {accuracy}, 0.7, 0.8)
"""


@pytest.mark.parametrize(
    ("filters", "accuracy", "accepted"), [(20, 0.76, True), (21, 0.75, False), (20, 0.69, False)]
)
def test_nbval_compares_facts_but_not_measured_figures(tmp_path, filters, accuracy, accepted):
    stored = nbformat.v4.new_code_cell(FACTS.format(filters=filters, accuracy=accuracy), execution_count=1)
    text = "filters: 20\naccuracy: measured 0.750, within the stated range: 0.700 to 0.800\n"
    stored.outputs = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    nbformat.write(nbformat.v4.new_notebook(cells=[stored]), tmp_path / "toy.ipynb")
    rules = ROOT / "tests" / "nbval_sanitize.cfg"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-c",
        "/dev/null",
        "--nbval-lax",
        "--nbval-sanitize-with",
        rules,
        ".",
    ]
    result = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path, "sample"), capture_output=True, text=True
    )
    assert (result.returncode == 0) is accepted, result.stdout
    assert bool(re.search("1 failed", result.stdout)) is not accepted
