"""Run tests in a process of their own.

TensorFlow and the compiler of PyTorch each bring a copy of LLVM. A process that has TensorFlow and then loads the
compiler aborts ("inconsistency in registered CommandLine options"), and any optimizer of PyTorch loads it. So tests
that need TensorFlow stand in files that pytest does not find by itself, and a test runs each of these apart; or they
have the mark ``keras``, see ``exercises/conftest.py``.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest

#: Set in the other process.
_NAME = "LABKIT_TESTS_APART"
APART = _NAME in os.environ


def assert_passes_with_tensorflow(name):
    """Run tests/NAME with Keras on TensorFlow; where one of its tests fails, say all that pytest said."""
    run = _run_with_tensorflow(str(Path(__file__).parent / name))
    assert run.returncode == 0, run.stdout + run.stderr


def outcomes_with_tensorflow(items):
    """Run tests with Keras on TensorFlow, all in one process.

    Returns:
        key -> ("failure", "error" or "skipped", why); (None, "") of one that passed.
    """
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        run = _run_with_tensorflow(f"--junitxml={report}", *(f"{item.path}::{item.name}" for item in items))
        assert report.exists(), run.stdout + run.stderr
        outcomes = {}
        for case in ElementTree.parse(report).iter("testcase"):
            told = [
                (found.tag, found.get("message") if found.tag == "skipped" else found.text)
                for found in case
                if found.tag in ("failure", "error", "skipped")
            ]
            outcomes[case.get("classname").rpartition(".")[2], case.get("name")] = told[0] if told else (None, "")
    missing = {key_of(item) for item in items} - outcomes.keys()
    assert not missing, f"no outcome of {sorted(missing)}\n{run.stdout}{run.stderr}"
    return outcomes


def key_of(item):
    """By which ``outcomes_with_tensorflow`` knows a test."""
    return item.path.stem, item.name


def _run_with_tensorflow(*arguments):
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    env = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2", _NAME: "1"}
    return subprocess.run(command, env=env, capture_output=True, text=True)
