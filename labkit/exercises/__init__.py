"""The exercises of the labs: what is asked, hints, and checks that name the mistake.

A student calls ``check``, ``hint``, ``progress`` and ``done``; ``load`` gives a lab's exercises to the
tools that build, run and grade.
"""

from labkit.exercises.desk import check, done, hint, progress
from labkit.exercises.registry import load, stems

__all__ = ["check", "done", "hint", "load", "progress", "stems"]
