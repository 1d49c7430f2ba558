"""What all parts of a notebook's path say, and which of them is to be believed where they say different things."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from labkit.course.grading.intake import words
from labkit.course.grading.intake.names import Signs, signs

#: A folder with so many names in it is surely not one student's.
CROWD = 4


@dataclass(frozen=True)
class Spoken:
    """A path and whom its parts speak of, the file first and the outermost folder last."""

    path: str
    parts: tuple[Signs, ...]

    @property
    def system(self) -> Signs | None:
        """What Canvas or Moodle wrote, which is surer than what a student did.

        The outermost, as within a zip file a student can imitate it.
        """
        return next((part for part in reversed(self.parts) if part.system), None)

    @property
    def telling(self) -> list[Signs]:
        """The parts that speak of anybody, the surest first."""
        return [self.system] if self.system else [part for part in self.parts if part]

    def place(self, number: int) -> str:
        """The path of a part: 0 is the file, 1 its folder or zip file."""
        return "/".join(self.path.split("/")[: len(self.parts) - number])


def spoken(path: str) -> Spoken:
    """A path, read part for part."""
    return Spoken(path, tuple(signs(part) for part in reversed(path.split("/"))))


def believed(paths: Sequence[Spoken]) -> dict[str, tuple[Signs, int, str]]:
    """For each path the signs that name its student, the number of the part they stand in, and a doubt or "".

    A file's name comes first, then the nearest folder that names a single student. A folder that holds notebooks of
    several is a course's or a section's. What files are called in folders of different names ("test") is no name.
    """
    below = _named_below(paths)
    owners: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    for path in paths:
        folder = _folder(path, below, 2)
        if folder:
            owners[identity(path.parts[0])].add(identity(path.parts[folder]))
    chosen = {}
    for path in paths:
        file, folder, doubt = path.parts[0], _folder(path, below, 2), ""
        named = _folder(path, below, CROWD)
        outer = path.parts[named] if named else Signs()
        if path.system:
            number = path.parts.index(path.system)
        elif file.words and outer.words and not _akin(file, outer):
            number = folder if len(owners[identity(file)]) > 1 else 0
            doubt = "" if number else f"The file's name says {file.name!r}, but its folder {outer.name!r}."
        else:
            number = 0 if file else folder
        chosen[path.path] = (path.parts[number], number, doubt)
    return chosen


def identity(part: Signs) -> tuple[str, ...]:
    """The words of a name in an order that does not depend on how it was written."""
    return tuple(sorted(part.words))


def _named_below(paths: Sequence[Spoken]) -> Mapping[str, set[tuple[str, ...]]]:
    """Place of a folder -> the names that are spoken of within it."""
    below = defaultdict(set)
    for path in paths:
        inner = Signs()
        for number, part in enumerate(path.parts):
            if number and inner and not _akin(inner, part):
                below[path.place(number)].add(identity(inner))
            inner = inner if inner.words else part
    return below


def _folder(path: Spoken, below: Mapping[str, set[tuple[str, ...]]], crowd: int) -> int:
    """The number of the nearest folder or zip file that has a name and holds fewer than so many others, or 0."""
    named = (number for number, part in enumerate(path.parts) if number and part.words)
    return next((number for number in named if len(below.get(path.place(number), ())) < crowd), 0)


def _akin(one: Signs, other: Signs) -> bool:
    """Whether one name holds the other."""
    return words.all_among(one.words, other.words) or words.all_among(other.words, one.words)
