"""The small course, for all tests of grading."""

from course.grading.small_course import lab, root

__all__ = ["lab", "root"]
