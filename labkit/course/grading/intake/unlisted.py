"""Students whom no roster knows: one key for one name over several files, and never one for two names."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from labkit.course.grading.intake import words
from labkit.course.grading.intake.names import Signs
from labkit.course.grading.intake.paths import Spoken, believed, identity
from labkit.course.grading.records import Student

#: Other names that a doubt lists.
NAMED = 3


@dataclass
class _Person:
    """All files of one name; ``signs`` has for each path who it speaks of, ``folders`` where that stands."""

    signs: dict[str, Signs] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The most telling of the ways in which the name was written."""
        names = [signs.name for signs in self.signs.values()]
        return max(sorted(names), key=lambda name: (" " in name, not name.islower(), names.count(name)))

    @property
    def words(self) -> tuple[str, ...]:
        """Of the name, sorted."""
        return identity(next(iter(self.signs.values())))

    @property
    def canvas(self) -> str:
        """The number in Canvas, which is the same in all courses."""
        return next((signs.number for signs in self.signs.values() if signs.system == "canvas"), "")


def from_paths(paths: Sequence[Spoken]) -> dict[str, Student]:
    """The student of each path, by nothing but the paths."""
    people: dict[tuple[tuple[str, ...], str], _Person] = defaultdict(_Person)
    students = {}
    for path, (signs, number, doubt) in believed(paths).items():
        if not signs.words:
            students[path] = _nobody(path)
            continue
        person = people[identity(signs), signs.number if signs.system == "canvas" else ""]
        person.signs[path] = signs
        person.folders[path] = "/".join(path.split("/")[: -number - 1])
        person.doubts[path] = doubt
    alike = _alike([*people.values()])
    for person in people.values():
        numbers = _told_apart(person)
        for path in person.signs:
            students[path] = Student(
                words.key(person.words, person.canvas or numbers.get(path, "")),
                person.name,
                doubt=" ".join(filter(None, (person.doubts[path], _namesakes(numbers), alike.get(id(person), "")))),
            )
    return students


def _nobody(path: str) -> Student:
    name = words.clean(path.rpartition("/")[2])
    doubt = "Neither the file's name nor a folder says whose it is; it was taken for a student of its own."
    return Student(f"unnamed_x{sha256(path.encode()).hexdigest()[:8]}", name, doubt=doubt)


def _told_apart(person: _Person) -> Mapping[str, str]:
    """Path -> number or address, if there are two of them for the name in one folder.

    In two folders there may be two for one student, as Moodle numbers them anew with each assignment.
    """
    told = {path: signs.email or signs.number for path, signs in person.signs.items() if signs.email or signs.number}
    together = defaultdict(set)
    for path, number in told.items():
        kind = person.signs[path].system or "@" in number  # a number and an address may well be one student's
        together[person.folders[path], kind].add(number)
    return told if any(len(numbers) > 1 for numbers in together.values()) else {}


def _namesakes(numbers: Mapping[str, str]) -> str:
    told = sorted(set(numbers.values()))
    return f"There are several of this name: {', '.join(told[:NAMED])}." if told else ""


def _alike(people: Sequence[_Person]) -> dict[int, str]:
    """For whom there is another of nearly the same name, the words to say so."""
    by_spelling, by_word = defaultdict(list), defaultdict(list)
    for person in people:
        for spelling in words.in_one_word(person.words):
            by_spelling[spelling].append(person)
        for word in person.words:
            for spelling in words.spellings(word):
                by_word[spelling].append(person)
    pairs: dict[int, dict[int, _Person]] = defaultdict(dict)
    for person in people:
        same = [other for spelling in words.in_one_word(person.words) for other in by_spelling[spelling]]
        longer = [
            other
            for spelling in words.spellings(person.words[0])
            for other in by_word[spelling]
            if len(other.words) > len(person.words) and words.all_among(person.words, other.words)
        ]
        for other in (*same, *longer):
            if other is not person:
                pairs[id(person)][id(other)] = other
                pairs[id(other)][id(person)] = person
    return {
        person: f"This may be the same student as {_listed([*others.values()])}." for person, others in pairs.items()
    }


def _listed(people: Sequence[_Person]) -> str:
    names = sorted(repr(person.name) + f" ({person.canvas})" * bool(person.canvas) for person in people)
    return " or ".join(names[:NAMED]) + f" or {len(names) - NAMED} others" * (len(names) > NAMED)
