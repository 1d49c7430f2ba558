"""What comes back becomes a mark: never points by an error, and never a word of the hidden inputs."""

import time
from dataclasses import replace

import numpy as np
import pytest

from labkit.course.grading import telling
from labkit.course.grading.code import Written
from labkit.course.grading.marking import mark, not_answered
from labkit.course.grading.sealed import Probed
from labkit.exercises.core import Exercise, Verdict
from labkit.exercises.registry import find

JACCARD, DECODE, WORDS = find("1.14"), find("1.1"), find("1.6")
CASES = {exercise.id: exercise.cases(np.random.default_rng(3)) for exercise in (JACCARD, DECODE, WORDS)}


def marked(exercise, answers, problem="", code="the code"):
    cases = CASES[exercise.id]
    return mark(exercise, code, Probed(exercise.id, answers, problem), cases, Written(code))


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
        ("LinAlgError: Singular matrix", "your code stopped with LinAlgError."),
        ("OfMyOwn: secret", "your code stopped with OfMyOwn."),
        ("secret: no", "your code stopped with an error."),
        ("KeyError: 'x', at `secret`", "your code stopped with KeyError."),
        ("KeyError: 'x', at `words`", "your code stopped with KeyError."),
        ("KeyError: 'secret'", "your code stopped with KeyError."),
        ("ValueError: secret\nsecret, at `x = 1\nsecret`", "your code stopped with ValueError."),
        ("secret secret" * 100, "your code stopped with an error."),
        ("", "your code stopped with an error."),
        ("?: secret", "your code stopped with an error."),
    ],
)
def test_of_an_error_only_its_kind_and_line_are_told(raised, told):
    code = "class OfMyOwn(ValueError): pass\ndef decode(ids, words):\n    x = 1\n    words[i]"
    assert marked(JACCARD, all_of(JACCARD, {"raised": raised}), code=code).message == told


def test_what_only_looks_like_an_error_or_a_misfit_tells_nothing():
    for answer in ({"raised": 5}, {"misfit": ["secret"]}, {"raised": "secret", "misfit": "secret"}, {"secret": 5}):
        made = marked(JACCARD, all_of(JACCARD, answer))
        assert made.mistake == "other"
        assert "secret" not in made.message


def test_an_error_made_to_take_long_does_not():
    start = time.process_time()
    marked(JACCARD, all_of(JACCARD, {"raised": "E: " + ", at `x" * 2_000_000}))
    assert time.process_time() - start < 2


@pytest.mark.parametrize("text", ["hidden", "a hidden", "some text", "in the code", "it's", "more, wanted 'x'."])
def test_of_an_answer_only_what_is_known_is_quoted_to_the_student(text):
    def judge(answers, cases):
        return Verdict("wrong", f"'some text' is wanted. In 'entry': Got {answers[0]!r}.", "other")

    hidden = next(iter(CASES["1.1"][0]["word_index"]))
    text = text.replace("hidden", hidden)
    made = marked(replace(DECODE, judge=judge), [text, *all_of(DECODE, "")[1:]], code="x = 'in the code', 'some text'")
    known = {hidden: "a text of the input", "in the code": "'in the code'", "some text": "'some text'"}
    assert made.message == f"'some text' is wanted. In 'entry': Got {known.get(text, telling.NOT_SHOWN)}."


def test_long_messages_and_answers_are_cut():
    made = marked(
        replace(JACCARD, judge=lambda *_: Verdict("wrong", "x" * 5000)), all_of(JACCARD, 0.0), code="y" * 50_000
    )
    assert made.message.endswith("letters more)")
    assert len(made.message) < 700
    assert len(made.answer) < 21_000


@pytest.mark.parametrize(
    ("code", "words", "shown"),
    [
        ("answer = 'one two\\n three'", "one two three", True),
        ("answer = ('one '\n 'two three')", "one two three", True),
        ("answer = f'one {2} three'", "one 2 three", False),
        ("answer = ' '.join(seen)", "secret words", False),
        ("answer = {'why': 'one two', 'n': 3}", {"why": "one two", "n": 3.0}, True),
        ("answer = {'why': 'one two', 'n': -0.25}", {"why": "one two", "n": -0.25}, True),
        ("answer = {'why': 'one two', 'n': seen}", {"why": "one two", "n": 3.141592}, False),
        ("answer = {'why': seen, 'n': 3}", {"why": "secret words", "n": 3.0}, False),
        ("answer = {seen: 'one two'}", {"secret": "one two"}, False),
        ("answer = 'one two", "one two", False),
    ],
)
def test_words_are_shown_to_the_student_where_they_stand_in_the_code_and_else_the_code(code, words, shown):
    made = marked(replace(WORDS, judge=lambda *_: Verdict("for a reader", "")), [words], code=code)
    assert made.answer == ("\n".join(f"{k}: {v}" for k, v in words.items()) if isinstance(words, dict) else words)
    assert made.code == ("" if shown else code)


def test_the_mark_of_a_stub():
    made = not_answered(JACCARD)
    assert isinstance(JACCARD, Exercise)
    assert (made.points, made.state, made.message, made.answer) == (0, "not answered", "not answered.", "")
