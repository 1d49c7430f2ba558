"""The labs with their banks: for each lab a package ``bank_lab<number>`` in this folder, or all tests here fail."""

from importlib import import_module

import pytest

from labkit.exercises import load, stems

LABS = [load(stem) for stem in stems()]
BANKS = {stem: import_module(f"exercises.bank_lab{stem[3 : stem.index('_')]}") for stem in stems()}


def marks_of(lab):
    """Of the tests of a lab: those of labs in Keras run in a process of their own, see ``conftest.py``."""
    return [pytest.mark.keras] if lab.framework == "keras" else []


#: (exercise, bank of its lab) for all exercises of all labs.
ALL = [
    pytest.param(exercise, BANKS[lab.stem], id=exercise.id, marks=marks_of(lab))
    for lab in LABS
    for exercise in lab.exercises.values()
]
