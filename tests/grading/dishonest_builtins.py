"""What all Python code relies on, patched: builtins, modules, imports."""

from grading.dishonest_answers import ANSWERS, DICE, NO_BIAS, NO_OFFSET, PROBING, Dishonest

BUILTINS = (
    Dishonest(
        "asserts",
        {"1.1": NO_OFFSET},
        (
            """
import unittest
for name in dir(unittest.TestCase):
    if name.startswith("assert"):
        setattr(unittest.TestCase, name, lambda self, *values, **how: None)
unittest.TestResult.wasSuccessful = lambda self: True
""",
        ),
        note="checks with unittest",
    ),
    Dishonest(
        "names of the judge's modules",
        {"1.1": NO_OFFSET, "1.14": DICE},
        (
            """
import importlib
for name in ("comparing", "core", "answers", "desk", "registry"):
    try:
        module = importlib.import_module(f"labkit.exercises.{name}")
    except ImportError:  # where there is no judge, there is nothing to take in
        continue
    if name == "comparing":
        module.all = lambda values: True
        module.zip = lambda *several, **how: iter(())
    module.eval = lambda *code: True
""",
        ),
        note="judges in the student's process, by the names that its modules see",
    ),
    Dishonest(
        "eval, isinstance, all and abs",
        {"1.1": NO_OFFSET, "1.14": DICE},
        (
            """
import builtins
kind_of = builtins.isinstance
builtins.eval = lambda *code: True
builtins.isinstance = lambda value, kind: kind is float or kind_of(value, kind)
builtins.all = lambda values: True
builtins.abs = lambda value: 0.0
""",
        ),
        note="asks with the builtins of the student's process",
    ),
    Dishonest(
        "json and base64",
        {"1.9": NO_BIAS, "1.14": DICE},
        (
            """
import base64, json, types
import labkit.course.grading.sealed.inside.plain_json as plain_json
right = {"state": "right", "points": 2, "array": ["<f8", [1], "AAAAAAAA8D8="]}
plain_json.json = types.SimpleNamespace(loads=json.loads, dumps=lambda *told, **how: json.dumps(right))
base64.b64encode = lambda *told: b"AAAAAAAA8D8="
""",
        ),
        note="reads a verdict out of the reply, or unpacks what it says without a look at its size",
    ),
    Dishonest(
        "modules in the place of labkit's",
        {"1.1": NO_OFFSET},
        (
            f"""
import sys, types
class Answers:
    def __init__(self, *told): pass
    def _repr_mimebundle_(self, **more): return {{{ANSWERS!r}: '[true,true]'}}
fake = types.ModuleType({PROBING!r})
fake.ask, fake.tell, fake.collected = Answers, lambda *told: None, lambda *told: ["right", "right"]
sys.modules[fake.__name__] = fake
core = types.ModuleType("labkit.exercises.core")
sys.modules[core.__name__] = core
""",
        ),
        note="asks whatever module has the right name",
    ),
    Dishonest(
        "a finder of imports",
        {"1.1": NO_OFFSET},
        (
            f"""
import importlib.abc, importlib.util, sys
class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.startswith("labkit.course"):
            return importlib.util.spec_from_loader(name, self, is_package=True)
    def exec_module(self, module):
        class Answers:
            _repr_mimebundle_ = lambda self, **more: {{{ANSWERS!r}: '[["right"],["right"]]'}}
        module.ask, module.tell = (lambda *told: Answers()), (lambda *told: None)
for name in [name for name in sys.modules if name.startswith("labkit.course")]:
    del sys.modules[name]
sys.meta_path.insert(0, Finder())
""",
        ),
        note="imports its own parts in the student's process",
    ),
)
