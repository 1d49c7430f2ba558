"""What authors get wrong without noticing: the tools notice."""

from dataclasses import replace

import pytest

from labkit import exercises
from labkit.cli import main
from labkit.course import CourseError, execute, ids
from labkit.course.build import build
from labkit.course.drift import check
from labkit.course.finder import published
from labkit.course.labs import select
from labkit.course.run import run
from labkit.course.source import Line, place, read
from labkit.datasets import manifest
from labkit.exercises.core import Lab
from labkit.models import ready

KNOWN = ("9.1", "9.2")
FACT = 'from labkit import fact\n\nfact("warmth", 0.5, {low}, 1.0)\n'


@pytest.fixture
def toy(course):
    """The folder of a course with the toy lab."""
    return course.root


@pytest.fixture
def stating(toy):
    """A function: the lower end of a fact's range -> the toy lab states that fact."""
    source = toy / "solutions" / "lab9_toy.py"
    text = source.read_text()

    def state(low):
        source.write_text(text + "\n# %%\n# NBVAL_CHECK_OUTPUT\n" + FACT.format(low=low))
        return toy

    return state


def test_a_fact_that_does_not_hold_stops_build_and_run_and_is_drift(stating, capsys):
    root = stating(0.4)
    build(root, known=lambda stem: KNOWN)
    assert check(root, known=lambda stem: KNOWN) == []
    assert run(root) == 0
    good = (root / "solutions" / "lab9_toy.ipynb").read_text()

    stating(0.6)
    with pytest.raises(CourseError, match=r"fact does not hold.*\n.*warmth: measured 0.500, OUTSIDE"):
        build(root, known=lambda stem: KNOWN)
    assert (root / "solutions" / "lab9_toy.ipynb").read_text() == good
    assert run(root) == 1
    assert "a stated fact does not hold: warmth" in capsys.readouterr().out

    stating(0.4)
    forged = good.replace("within the stated range", "OUTSIDE the stated range")
    (root / "solutions" / "lab9_toy.ipynb").write_text(forged)
    assert any("a stated fact does not hold" in problem for problem in check(root, known=lambda stem: KNOWN))


def test_damaged_data_stop_build_and_run_before_anything_runs(toy, monkeypatch):
    monkeypatch.setattr(execute.manifest, "verify", lambda entry: "damaged: got a, wanted b")
    for command in (lambda: build(toy, known=lambda stem: KNOWN), lambda: run(toy)):
        with pytest.raises(CourseError, match=r"samples/reviews\.tsv is damaged.*git checkout data"):
            command()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("    # BEGIN SOLUTION\n    return 2 * number\n    # END SOLUTION\n", "9.1 has no line '# BEGIN SOLUTION'"),
        ("print", "calls setup; begin the cell with the line '# SET-UP'"),
    ],
)
def test_a_missing_marker_is_named(toy, line, told):
    source = toy / "solutions" / "lab9_toy.py"
    text = source.read_text()
    changed = text.replace(line, "    return 2 * number\n") if "BEGIN" in line else text + '\n# %%\nsetup("lab9_toy")\n'
    assert changed != text
    source.write_text(changed)
    with pytest.raises(CourseError) as error:
        ids.check_exercises(read(source), KNOWN)
    assert told in str(error.value)


def test_what_stood_in_a_notebooks_place_is_kept(toy):
    build(toy, run=False, known=lambda stem: KNOWN)
    notebook = toy / "notebooks" / "lab9_toy.ipynb"
    worked_in = notebook.read_text().replace("# YOUR CODE HERE", "# an hour of work")
    notebook.write_text(worked_in)
    build(toy, run=False, known=lambda stem: KNOWN)
    assert "an hour of work" not in notebook.read_text()
    assert [file.read_text() for file in (toy / "build" / "replaced").iterdir()] == [worked_in]


@pytest.mark.parametrize(
    "repository", ["https://github.com/a/b", "https://github.com/a/b.git", "https://github.com/a/b/"]
)
def test_the_course_address_is_a_repository_on_github(tmp_path, repository):
    settings = tmp_path / "pyproject.toml"
    settings.write_text(f'[tool.labkit.course]\nrepository = "{repository}"\ntag = "v1"\n')
    assert published(tmp_path) == ("https://github.com/a/b", "v1")


@pytest.mark.parametrize(
    ("repository", "tag"),
    [
        ("git@github.com:a/b.git", "v1"),
        ("a/b", "v1"),
        ("https://example.org/a/b", "v1"),
        ("https://github.com/a/b", ""),
    ],
)
def test_another_address_is_refused(tmp_path, repository, tag):
    (tmp_path / "pyproject.toml").write_text(f'[tool.labkit.course]\nrepository = "{repository}"\ntag = "{tag}"\n')
    with pytest.raises(CourseError, match=r"wanted an address like https://github\.com/OWNER/NAME"):
        published(tmp_path)


def test_lab1_is_not_lab10(toy):
    (toy / "solutions" / "lab90_toy.py").write_text((toy / "solutions" / "lab9_toy.py").read_text())
    assert [lab.stem for lab in select(toy, ["lab9"])] == ["lab9_toy"]
    assert [lab.stem for lab in select(toy)] == ["lab90_toy", "lab9_toy"]


@pytest.mark.parametrize("found", [None, Lab("lab1_other", "", "torch", 1, 1)])
def test_a_package_of_exercises_needs_a_lab_of_its_name(monkeypatch, found):
    monkeypatch.setattr("labkit.exercises.lab1_txray_text_cnn.LAB", found)
    with pytest.raises(ValueError, match='wants an object LAB = Lab."lab1_txray_text_cnn"'):
        exercises.load("lab1_txray_text_cnn")


def test_a_damaged_checkpoint_is_told_apart_from_a_wrong_name(monkeypatch):
    monkeypatch.setattr(manifest, "verify", lambda entry: "missing")
    with pytest.raises(ValueError, match=r"checkpoints/text_cnn_20_filters.safetensors is missing\. Restore it"):
        ready("text_cnn_20_filters")


def test_the_wording_of_a_task_is_called_by_its_exercise(toy):
    lab = read(toy / "solutions" / "lab9_toy.py")
    asked = replace(lab.cells[0], lines=(Line(1, "**Exercise 9.1 (2 points).** Write it."),))
    assert place([*lab.cells, asked], len(lab.cells)) == "exercise 9.1"


def test_a_manifest_that_is_no_json_is_one_line_with_its_place(tmp_path, monkeypatch, capsys):
    broken = tmp_path / "manifest.json"
    broken.write_text("[\n  {,\n]")
    monkeypatch.setattr(manifest.settings, "bundled", lambda *parts: broken)
    assert main(["data", "list"]) == 2
    assert f"{broken}:2: no valid JSON" in capsys.readouterr().err
