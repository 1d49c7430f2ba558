"""The set-up, and the facts that nbval compares."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import labkit
from labkit import exercises, fact, notebook, using
from labkit.course.execute import environment, records
from labkit.exercises.core import Lab
from labkit.figures.drawing import PLOTLY_MIME
from labkit.notebook import DATA_MIME, SETUP_MIME, MissingPackageError, setup

ROOT = Path(labkit.__file__).parents[1]
LAB = Lab("lab9_toy", "A toy lab", "torch", minutes_work=90, seconds_run=12)


@pytest.fixture
def toy(monkeypatch, tmp_path):
    """A session in an empty folder that knows one lab; nothing of it outlives the test."""
    monkeypatch.setattr(exercises, "load", lambda stem: LAB)
    monkeypatch.setenv("LABKIT_DATA", "sample")
    monkeypatch.delenv("LABKIT_WORK", raising=False)
    monkeypatch.setattr(notebook, "_in_use", None)
    monkeypatch.chdir(tmp_path)


def test_set_up_says_what_it_found_in_a_few_lines(toy, capsys):
    setup("lab9_toy", built_with=labkit.__version__)
    said = capsys.readouterr().out
    assert len(said.splitlines()) <= 6
    for part in (
        "A toy lab",
        "90 minutes to work",
        "about 12 s to run on the sample with two CPU cores",
        "Device: c",
        "torch 2",
        "Data: sample",
        "labkit_work",
    ):
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
    assert "%pip install --no-deps ./labkit-9.9.9-py3-none-any.whl, restart the kernel" in said


def test_a_wrong_data_setting_is_refused_in_the_set_up(toy, monkeypatch):
    monkeypatch.setenv("LABKIT_DATA", "sampel")
    with pytest.raises(ValueError, match="LABKIT_DATA"):
        setup("lab9_toy")


def test_an_unknown_lab_is_refused():
    with pytest.raises(ValueError, match="lab9_toy"):
        setup("lab9_toy")


@pytest.mark.parametrize(
    ("framework", "missing", "line"),
    [
        ("torch", ["torch"], "%pip install torch"),
        ("keras", ["tensorflow", "keras"], "%pip install keras tensorflow"),
        ("torch", ["pandas", "torch"], "%pip install pandas"),
    ],
)
def test_a_missing_package_is_told_with_the_line_that_installs_it(toy, monkeypatch, framework, missing, line):
    monkeypatch.setattr(exercises, "load", lambda stem: replace(LAB, framework=framework))
    monkeypatch.setattr(notebook, "find_spec", lambda name: None if name in missing else "found")
    with pytest.raises(MissingPackageError) as caught:
        setup("lab9_toy")
    assert f"    {line}\n" in str(caught.value)
    assert "restart the kernel" in str(caught.value)


def executed(code, tmp_path, env=None):
    """A notebook of one cell, run; errors are outputs."""
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client = NotebookClient(node, timeout=60, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=env or environment(tmp_path / "work", "sample"))
    return node


def test_without_numpy_a_notebook_says_so_in_a_few_lines_and_no_traceback(tmp_path):
    code = "import sys\nsys.modules['numpy'] = None\nfrom labkit import setup\nsetup('lab1_txray_text_cnn')"
    (output,) = executed(code, tmp_path).cells[0].outputs
    (said,) = output.traceback
    assert said.startswith("This lab needs numpy, not installed here.")


def test_a_missing_name_is_an_error_with_advice(tmp_path):
    code = "from labkit import setup\nsetup('lab1_txray_text_cnn')\nscale + 1"
    *_, error, advice = executed(code, tmp_path).cells[0].outputs
    assert error.ename == "NameError"
    assert "Is 'scale' made in a cell above that has not run since the kernel started" in advice.text


def test_figures_appear_under_any_tool_that_runs_notebooks(tmp_path):
    code = (
        "import plotly.graph_objects as go\n"
        "from labkit.figures import Drawing\n"
        "Drawing(go.Figure(go.Bar(y=[1, 2])), 'reading', 'alternative')"
    )
    env = environment(tmp_path / "work", "sample")
    del env["PLOTLY_RENDERER"]
    assert records(executed(code, tmp_path, env), PLOTLY_MIME)


def test_torch_computes_in_full_float32(toy):
    import torch

    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = True
    setup("lab9_toy")
    assert not torch.backends.cudnn.allow_tf32
    assert not torch.backends.cuda.matmul.allow_tf32


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
    advice = ". If you changed something above, run the cells again from the top" if "OUTSIDE" in says else ""
    assert capsys.readouterr().out == f"accuracy: {says}{advice}\n"


def test_a_measured_fact_is_not_judged_on_other_data(monkeypatch, capsys):
    monkeypatch.setenv("LABKIT_DATA", "full")
    fact("accuracy", 0.9, 0.77, 0.8)
    assert capsys.readouterr().out == "accuracy: measured 0.900 (on the sample data: 0.770 to 0.800)\n"


@pytest.mark.parametrize(
    ("setting", "used", "judged"),
    [("auto", "sample", True), ("auto", "full", False), ("sample", "full", False), ("sample", None, True)],
)
def test_a_fact_is_judged_by_the_data_that_the_lab_uses(toy, monkeypatch, capsys, setting, used, judged):
    monkeypatch.setenv("LABKIT_DATA", setting)
    if used:
        using(used, f"the {used} set, because")
        assert capsys.readouterr().out == f"the {used} set, because\n"
    fact("accuracy", 0.9, 0.77, 0.8)
    assert ("OUTSIDE" in capsys.readouterr().out) is judged


def test_the_data_in_use_leave_a_record_for_tools(tmp_path):
    node = executed("from labkit import using\nusing('full', 'fetched last week')", tmp_path)
    assert records(node, DATA_MIME) == [{"data": "full"}]
    assert records(node, "text/plain") == ["fetched last week"]


def test_in_a_kernel_set_up_leaves_a_record_for_tools(tmp_path):
    code = (
        "from labkit import exercises, setup\n"
        "from labkit.exercises.core import Lab\n"
        "exercises.load = lambda stem: Lab(stem, 'A toy lab', 'torch', 90, 12)\n"
        "setup('lab9_toy')"
    )
    node = executed(code, tmp_path)
    (record,) = records(node, SETUP_MIME)
    assert (record["lab"], record["data"], record["version"]) == ("lab9_toy", "sample", labkit.__version__)


FACTS = """\
# NBVAL_CHECK_OUTPUT
from labkit import fact

fact("filters", {filters})
fact("accuracy", {accuracy}, 0.7, 0.8)
"""


@pytest.mark.parametrize(("filters", "accuracy", "accepted"), [(20, 0.76, True), (21, 0.75, False), (20, 0.69, False)])
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
    result = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path, "sample"), capture_output=True, text=True)
    assert (result.returncode == 0) is accepted, result.stdout
    assert bool(re.search("1 failed", result.stdout)) is not accepted


def test_compiled_code_is_silent_for_as_long_as_asked_and_errors_pass(capfd):
    with pytest.raises(KeyError), notebook.compiled_code_silent():
        os.write(2, b"unheard")
        raise KeyError("heard")
    os.write(2, b"heard again")
    assert capfd.readouterr().err == "heard again"
