"""The exercises without their judges: modules cut down to what the probes need, found by walking their code.

From the probe of each exercise the names it uses are followed, through modules and functions, and only the statements
that bind them are kept. Cases, judges, slips and hints, and whatever serves them alone, are not followed to, so that a
process that reads every file it can find meets no expected value.
"""

import ast
import copy
from collections import defaultdict
from collections.abc import Iterable
from importlib.util import find_spec
from types import FunctionType
from typing import Any

from labkit.course import CourseError
from labkit.course.grading.sealed.name_cut import Cut, Module
from labkit.exercises.core import Exercise, Lab

_ROOM = "labkit.exercises"
# Kept whole: the student's desk, and what finds an exercise by its id.
_WHOLE = (_ROOM, f"{_ROOM}.desk", f"{_ROOM}.registry")
_CORE = f"{_ROOM}.core"
# A check in a given cell, or one more that a student wrote, says so and does no harm.
_REPLACED = {
    (_CORE, "examine"): """\
def examine(exercise: Exercise, answer: Any, seed: int = 0) -> Verdict:
    return Verdict("unanswered", "answers are graded elsewhere, not in this session.")
""",
    # What was found elsewhere stays, whatever is checked here.
    (f"{_ROOM}.desk", "note"): """\
def note(exercise_id: str, verdict: Verdict) -> None:
    if verdict.state != "unanswered" or exercise_id not in _verdicts:
        _verdicts[exercise_id] = verdict
""",
}


def reduced(labs: Iterable[Lab]) -> dict[str, str]:
    """The sources of ``labkit.exercises`` without judges.

    Args:
        labs: all of them.

    Returns:
        path within the package labkit -> source.

    Raises:
        CourseError: a probe is made in a way that cannot be followed; the message says which and what to do.
    """
    cut = Cut(_ROOM, _REPLACED)
    for module in _WHOLE:
        cut.keep_all(module)
    for name in ("Exercise", "Lab", "collect"):
        cut.keep(_CORE, name)
    packages = {
        lab.stem: _as_source(lab, [_probe(cut, exercise) for exercise in lab.exercises.values()]) for lab in labs
    }
    sources = cut.sources()
    for stem, source in packages.items():
        name = f"{_ROOM}.{stem}"
        sources[name] = sources.get(name, "") + source
    return {_path(module): source for module, source in sources.items()}


def _probe(cut: Cut, exercise: Exercise) -> tuple[Exercise, str, str]:
    """Keep an exercise's probe: (exercise, module, the name that it has there)."""
    probe = exercise.probe
    if not isinstance(probe, FunctionType) or not cut.holds(probe.__module__):
        raise CourseError(f"exercise {exercise.id}: wanted as a probe a function in labkit.exercises, got {probe!r}.")
    if "<" not in probe.__qualname__ and "." not in probe.__qualname__:
        cut.keep(probe.__module__, probe.__name__)
        return exercise, probe.__module__, probe.__name__
    name = f"_probe_{exercise.id.replace('.', '_')}"
    cut.add(probe.__module__, _standing_alone(exercise, probe, name, cut.module(probe.__module__)), name)
    return exercise, probe.__module__, name


def _standing_alone(exercise: Exercise, probe: FunctionType, name: str, module: Module) -> ast.stmt:
    """A function made within another, as one of the module: what it took from around it becomes a default."""
    nodes = [node for statement in module.body for node in ast.walk(statement) if _made(node, probe)]
    if len(nodes) != 1:
        raise CourseError(
            f"{module.file}:{probe.__code__.co_firstlineno}: exercise {exercise.id}: wanted one function like the "
            f"probe in this line, got {len(nodes)}; give each a line of its own."
        )
    node = nodes[0]
    assert isinstance(node, (ast.FunctionDef, ast.Lambda))
    arguments = copy.deepcopy(node.args)
    for variable, cell in zip(probe.__code__.co_freevars, probe.__closure__ or (), strict=True):
        arguments.kwonlyargs.append(ast.arg(variable))
        arguments.kw_defaults.append(_literal(exercise, variable, cell.cell_contents))
    if isinstance(node, ast.Lambda):
        return ast.fix_missing_locations(ast.Assign([ast.Name(name, ast.Store())], ast.Lambda(arguments, node.body)))
    return ast.fix_missing_locations(ast.FunctionDef(name, arguments, node.body, [], None, None))


def _literal(exercise: Exercise, variable: str, value: Any) -> ast.expr:
    try:
        if ast.literal_eval(repr(value)) == value:
            return ast.parse(repr(value), mode="eval").body
    except (ValueError, SyntaxError):
        pass
    raise CourseError(
        f"exercise {exercise.id}: its probe is made in a function and uses {variable} = {value!r} from there; wanted "
        "numbers, texts and lists of them. Write the probe as a function of its module."
    )


def _as_source(lab: Lab, probes: list[tuple[Exercise, str, str]]) -> str:
    """The package of a lab: what is known of its exercises, with their probes."""
    imports: dict[str, list[str]] = defaultdict(list)
    rows = []
    for exercise, module, name in probes:
        alias = f"probe_{exercise.id.replace('.', '_')}"
        imports[module].append(f"from {module} import {name} as {alias}")
        rows.append(f"Exercise({exercise.id!r}, {exercise.title!r}, {exercise.points}, (), None, {alias}, None)")
    lines = [f"from {_ROOM}.core import Exercise, Lab", *(line for lines in imports.values() for line in lines)]
    about = (lab.stem, lab.title, lab.framework, lab.minutes_work, lab.seconds_run)
    lines.append(f"LAB = Lab(*{about!r}, exercises={{e.id: e for e in [{', '.join(rows)}]}})")
    return "\n".join(lines) + "\n"


def _made(node: ast.AST, probe: FunctionType) -> bool:
    """Whether a function is made by this node; a lambda for the cases may stand in the same line."""
    if not isinstance(node, ast.Lambda if probe.__name__ == "<lambda>" else ast.FunctionDef):
        return False
    code = probe.__code__
    arguments = tuple(argument.arg for argument in node.args.args)
    return node.lineno == code.co_firstlineno and arguments == code.co_varnames[: code.co_argcount]


def _path(module: str) -> str:
    name = module.removeprefix("labkit.").replace(".", "/")
    return f"{name}/__init__.py" if _is_package(module) else f"{name}.py"


def _is_package(module: str) -> bool:
    spec = find_spec(module)
    return bool(spec and spec.submodule_search_locations)
