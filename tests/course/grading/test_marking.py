"""What comes back becomes a mark: never points by an error, and never a word of the hidden inputs."""

import time
from dataclasses import replace

import numpy as np
import pytest

from labkit.course.grading.marking import mark, not_answered
from labkit.course.grading.sealed import Probed
from labkit.exercises.core import Exercise, Verdict
from labkit.exercises.registry import find

JACCARD, DECODE, WORDS = find("1.14"), find("1.1"), find("1.6")
CASES = {exercise.id: exercise.cases(np.random.default_rng(3)) for exercise in (JACCARD, DECODE, WORDS)}


def marked(exercise, answers, problem="", code="the code"):
    cases = CASES[exercise.id]
    return mark(exercise, code, Probed(exercise.id, answers, problem), cases)


def all_of(exercise, value):
    return [value] * len(CASES[exercise.id])


@pytest.mark.parametrize(
    ("exercise", "answers", "state", "points", "mistake"),
    [
        (JACCARD, all_of(JACCARD, 7.0), "graded", 0, "other"),
        (JACCARD, all_of(JACCARD, {"raised": "ValueError: no"}), "graded", 0, "raised"),
        (JACCARD, all_of(JACCARD, {"misfit": "got None"}), "graded", 0, "misfit"),
        (JACCARD, [{"unanswered": ""}], "not answered", 0, ""),
        (JACCARD, all_of(JACCARD, {"unanswered": "", "raised": ""}), "graded", 0, "other"),
        (WORDS, ["a text of words " * 10 + "one two three four five six seven"], "needs manual marking", None, ""),
        (WORDS, ["short"], "needs manual marking", None, "too_short"),
        (WORDS, [{"raised": "NameError: x"}], "needs manual marking", None, "raised"),
        (WORDS, [{"misfit": "got a number"}], "needs manual marking", None, "misfit"),
        (WORDS, [{"unanswered": ""}], "not answered", 0, ""),
        (WORDS, [{"unanswered": "it still stands there"}], "needs manual marking", None, ""),
    ],
)
def test_states_and_points(exercise, answers, state, points, mistake):
    made = marked(exercise, answers)
    assert (made.state, made.points) == (state, points)
    if mistake:
        assert made.mistake == mistake


def test_a_person_reads_the_code_where_the_text_failed_and_else_the_text():
    assert marked(WORDS, [{"raised": "NameError: x"}]).answer == "the code"
    assert marked(WORDS, [{"unanswered": "it still stands there"}]).answer == "the code"
    assert marked(WORDS, ["short"]).answer == "short"


def test_nothing_that_came_back_is_no_zero():
    made = marked(JACCARD, None, "the answer is larger than 1 MB")
    assert (made.state, made.points, made.why) == ("could not be graded", None, "the answer is larger than 1 MB")


def test_a_judge_that_fails_costs_its_exercise_and_is_no_zero():
    def judge(answers, cases):
        raise IndexError("secret")

    made = marked(replace(JACCARD, judge=judge), all_of(JACCARD, 1.0))
    assert (made.state, made.points) == ("could not be graded", None)
    assert "IndexError" in made.why
    assert "secret" not in made.why


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        ("KeyError: 'secret', at `words[i]`", "your code stopped with KeyError, at `words[i]`."),
        ("KeyError: 'secret'", "your code stopped with KeyError."),
        ("ValueError: secret\nsecret, at `x = 1\nsecret`", "your code stopped with ValueError."),
        ("secret secret" * 100, "your code stopped with secret."),
        ("", "your code stopped with an error."),
        ("?: secret", "your code stopped with an error."),
        (5, "your code stopped with 5."),
    ],
)
def test_of_an_error_only_its_kind_and_line_are_told(raised, told):
    made = marked(JACCARD, all_of(JACCARD, {"raised": raised}))
    assert made.message == told


def test_an_error_made_to_take_long_does_not():
    start = time.process_time()
    marked(JACCARD, all_of(JACCARD, {"raised": "E: " + ", at `x" * 2_000_000}))
    assert time.process_time() - start < 2


def test_a_hidden_text_is_not_quoted_to_the_student():
    def judge(answers, cases):
        return Verdict("wrong", f"Got {answers[0]!r} and 'some text'.", "other")

    hidden = next(iter(CASES["1.1"][0]["word_index"]))
    for text in (hidden, f"a{hidden}"):
        made = marked(replace(DECODE, judge=judge), [text, *all_of(DECODE, "")[1:]])
        assert ("a text of the input" in made.message) == (text == hidden)
        assert "'some text'" in made.message


def test_long_messages_and_answers_are_cut():
    made = marked(JACCARD, all_of(JACCARD, {"misfit": "x" * 5000}), code="y" * 50_000)
    assert made.message.endswith("letters more)")
    assert len(made.message) < 700
    assert len(made.answer) < 21_000


def test_the_mark_of_a_stub():
    made = not_answered(JACCARD)
    assert isinstance(JACCARD, Exercise)
    assert (made.points, made.state, made.message, made.answer) == (0, "not answered", "not answered.", "")
