"""The house is in order: light to import, arrows that point down, one version, one list of dependencies."""

import ast
import json
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import labkit
from labkit import notebook

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "labkit").rglob("*.py"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: From the room that may know all others down to the one that knows none.
ROOMS = (
    "cli", "course", "benchmarks", "notebook", "exercises", "figures",
    "training", "methods", "models", "datasets", "settings", "files",
)  # fmt: skip


def trees():
    """(path, syntax tree) of every module of labkit."""
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES]


def named(path):
    return path.relative_to(ROOT).as_posix()


# Light to import

TIMED = """
import json, sys, time
start = time.perf_counter()
import labkit
seconds = time.perf_counter() - start
heavy = sorted({"torch", "tensorflow", "keras", "numpy", "pandas", "plotly"} & set(sys.modules))
print(json.dumps([seconds, heavy]))
"""


def test_importing_labkit_is_light():
    runs = [
        json.loads(subprocess.run([sys.executable, "-c", TIMED], cwd=ROOT, capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    assert statistics.median(seconds for seconds, _ in runs) < 0.2
    assert [heavy for _, heavy in runs] == [[]] * 5


# Arrows that point down


def room_of(path):
    """The room that a module stands in; of the two modules of no room, one is as free as the top one."""
    first = path.relative_to(ROOT / "labkit").parts[0].removesuffix(".py")
    return "cli" if first == "__main__" else first


def rooms_imported(tree):
    """The rooms of labkit that a module names in any import, within its functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "wanted absolute imports, which say where they lead"
            names = [f"{node.module}.{name.name}" for name in node.names]
        elif isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        else:
            continue
        for parts in (name.split(".") for name in names):
            # "labkit" alone is its version, which every room may know.
            if parts[0] == "labkit" and len(parts) > 1 and parts[1] != "__version__":
                yield parts[1]


def arrows_that_point_up(modules):
    """A line "module -> room" for each import that the order of rooms forbids."""
    for path, tree in modules:
        room = room_of(path)
        if room == "__init__":  # holds only names to be looked up later
            below = set()
        elif room == "methods":  # a method can be taken out of the house and used elsewhere
            below = {"methods"}
        else:
            below = set(ROOMS[ROOMS.index(room) :])
        for imported in sorted(set(rooms_imported(tree)) - below):
            yield f"{named(path)} -> {imported}"


def test_every_module_stands_in_a_room():
    assert {room_of(path) for path in MODULES} - {"__init__"} <= set(ROOMS)


def test_arrows_point_down():
    assert list(arrows_that_point_up(trees())) == []


@pytest.mark.parametrize(
    ("module", "line", "found"),
    [
        ("datasets/reviews.py", "from labkit.models import TextCNN", ["models"]),
        ("methods/txray.py", "def f():\n    import labkit.datasets.reviews", ["datasets"]),
        ("methods/txray.py", "from labkit.methods.activations import record", []),
        ("methods/txray.py", "from labkit import settings", ["settings"]),
        ("figures/txray.py", "from labkit import exercises, __version__", ["exercises"]),
        ("course/run.py", "from labkit import settings, exercises", []),
        ("__init__.py", "from labkit.exercises import check", ["exercises"]),
    ],
)
def test_arrows_that_point_up_are_seen(module, line, found):
    path = ROOT / "labkit" / module
    assert list(arrows_that_point_up([(path, ast.parse(line))])) == [f"labkit/{module} -> {room}" for room in found]


# One version, and words for every public name


def test_there_is_one_version():
    assert Version(labkit.__version__)
    assert PROJECT["dynamic"] == ["version"]
    assert "version" not in PROJECT
    assigned = [
        named(path)
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and "__version__" in [getattr(t, "id", "") for t in node.targets]
    ]
    assert assigned == ["labkit/__init__.py"]


def test_every_short_name_leads_to_something():
    for name in labkit.__all__:
        assert getattr(labkit, name)
    with pytest.raises(AttributeError, match="module 'labkit' has no attribute 'chek'"):
        labkit.chek  # noqa: B018


def unexplained(name, node):
    """The public names from here on down, but for what stands within functions, that have no docstring."""
    if not ast.get_docstring(node):
        yield name
    if not isinstance(node, ast.FunctionDef):
        for child in node.body:
            if isinstance(child, ast.FunctionDef | ast.ClassDef) and not child.name.startswith("_"):
                yield from unexplained(f"{name}: {child.name}", child)


def test_every_public_name_is_explained():
    assert [name for path, tree in trees() for name in unexplained(named(path), tree)] == []


# One list of dependencies


def requirements(*lists):
    """Canonical name -> requirement."""
    found = [Requirement(line) for lines in lists for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


CORE = requirements(PROJECT["dependencies"])
EXTRAS = {extra: requirements(lines) for extra, lines in PROJECT["optional-dependencies"].items()}
EVERYTHING = {**CORE, **{name: r for extra in EXTRAS.values() for name, r in extra.items()}}


def test_the_set_up_looks_for_every_package_that_labkit_depends_on():
    assert set(notebook.CORE) == set(CORE)


def test_no_package_is_asked_for_twice():
    assert len(EVERYTHING) == len(CORE) + sum(map(len, EXTRAS.values()))


def test_environment_yml_equals_pyproject():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    (pip,) = (entry["pip"] for entry in conda if isinstance(entry, dict))
    listed = requirements([line for line in pip if not line.startswith("-")])
    assert {name: str(r.specifier) for name, r in listed.items()} == {
        name: str(r.specifier) for name, r in EVERYTHING.items()
    }
    assert [line for line in pip if line.startswith("-")] == ["--editable ."]
    python = requirements(line for line in conda if isinstance(line, str))["python"]
    lowest = PROJECT["requires-python"].removeprefix(">=")
    assert lowest in python.specifier
    assert "3.10" not in python.specifier


def test_the_lock_pins_every_dependency_within_its_range():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", lock, re.MULTILINE):
        pins.setdefault(canonicalize_name(name), set()).add(version)
    assert EVERYTHING.keys() - pins.keys() == set()
    outside = {
        name: version
        for name, requirement in EVERYTHING.items()
        for version in pins[name]
        if not requirement.specifier.contains(version, prereleases=True)
    }
    assert outside == {}


def test_every_pin_has_hashes():
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    pinned = [block for block in blocks if "==" in block.splitlines()[0]]
    assert len(pinned) >= len(EVERYTHING)
    assert [block.splitlines()[0] for block in pinned if "--hash=sha256:" not in block] == []


# What Colab brings, as known on 2026-11-21: with higher lower bounds the set-up cell would replace packages
# that a session may have loaded. To renew the table, run in a fresh Colab session, with the names below,
#   import sys, importlib.metadata as m; sys.version, {name: m.version(name) for name in [...]}
COLAB_PYTHON = "3.12"
COLAB = {
    "filelock": "3.20.0",
    "keras": "3.10.0",
    "matplotlib": "3.10.0",
    "numpy": "2.0.2",
    "pandas": "2.2.2",
    "pillow": "11.3.0",
    "plotly": "5.24.1",
    "requests": "2.32.4",
    "safetensors": "0.7.0",
    "scikit-learn": "1.6.1",
    "tensorflow": "2.19.0",
    "threadpoolctl": "3.6.0",
    "torch": "2.9.0",
    "torchvision": "0.24.0",
    "tqdm": "4.67.1",
    "urllib3": "2.5.0",
}


def test_colab_has_all_that_a_student_needs():
    wanted = {**CORE, **EXTRAS["torch"], **EXTRAS["keras"]}
    assert set(COLAB) == set(wanted)
    assert [str(r) for name, r in wanted.items() if not r.specifier.contains(COLAB[name])] == []
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(COLAB_PYTHON)
