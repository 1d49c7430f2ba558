"""Both runs that are compared do their work on a small notebook: one that fails, or is not graded, raises."""

import pytest
from course.grading.sealed_runs import needs_sandbox

from labkit.course import CourseError
from labkit.course.grading import benchmark
from labkit.course.grading.sealed import Limits

pytestmark = needs_sandbox


def test_both_runs_end_well():
    works = benchmark.prepare(small=True)
    assert tuple(works) == benchmark.VARIANTS
    for work in works.values():
        work()


def test_a_run_that_is_not_graded_is_no_measurement(monkeypatch):
    monkeypatch.setattr(benchmark, "Limits", lambda cores: Limits(total_seconds=0.1))
    with pytest.raises(CourseError, match="did not earn"):
        benchmark.prepare(small=True)["graded"]()
