"""Building both notebooks, and noticing that they have drifted."""

import json

import nbformat
import pytest

from labkit.course import CourseError
from labkit.course.build import build
from labkit.course.drift import check
from labkit.course.labs import find_root, known_exercises, select


def read(path):
    return nbformat.read(path, as_version=4)


def test_the_exercise_has_no_outputs_and_the_solution_has_them(built):
    exercise, solution = read(built.exercise), read(built.solution)
    code = [cell for cell in exercise.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    printed = [output.text for cell in solution.cells for output in cell.get("outputs", []) if "text" in output]
    assert printed == ["a worked aside\n"]
    nbformat.validate(exercise)
    nbformat.validate(solution)


def test_cells_that_both_notebooks_have_share_their_id(built):
    ids = [[cell.id for cell in read(path).cells] for path in (built.exercise, built.solution)]
    assert set(ids[0]) - set(ids[1]) == {ids[0][1]}, "only the cell for the exercise alone"
    assert [name for name in ids[1] if name in ids[0]] == [name for name in ids[0] if name in ids[1]]


@pytest.mark.parametrize("name", ["exercise", "solution"])
def test_metadata_is_minimal_and_nothing_tells_when_it_was_run(built, name):
    node = json.loads(getattr(built, name).read_text())
    assert node["metadata"] == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert all(cell["metadata"] == {} for cell in node["cells"])


def test_building_again_changes_no_byte(built):
    before = built.exercise.read_bytes(), built.solution.read_bytes()
    said = []
    build(built.root, known=built.known, say=said.append)
    assert (built.exercise.read_bytes(), built.solution.read_bytes()) == before
    assert "unchanged notebooks/lab9_toy.ipynb" in said


def test_without_running_only_the_exercise_is_written(course):
    build(course.root, run=False, known=course.known)
    assert course.exercise.exists()
    assert not course.solution.exists()


def test_a_failing_solution_writes_nothing_and_names_the_cell(course):
    course.change("answer = 42", "answer = 42 / 0")
    with pytest.raises(CourseError, match=r"cell 4 of 6, \S+lab9_toy\.py:37(.|\n)*division by zero"):
        build(course.root, known=course.known)
    assert not course.exercise.exists()
    assert not course.solution.exists()


def test_a_solution_that_its_own_check_rejects_writes_nothing(course):
    course.change("answer = 42", "answer = 0")
    with pytest.raises(CourseError, match=r"do not accept exercise 9\.2 \(wrong\)"):
        build(course.root, known=course.known)
    assert not course.solution.exists()


def test_a_notebook_saved_in_an_editor_is_kept_aside(built):
    node = read(built.exercise)
    node.metadata.language_info.version = "3.13.1"
    node.cells[4].source = "my own answer"
    nbformat.write(node, built.exercise)
    said = []
    build(built.root, run=False, known=built.known, say=said.append)
    (aside,) = (built.root / "build" / "replaced").iterdir()
    assert "my own answer" in aside.read_text()
    assert str(aside.relative_to(built.root)) in said[-1]
    assert not any("my own answer" in cell.source for cell in read(built.exercise).cells)


def test_what_was_just_built_has_not_drifted(built):
    assert check(built.root, known=built.known) == []


@pytest.mark.parametrize(
    ("old", "new", "exercise_too", "place"),
    [
        ("Good-bye.", "Farewell.", True, "section 'The end'"),
        ("return 2 * number", "return number + number", False, "exercise 9.1"),
        ("Text for everybody.", "Text for all.", True, "section 'A toy lab'"),
        ("a worked aside", "another aside", False, "exercise 9.2"),
    ],
)
def test_drift_is_named_by_file_and_place(built, old, new, exercise_too, place):
    built.change(old, new)
    problems = check(built.root, known=built.known)
    files = [built.exercise, built.solution] if exercise_too else [built.solution]
    assert problems == [f"{path}: {place} differs from the source; run labkit build." for path in files]


def test_an_edited_notebook_is_named_by_the_exercise_that_was_edited(built):
    node = read(built.exercise)
    node.cells[4].source += "\n# edited"
    nbformat.write(node, built.exercise)
    assert check(built.root, known=built.known) == [
        f"{built.exercise}: exercise 9.1 differs from the source; run labkit build."
    ]


def test_formatting_alone_is_drift_too(built):
    built.exercise.write_text(json.dumps(json.loads(built.exercise.read_text())))
    (problem,) = check(built.root, known=built.known)
    assert f"{built.exercise}: its outputs, metadata or formatting" in problem


def test_outputs_in_the_exercise_are_drift(built):
    node = read(built.exercise)
    node.cells[2].execution_count = 1
    nbformat.write(node, built.exercise)
    assert len(check(built.root, known=built.known)) == 1


def test_a_solution_that_was_not_run_or_holds_an_error_is_drift(built):
    node = read(built.solution)
    node.cells[-2].execution_count = None
    node.cells[4].outputs = [nbformat.v4.new_output("error", ename="E", evalue="e", traceback=["e"])]
    nbformat.write(node, built.solution)
    problems = check(built.root, known=built.known)
    assert len(problems) == 2
    assert "exercise 9.1 has an error as its output" in problems[0]
    assert "exercise 9.2 has a cell that was not run" in problems[1]


@pytest.mark.parametrize("name", ["exercise", "solution"])
def test_a_missing_half_is_drift(built, name):
    path = getattr(built, name)
    path.unlink()
    assert check(built.root, known=built.known) == [f"{path}: missing; run labkit build."]


@pytest.mark.parametrize("folder", ["notebooks", "solutions"])
def test_a_notebook_without_a_source_is_drift(built, folder):
    orphan = built.root / folder / "lab8_gone.ipynb"
    orphan.write_text(built.exercise.read_text())
    (problem,) = check(built.root, known=built.known)
    assert problem.startswith(f"{orphan}: no source")


def test_a_file_that_is_no_notebook_is_drift_and_not_a_crash(built):
    built.exercise.write_text("<<<<<<< HEAD\n")
    (problem,) = check(built.root, known=built.known)
    assert "not a notebook" in problem


def test_a_broken_source_is_told_among_the_drift(built):
    built.change("    # END SOLUTION", "    # END SOLUTIN")
    (problem,) = check(built.root, known=built.known)
    assert f"{built.source}:" in problem
    assert "without '# END SOLUTION'" in problem


def test_labs_are_chosen_by_the_beginning_of_their_name(course):
    assert [lab.stem for lab in select(course.root, ["lab9"])] == ["lab9_toy"]
    with pytest.raises(CourseError, match="no lab begins with 'lab7'; there are: lab9_toy"):
        select(course.root, ["lab9", "lab7"])


def test_the_course_is_found_from_within_and_missed_from_without(course, tmp_path_factory):
    assert find_root(course.source.parent) == course.root
    with pytest.raises(CourseError, match="no folder 'solutions'"):
        find_root(tmp_path_factory.mktemp("elsewhere"))


def test_a_source_without_exercises_in_the_package_is_told_what_to_write():
    with pytest.raises(CourseError, match="has no lab9_toy; write"):
        known_exercises("lab9_toy")
