"""Reading a source, and holding it to the exercises of the package."""

import re

import pytest

from labkit.course import CourseError
from labkit.course.ids import check_exercises
from labkit.course.source import read


def test_title_and_exercises_are_read(course):
    toy = read(course.source)
    assert (toy.stem, toy.title, toy.exercises) == ("lab9_toy", "A toy lab", ("9.1", "9.2"))


def test_cell_names_are_legal_unique_and_the_same_at_every_reading(course):
    course.write(course.source.read_text() + "\n# %%\nprint(1)\n\n# %%\nprint(1)\n")
    names = [cell.name for cell in read(course.source).cells]
    assert names == [cell.name for cell in read(course.source).cells]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-zA-Z0-9-_]{1,64}", name) for name in names)


def test_a_source_in_another_encoding_is_refused_in_one_line(course):
    course.source.write_bytes("# %% [markdown]\n# # Für alle\n".encode("latin-1"))
    with pytest.raises(CourseError, match=r"lab9_toy\.py:1: got bytes that are not UTF-8"):
        read(course.source)


def names(course):
    return [cell.name for cell in read(course.source).cells]


def test_a_cell_is_named_by_what_it_does_or_where_it_stands(course):
    course.change("# %%\nfrom IPython", '# %%\n# SET-UP\nsetup("lab9_toy")\n\n# %%\nfrom IPython')
    assert names(course) == [
        "a-toy-lab-1", "a-toy-lab-2", "set-up", "a-toy-lab-4",
        "doubling-1", "exercise-9-1", "check-9-1", "exercise-9-2", "check-9-2", "doubling-6", "the-end-1",
    ]  # fmt: skip


def test_a_changed_text_changes_no_name(course):
    before = names(course)
    for old, new in (("Good-bye.", "Farewell."), ("2 * number", "number + number"), ("worked aside", "remark")):
        course.change(old, new)
    assert names(course) == before


def test_a_new_cell_shifts_the_names_of_its_own_section_alone(course):
    before = names(course)
    course.change(
        "# %% [markdown]\n# <!-- EXERCISE ONLY",
        "# %% [markdown]\n# A new thought.\n\n# %% [markdown]\n# <!-- EXERCISE ONLY",
    )
    assert names(course) == ["a-toy-lab-1", "a-toy-lab-2", "a-toy-lab-3", "a-toy-lab-4", *before[3:]]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("## 3. What the *network* sees", "what-the-network-sees-1"),
        ("### 2.1 Über k-max", "uber-k-max-1"),
        ("## A heading of many words that would not fit into any name", "a-heading-of-many-words-that-would-not-1"),
        ("## ???", "section-1"),
        ("## Doubling", "doubling-7"),
        ("## Check 9", "check-9-1-again"),
    ],
)
def test_headings_become_legal_names_and_no_name_stands_twice(course, heading, name):
    course.change("## The end", heading)
    assert names(course)[-1] == name


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('x = 1\n\n# %%\nprint("after code without a cell")\n', "every cell starts with"),
        ('# %% tags=["a"]\nx = 1\n', "cell metadata"),
        ("# %% [raw]\n# x\n", "raw cell"),
        ("# %%\n\n# %%\nx = 1\n", "empty cell"),
    ],
)
def test_what_is_not_a_plain_percent_file_is_refused(course, text, says):
    course.write(text)
    with pytest.raises(CourseError, match=says):
        read(course.source)


def test_a_sound_lab_has_nothing_against_it(course):
    check_exercises(read(course.source), course.known(""))


def test_an_exercise_without_a_check_below_it_is_named_with_its_line(course):
    course.change('check("9.2", answer)', '# check("9.2", answer)\npass')
    with pytest.raises(CourseError, match=r'lab9_toy\.py:35: exercise 9\.2 has no check\("9\.2"\)'):
        check_exercises(read(course.source), course.known(""))


def test_a_check_above_its_exercise_does_not_count(course):
    course.change('check("9.2", answer)', "pass")
    course.change("# # A toy lab", '# # A toy lab\n\n# %%\ncheck("9.2", 1)\n\n# %% [markdown]')
    with pytest.raises(CourseError, match=r"exercise 9\.2 has no check"):
        check_exercises(read(course.source), course.known(""))


def test_an_id_that_stands_twice_is_named(course):
    course.change("# Exercise 9.2", "# Exercise 9.1")
    with pytest.raises(CourseError, match=r"exercise 9\.1 stands 2 times"):
        check_exercises(read(course.source), ["9.1"])


def test_source_and_exercises_of_the_package_must_agree_both_ways(course):
    with pytest.raises(CourseError) as caught:
        check_exercises(read(course.source), ["9.1", "9.3"])
    assert "exercise 9.2 is not in labkit.exercises for lab9_toy, which has 9.1, 9.3" in str(caught.value)
    assert "no cell begins with '# Exercise 9.3'" in str(caught.value)
