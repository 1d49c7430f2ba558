"""What grading leaves behind: marks for a gradebook, a sheet to mark in, feedback pages and the instructor's report."""

from labkit.course.grading.outputs.writing import Summary, check, write

__all__ = ["Summary", "check", "write"]
