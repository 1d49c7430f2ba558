"""Run a file of tests in a process of its own.

TensorFlow and the compiler of PyTorch each bring a copy of LLVM, and a process that loads both of them may abort. So
tests that need TensorFlow stand in files that pytest does not find by itself, and a test runs each of these apart.
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest


def assert_passes_with_tensorflow(name):
    """Run tests/NAME with Keras on TensorFlow; where one of its tests fails, say all that pytest said."""
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", str(Path(__file__).parent / name)]
    env = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "2"}
    run = subprocess.run(command, env=env, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
