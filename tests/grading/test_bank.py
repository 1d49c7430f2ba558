"""Every submission of the bank gets the mark that it has earned, and no other."""

import pytest
from course.grading.sealed_runs import needs_sandbox
from grading.bank import OPEN, marks_of
from grading.broken import BROKEN
from grading.course import EXERCISES
from grading.dishonest import DISHONEST
from grading.honest import HONEST

pytestmark = needs_sandbox


def named(submissions):
    return [pytest.param(submission.name, id=submission.name) for submission in submissions]


def compare(submission, record):
    """The record is as the truth has it, and says what was mended or is to be looked at."""
    automatic = record["automatic"]
    assert record["counts"] == submission.counts
    if submission.problem:
        assert submission.problem in automatic["problem"]
        assert automatic["marks"] == []
        return
    assert automatic["problem"] == ""
    assert marks_of(record) == dict.fromkeys(EXERCISES, OPEN) | dict(submission.truth), automatic["look"]
    said = "\n".join([*automatic["repairs"], *automatic["look"]])
    for words in submission.said:
        assert words in said


@pytest.mark.parametrize("name", named(HONEST))
def test_an_honest_notebook_gets_what_it_is_worth(bank, name):
    compare(bank.submissions[name], bank.records[name])


@pytest.mark.parametrize("name", named(BROKEN))
def test_what_is_broken_costs_itself_alone(bank, name):
    compare(bank.submissions[name], bank.records[name])


@pytest.mark.parametrize("name", named(DISHONEST))
def test_a_dishonest_notebook_gains_nothing(bank, name):
    gained = {exercise: points for exercise, points in marks_of(bank.records[name]).items() if points in range(1, 9)}
    assert gained == dict(bank.submissions[name].truth)


def test_a_spy_is_graded_as_everybody(bank):
    for name in bank.spies:
        compare(bank.submissions[name], bank.records[name])
