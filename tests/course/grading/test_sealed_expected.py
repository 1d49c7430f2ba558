"""No probe computes what is right: what a judge computes with is not in the copy that stands beside the student."""

from dataclasses import fields, is_dataclass
from types import CodeType, FunctionType, ModuleType

import pytest

from labkit.course.grading.sealed.reduced import reduced
from labkit.exercises import load, stems

EXERCISES = [exercise for stem in stems() for exercise in load(stem).exercises.values()]

# What both halves need: each of these makes the input of a case out of plain data, asks what kind of case it is, or
# looks at a network that is at hand.
SHARED = {
    "collecting._text_cnn",
    "filter_table.frame",
    "overlap._has_mass",
    "small_network._used",
    "small_network.first_unit",
    "small_network.small_network",
    "sliding.score",
    "networks.sizes",
    "networks.weights",
}


def codes(code):
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def within(value):
    """What a value leads to: of a function all that it holds and names, of a container its parts."""
    if isinstance(value, FunctionType):
        names = {name for code in codes(value.__code__) for name in code.co_names}
        named = [value.__globals__[name] for name in names if name in value.__globals__]
        yield from named
        for module in (m for m in named if isinstance(m, ModuleType) and m.__name__.startswith("labkit.exercises.")):
            yield from (getattr(module, name) for name in names if hasattr(module, name))
        yield from (cell.cell_contents for cell in value.__closure__ or ())
        yield from (*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values())
    elif isinstance(value, type) and value.__module__.startswith("labkit.exercises"):
        yield from vars(value).values()
    elif isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()
    elif is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, field.name) for field in fields(value))
    elif hasattr(value, "__wrapped__"):  # behind a cache
        yield value.__wrapped__


def functions(start):
    """The functions of the labs' exercises that a function leads to: module and name -> code."""
    found, left, seen = {}, [start], set()
    while left:
        value = left.pop()
        if id(value) in seen or isinstance(value, FunctionType) and not value.__module__.startswith("labkit.exercises"):
            continue
        seen.add(id(value))
        if isinstance(value, FunctionType) and ".lab" in value.__module__:
            module = value.__module__.rpartition(".")[2]
            found[f"{module}.{value.__qualname__}", value.__code__.co_firstlineno] = value
        left += within(value)
    return found


def test_the_walk_finds_what_judges_and_probes_use():
    exercise = next(e for e in EXERCISES if e.id == "1.5")
    assert {"collecting._ranked", "collecting._text_cnn"} <= {name for name, _ in functions(exercise.judge)}
    of_class = {"collecting._Noted.__iter__", "collecting._Noted.__getitem__"}
    assert {name for name, _ in functions(exercise.probe)} == {"collecting._probe", "collecting._text_cnn"} | of_class


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_a_probe_uses_nothing_that_its_judge_computes_with(exercise):
    both = functions(exercise.probe).keys() & functions(exercise.judge).keys()
    assert {name for name, _ in both} <= SHARED


def test_nothing_that_judges_compute_with_is_in_the_copy_by_its_name():
    needed = {name for exercise in EXERCISES for name, _ in functions(exercise.probe)}
    sources = reduced(load(stem) for stem in stems())
    for exercise in EXERCISES:
        for (name, _), function in functions(exercise.judge).items():
            source = sources.get(f"{function.__module__.removeprefix('labkit.').replace('.', '/')}.py", "")
            if name not in needed and function.__name__ != "<lambda>":
                assert f"def {function.__name__}(" not in source, (exercise.id, name)
