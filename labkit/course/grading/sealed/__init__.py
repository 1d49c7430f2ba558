"""The sealed run of a task: a student's code where it can reach nothing, and plain data out of it."""

from labkit.course.grading.sealed.bubblewrap import available
from labkit.course.grading.sealed.running import NoSandboxError, run, telling
from labkit.course.grading.sealed.task import Limits, Outcome, Probed, Question, Step, Task

__all__ = ["Limits", "NoSandboxError", "Outcome", "Probed", "Question", "Step", "Task", "available", "run", "telling"]
