"""The sentences that probes say of an answer, as they stand in the sources of ``labkit.exercises``, with holes.

A sealed process can send any sentence. Where it is of one of these forms, all of it but the holes is the course's own.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from labkit import exercises
from labkit.course import CourseError

_SAID_BY = ("Misfit", "Unanswered")


@dataclass(frozen=True)
class Form:
    """A sentence with holes; ``parts`` are the texts around them."""

    parts: tuple[str, ...]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("(.*?)".join(map(re.escape, self.parts)), re.DOTALL)

    def holes(self, sentence: str) -> tuple[str, ...] | None:
        """What fills the holes in a sentence of this form; None for any other."""
        if not (sentence.startswith(self.parts[0]) and sentence.endswith(self.parts[-1])):
            return None  # quick, as most forms are others
        found = self._pattern.fullmatch(sentence)
        return found.groups() if found else None

    def filled(self, holes: Iterator[str]) -> str:
        """The sentence with something in its holes."""
        return self.parts[0] + "".join(hole + part for hole, part in zip(holes, self.parts[1:], strict=True))


@cache
def forms() -> tuple[Form, ...]:
    """All forms, those that say most first.

    Raises:
        CourseError: the text of a ``Misfit`` or ``Unanswered`` is put together elsewhere than in the call.
    """
    found = {_form(call, path) for path, tree in _sources() for call in ast.walk(tree) if _says_something(call)}
    return tuple(sorted(found, key=lambda form: (-sum(map(len, form.parts)), form.parts)))


@cache
def texts() -> frozenset[str]:
    """All texts that stand as constants in the sources, such as what was wanted and the names of entries."""
    nodes = (node for _, tree in _sources() for node in ast.walk(tree))
    return frozenset(node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


@cache
def _sources() -> tuple[tuple[Path, ast.Module], ...]:
    paths = sorted(Path(exercises.__file__).parent.rglob("*.py"))
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def _says_something(node: ast.AST) -> bool:
    match node:
        case ast.Call(ast.Name(name) | ast.Attribute(_, name), args=[_, *_]):
            return name in _SAID_BY
    return False


def _form(call: ast.AST, path: Path) -> Form:
    match call:
        case ast.Call(args=[ast.Constant(str(text))], keywords=[]):
            return Form((text,))
        case ast.Call(args=[ast.JoinedStr(values)], keywords=[]):
            parts = [""]
            for value in values:
                match value:
                    case ast.Constant(str(text)):
                        parts[-1] += text
                    case _:
                        parts.append("")
            return Form(tuple(parts))
    raise CourseError(
        f"{path}:{getattr(call, 'lineno', 0)}: wanted the text of a Misfit in the call itself, in quotes and with "
        "{...} for what changes: grading shows a student no other."
    )
