"""What a student gets back."""

import re
from dataclasses import replace

import pytest
from course.grading.outputs.html_checks import checked
from course.grading.outputs.made_up import ALL, BROKEN, HOSTILE, OPEN, RIGHT, UNANSWERED, WRONG, graded, student

from labkit.course.grading.outputs.attempts import by_student_and_lab
from labkit.course.grading.outputs.feedback import page, result, total
from labkit.exercises.registry import find


def read(*records, unsealed=False):
    (one,) = by_student_and_lab(records)
    return checked(page(one, unsealed))


@pytest.mark.parametrize(
    ("marks", "problem", "sentence"),
    [
        ([RIGHT, WRONG, UNANSWERED], "", "2 of 7 points."),
        ([RIGHT, OPEN], "", "2 of 5 points so far, 3 more wait for a reader."),
        ([RIGHT, BROKEN], "", "2 of 6 points so far, 4 more could not be graded yet."),
        (ALL, "", "2 of 14 points so far, 3 more wait for a reader and 4 more could not be graded yet."),
        ([replace(RIGHT, points=1.5, maximum=2)], "", "1.5 of 2 points."),
        ([replace(RIGHT, points=1, maximum=1)], "", "1 of 1 point."),
        ([UNANSWERED], "", "0 of 3 points."),
        ([OPEN], "", "No points yet: 3 wait for a reader."),
        ([OPEN, BROKEN], "", "No points yet: 3 wait for a reader and 4 could not be graded yet."),
        ([replace(OPEN, maximum=1), RIGHT], "", "2 of 3 points so far, 1 more waits for a reader."),
        ([BROKEN], "", "No points yet: this notebook could not be graded."),
        ([RIGHT], "It ended its process.", "No points yet: this notebook could not be graded."),
        ([], "no lab", "No points yet: this notebook could not be graded."),
    ],
)
def test_totals(marks, problem, sentence):
    record = graded(marks=marks, problem=problem)
    assert total(record) == sentence
    assert sentence in read(record).words()


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (RIGHT, "right"),
        (WRONG, "wrong"),
        (replace(WRONG, points=1.5), "in part"),
        (UNANSWERED, "not answered"),
        (OPEN, "needs manual marking"),
        (BROKEN, "could not be graded"),
    ],
)
def test_results(mark, said):
    assert result(mark) == said


@pytest.mark.parametrize(
    ("mark", "shown", "hidden"),
    [
        (RIGHT, ["2 of 2", "right", "Your answer"], []),
        (WRONG, ["0 of 2", "not right", "The order is lost."], []),
        (UNANSWERED, ["0 of 3", "not answered"], ["Your answer"]),
        (OPEN, ["open, of 3", "waits for a reader"], ["40 words, kept.", "0 of 3"]),
        (BROKEN, ["open, of 4", "could not be graded", "It ran longer than 60 s.", "not a 0"], ["0 of 4"]),
        (
            replace(WRONG, points=1, by_hand=True, comment="Half."),
            ["1 of 2, given by a reader", "right in part", "Half."],
            [],
        ),
    ],
)
def test_what_is_said_of_an_exercise(mark, shown, hidden):
    words = read(graded(marks=[mark])).words()
    assert [text for text in shown if text not in words] == []
    assert [text for text in hidden if text in words] == []


def test_why_something_could_not_be_graded_ends_in_one_full_stop():
    for why in ("the file ends in the middle", "the file ends in the middle."):
        words = read(graded(marks=[replace(BROKEN, why=why)])).words()
        assert "The file ends in the middle. That is not a 0" in words


def test_a_remark_is_told_with_a_right_answer_and_an_overruled_check_is_not():
    remarked = graded(marks=[replace(RIGHT, message="One thing more: detach() it.")])
    assert "One thing more: detach() it." in read(remarked).words()
    (one,) = by_student_and_lab([graded(marks=[replace(WRONG, points=WRONG.maximum, by_hand=True)])])
    overruled = replace(one, automatic=graded(marks=[WRONG]))
    assert "The order is lost." not in checked(page(overruled, False)).words()


@pytest.mark.parametrize("mark", ALL, ids=lambda mark: mark.state)
def test_the_last_hint_is_for_those_who_have_the_answer(mark):
    *hints, last = (" ".join(hint.split()) for hint in find(mark.exercise).hints)
    words = read(graded(marks=[mark])).words()
    assert all(hint in words for hint in hints)
    assert (last in words) == (result(mark) == "right")


@pytest.mark.parametrize("by_hand", [False, True])
def test_in_the_place_of_words_that_code_has_made_the_code_is_shown(by_hand):
    mark = replace(OPEN, answer="a hidden input", code="answer_1_10 = ' '.join(seen)")
    effective = replace(mark, state="graded", points=1, by_hand=True) if by_hand else mark
    (one,) = by_student_and_lab([graded(marks=[mark])])
    text = page(replace(one, graded=graded(marks=[effective])), False)
    assert '<pre tabindex="0"><code>answer_1_10 = &#39; &#39;.join(seen)</code></pre>' in text
    assert "a hidden input" not in text


def test_file_attempts_and_repairs_are_named():
    now = graded(path="new.ipynb", modified=1.8e9, repairs=("A cell was doubled.",))
    words = read(now, graded(path="old.ipynb", modified=1.79e9)).words()
    assert "new.ipynb, last changed 2027-01-15 08:00 UTC" in words
    assert "2; the latest counts. Earlier: old.ipynb, 2026-09-21" in words
    assert "A cell was doubled." in words


def test_what_is_for_the_instructor_is_not_there():
    record = graded(student("ada", "Ada", ID="4711"), look=("alike to Bob's",), seed=987654, digest="feedbeef")
    record = replace(record, student=replace(record.student, doubt="or is it Bob?"))
    (one,) = by_student_and_lab([record])
    text = page(one, False)
    assert [secret for secret in ("4711", "alike to Bob", "987654", "feedbeef", "or is it Bob") if secret in text] == []


def test_the_banner_of_a_run_without_sandbox():
    assert (
        read(graded(), unsealed=True)
        .words()
        .startswith("Lab 1, Ada: feedback To the content Graded without a sandbox.")
    )
    assert "sandbox" not in read(graded()).words()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(text):
    mark = replace(WRONG, message=text, answer=text, comment=text, title=text, by_hand=True, points=1)
    record = graded(
        student("ada", text),
        [mark, replace(BROKEN, why=text)],
        path=text,
        repairs=(text,),
        problem=text,
        lab_title=text,
    )
    (one,) = by_student_and_lab([record, replace(record, path=text + "2", modified=1)])
    found = checked(page(one, True))
    if text.startswith(("<", '"', "&", "{")):
        assert found.text.count(text) >= 8


def test_state_is_said_by_words_and_not_by_colour_alone():
    text = page(by_student_and_lab([graded()])[0], False)
    for words in ("right", "not right", "not answered", "waits for a reader", "could not be graded"):
        assert re.search(rf'<span class="state \w+"><i aria-hidden="true">.</i> {words}</span>', text)
