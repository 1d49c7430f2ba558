"""Judges of all labs share one process with PyTorch: those of the Keras labs do without TensorFlow and Keras."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Cases are made, right and wrong answers judged, in a process where these frameworks cannot be imported.
JUDGING = """
import json, sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            tried.append(name)
            raise ImportError(f"{name} is not for judges")

tried, found = [], {}
sys.meta_path.insert(0, Blocked())

import numpy as np
from labkit.exercises import load
from labkit.exercises.core import judge

ANSWERS = (0.5, "a text of several words, one two three", [], {}, [1.0, 2.0], np.zeros((2, 3)), None, True,
           {"raised": "ValueError: x"}, {"misfit": "got None"})
for stem in ("lab4_mnist_activation_maximization_keras", "lab5_receptive_field_patches"):
    for exercise in load(stem).exercises.values():
        cases = exercise.cases(np.random.default_rng(1))
        states = []
        for answer in ANSWERS:
            try:
                states.append(judge(exercise, [answer] * len(cases), cases).state)
            except ImportError:
                raise
            except Exception as error:
                states.append(type(error).__name__)
        found[exercise.id] = states
print(json.dumps([found, tried, sorted({"tensorflow", "keras"} & set(sys.modules))]))
"""


def test_cases_and_judges_of_the_keras_labs_import_neither_tensorflow_nor_keras():
    run = subprocess.run([sys.executable, "-c", JUDGING], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-2000:]
    found, tried, imported = json.loads(run.stdout.splitlines()[-1])
    assert (tried, imported) == ([], [])
    assert len(found) == 21
    assert all("wrong" in states for states in found.values())
