"""Intake: whatever lies in a folder of returned notebooks, as one ``Submission`` for each of them."""

from labkit.course.grading.intake.places import LeftAside
from labkit.course.grading.intake.roster import students
from labkit.course.grading.intake.taking import left_aside, submissions

__all__ = ["LeftAside", "left_aside", "students", "submissions"]
