"""The numbers of the report."""

from dataclasses import replace

import pytest
from course.grading.outputs.made_up import BROKEN, OPEN, RIGHT, UNANSWERED, WRONG, graded, student

from labkit.course.grading.outputs.attempts import by_student_and_lab
from labkit.course.grading.outputs.drawing import distribution, in_words
from labkit.course.grading.outputs.lab_numbers import Bin, by_lab


def numbers(*all_marks, **changes):
    records = [graded(student(f"s{n}", f"S{n}"), marks, **changes) for n, marks in enumerate(all_marks)]
    (found,) = by_lab(by_student_and_lab(records))
    return found


def test_a_lab():
    found = numbers(
        [RIGHT, WRONG], [RIGHT, replace(WRONG, points=1.5)], [RIGHT, replace(OPEN, exercise="1.3")], [BROKEN]
    )
    assert (found.notebooks, found.whole, found.ungraded, found.mean, found.median) == (4, 2, 1, 2.75, 2.75)
    assert numbers([OPEN]).mean is None


@pytest.mark.parametrize(
    ("maximum", "points", "lows", "counts"),
    [
        (4, [0, 0.5, 1, 4], [0, 1, 2, 3, 4], [1, 2, 0, 0, 1]),
        (23, [0, 1, 2, 23], list(range(0, 24, 2)), [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        (40, [3.5, 40], list(range(0, 41, 4)), [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ],
)
def test_bins(maximum, points, lows, counts):
    found = numbers(*([replace(RIGHT, points=value, maximum=maximum)] for value in points)).bins
    assert [one.low for one in found] == lows
    assert [one.whole for one in found] == counts
    assert found[-1].high == maximum
    assert all(one.high + 1 == other.low for one, other in zip(found, found[1:], strict=False))


def test_exercises_from_the_hardest_to_the_easiest():
    easy, hard, half, unknown = (replace(RIGHT, exercise=name) for name in ("1.1", "1.2", "1.10", "1.3"))
    missed, lost = replace(hard, points=0), replace(half, points=0)
    found = numbers(
        [easy, missed, half, replace(unknown, points=None, state="needs manual marking")],
        [easy, missed, lost, replace(unknown, points=None, state="could not be graded")],
        [easy, replace(hard, points=1), replace(half, state="not answered", points=0), replace(unknown, points=0)],
    ).exercises
    assert [(e.exercise, e.right, e.part, e.wrong, e.unanswered, e.open) for e in found] == [
        ("1.2", 0, 1, 2, 0, 0),
        ("1.10", 1, 0, 1, 1, 0),
        ("1.1", 3, 0, 0, 0, 0),
        ("1.3", 0, 0, 1, 0, 2),
    ]
    assert [e.mostly_open for e in found] == [False, False, False, True]
    assert {e.students for e in found} == {3}


def test_mistakes_by_how_many_made_them():
    raised = [replace(WRONG, mistake="raised", message=text) for text in ("a KeyError", "a KeyError", "a ValueError")]
    nameless = [replace(WRONG, mistake="", message=text) for text in ("not it.", "not it.", "nor this.")]
    (found,) = numbers(
        *([mark] for mark in [*raised, *nameless, UNANSWERED, RIGHT] if mark.exercise == "1.3")
    ).exercises
    assert [(m.name, m.message, m.count, m.others) for m in found.mistakes] == [
        ("raised", "a KeyError", 3, 1),
        ("", "not it.", 2, 0),
        ("", "nor this.", 1, 0),
    ]


def test_the_picture_says_itself_in_words():
    bins = (Bin(0, 1, 0, 0), Bin(2, 3, 2, 1), Bin(4, 4, 1, 0))
    words = "2–3 points: 3 notebooks, 1 of them with points still open; 4 points: 1 notebook."
    assert in_words(bins) == f"How many notebooks have how many points. {words}"
    drawn = distribution(bins, "lab1")
    assert words in drawn
    assert drawn.count("<rect") == 3
    assert 'fill="url(#lab1-hatched)"' in drawn
    assert "None yet" in distribution((Bin(0, 4, 0, 0),), "lab1")


@pytest.mark.parametrize("most", [1, 3, 4, 7, 60, 3000, 9999])
def test_axes_of_any_height(most):
    drawn = distribution((Bin(0, 4, most, 0),), "lab1")
    assert 2 <= drawn.count('class="line"') <= 6
