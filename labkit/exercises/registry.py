"""Which labs have exercises: one module of this folder each, named by the lab's stem."""

from importlib import import_module
from pathlib import Path

from labkit.exercises.core import Exercise, Lab


def stems() -> list[str]:
    """The stems of all labs, in order."""
    return sorted(path.stem for path in Path(__file__).parent.glob("lab[0-9]_*.py"))


def load(stem: str) -> Lab:
    """A lab with its exercises.

    Raises:
        ValueError: no lab of this stem.
    """
    if stem not in stems():
        raise ValueError(f"got lab {stem!r}; wanted one of {', '.join(stems())}.")
    return import_module(f"labkit.exercises.{stem}").LAB


def find(exercise_id: str) -> Exercise:
    """An exercise by its id; the digit in front of the point is the lab's.

    Raises:
        ValueError: no exercise of this id.
    """
    number = str(exercise_id).split(".")[0]
    for stem in stems():
        if stem.startswith(f"lab{number}_"):
            exercises = load(stem).exercises
            if exercise_id in exercises:
                return exercises[exercise_id]
            raise ValueError(f"got exercise {exercise_id!r}; lab {number} has {', '.join(exercises)}.")
    raise ValueError(f"got exercise {exercise_id!r}; wanted a lab and a number, as in \"1.3\".")
