"""Activation maximization in Keras; its tests stand in ``in_keras_activation_maximization.py``."""

import importlib.util
import os
import subprocess
import sys

import pytest
from apart import assert_passes_with_tensorflow

ON_PYTORCH = """
import sys
import keras
from labkit.methods.activation_maximization import maximize, outputs

model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(3)])
for search in (lambda: maximize(model, [0]), lambda: outputs(model, [[0.0]])):
    try:
        search()
    except ValueError as error:
        print(error)
print("tensorflow" in sys.modules)
"""


def test_with_tensorflow():
    assert_passes_with_tensorflow("methods/in_keras_activation_maximization.py")


def test_on_another_backend_it_is_refused_before_tensorflow_is_loaded():
    for needed in ("keras", "torch"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    env = {**os.environ, "KERAS_BACKEND": "torch"}
    run = subprocess.run([sys.executable, "-c", ON_PYTORCH], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    *refusals, loaded = run.stdout.splitlines()
    assert [refusal.startswith("got a Keras model on the backend 'torch'; wanted") for refusal in refusals] == [
        True
    ] * 2
    assert loaded == "False"
