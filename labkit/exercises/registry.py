"""Which labs have exercises: one package (or module) of this folder each, named by the lab's stem."""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from labkit.exercises.core import Exercise, Lab


class UsageError(ValueError):
    """A call that cannot be answered as it was made; a notebook shows the message alone, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in the traceback's place."""
        return [f"{type(self).__name__}: {self}"]


def stems() -> list[str]:
    """The stems of all labs, in order."""
    found = (module.name for module in iter_modules([str(Path(__file__).parent)]))
    return sorted(
        (name for name in found if re.match(r"lab\d+_", name)), key=lambda name: int(name[3 : name.index("_")])
    )


def load(stem: str) -> Lab:
    """A lab with its exercises.

    Raises:
        UsageError: no lab of this stem, or its package holds no ``LAB`` of this stem.
    """
    if stem not in stems():
        raise UsageError(f"got lab {stem!r}; wanted one of {', '.join(stems())}.")
    lab = getattr(import_module(f"labkit.exercises.{stem}"), "LAB", None)
    if not isinstance(lab, Lab) or lab.stem != stem:
        got = repr(lab.stem) if isinstance(lab, Lab) else "none"
        raise UsageError(f'labkit.exercises.{stem} wants an object LAB = Lab("{stem}", ...); got {got}.')
    return lab


def find(exercise_id: str) -> Exercise:
    """An exercise by its id; the digit in front of the point is the lab's. Blanks around it do not matter.

    Raises:
        UsageError: no exercise of this id.
    """
    if isinstance(exercise_id, (int, float)):  # 1.1 and 1.10 are the same number
        raise UsageError(f'got {exercise_id} without quotes; write the number in quotes: hint("1.10").')
    parts = re.fullmatch(r"\s*(\d+)\.\d+\s*", exercise_id) if isinstance(exercise_id, str) else None
    if parts is None:
        raise UsageError(f'got {exercise_id!r}; wanted a lab and a number, as in "1.3".')
    number = parts[1]
    lab = next((load(stem) for stem in stems() if stem.startswith(f"lab{number}_")), None)
    if lab is None:
        raise UsageError(f"got exercise {exercise_id!r}; there is no lab {number} here.")
    if exercise_id.strip() not in lab.exercises:
        raise UsageError(f"got exercise {exercise_id!r}; lab {number} has {', '.join(lab.exercises)}.")
    return lab.exercises[exercise_id.strip()]
