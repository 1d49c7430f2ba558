"""The course as a sealed process sees it: every probe, no judge."""

import ast
import subprocess
import sys

import numpy as np
import pytest

from labkit.course import CourseError
from labkit.course.grading.sealed.course_copy import course_copy
from labkit.course.grading.sealed.reduced import reduced
from labkit.exercises import load, stems
from labkit.exercises.core import Exercise, Lab
from labkit.exercises.registry import find

ALL = [exercise for stem in stems() for exercise in load(stem).exercises.values()]

# Every name that any function in the copy reads from its module is there: nothing that a probe needs was cut away.
NAMES = """
import builtins, dis, importlib, pkgutil, types
import labkit.exercises
from labkit.exercises import load, stems

def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)

for module in pkgutil.walk_packages(labkit.exercises.__path__, "labkit.exercises."):
    module = importlib.import_module(module.name)
    with open(module.__file__) as file:
        whole = compile(file.read(), module.__file__, "exec")
    for code in codes(whole):
        for step in dis.get_instructions(code):
            if step.opname == "LOAD_GLOBAL":
                assert hasattr(module, step.argval) or hasattr(builtins, step.argval), (module, code, step.argval)
for stem in stems():
    for exercise in load(stem).exercises.values():
        assert callable(exercise.probe) and exercise.judge is None and exercise.cases is None and not exercise.hints
        print(exercise.id, exercise.title, exercise.points, sep="|")
"""

DESK = """
from labkit import check, done, fact, hint, progress, setup, using
check("1.14", lambda a, b: 1.0)
check("1.6", ...)
hint("1.1")
progress()
done("1.14")
using("sample", "why")
fact("filters", 20)
"""


def inside(code):
    """Run code with the copy in place of labkit."""
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, env={"PYTHONPATH": str(course_copy())}, cwd="/", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_exercise_has_its_probe_and_all_that_the_probe_needs():
    assert inside(NAMES).splitlines() == [f"{e.id}|{e.title}|{e.points}" for e in ALL]


def test_the_desk_does_no_harm_and_says_where_grading_is():
    said = inside(DESK)
    assert "✔" not in said
    assert said.count("graded elsewhere") == 2
    assert "filters: 20" in said


def test_no_judge_case_hint_or_slip_is_in_the_copy():
    everything = "\n".join(path.read_text() for path in (course_copy() / "labkit").rglob("*.py"))
    for name in ("Slip", "def compare", "def judge"):
        assert name not in everything
    for exercise in ALL:
        for hint in exercise.hints:
            assert hint not in everything
        assert f"def {exercise.cases.__name__}(" not in everything or exercise.cases.__name__ == "<lambda>"


def test_a_network_is_copied_without_what_its_layers_give():
    source = (course_copy() / "labkit/exercises/lab5_receptive_field_patches/small_network.py").read_text()
    assert {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)} == {"small_network"}


def test_only_what_stands_beside_the_student_is_copied_of_the_course():
    names = {str(path.relative_to(course_copy())) for path in course_copy().rglob("*.py")}
    assert not [name for name in names if "benchmarks" in name or "cli" in name.split("/")[-1]]
    course = {name for name in names if name.startswith("labkit/course/") and not name.endswith("__init__.py")}
    assert {name.rsplit("/", 1)[0] for name in course} == {"labkit/course/grading/sealed/inside"}


def test_a_probe_from_a_factory_gives_what_the_original_gives():
    answer = {"a": 1.5, "b": 2}
    exercise = find("2.1")
    probe = f"from labkit.exercises.registry import find; print(find('2.1').probe({answer!r}, {{}}))"
    assert inside(probe).strip() == str(exercise.probe(answer, {}))


def lab_with(probe):
    exercise = Exercise("9.1", "title", 1, (), lambda rng: [{}], probe, lambda answers, cases: None)
    return Lab("lab9_toy", "Toy", "torch", 1, 1, {"9.1": exercise})


def test_a_probe_that_cannot_be_followed_is_named():
    with pytest.raises(CourseError, match=r"exercise 9\.1: wanted as a probe a function in labkit\.exercises"):
        reduced([lab_with(np.sum)])


def test_sources_are_python():
    for source in reduced(load(stem) for stem in stems()).values():
        ast.parse(source)
