"""Which cell of a returned notebook answers which exercise.

An answer is known by the exercise's id in its code. Where that line is gone, it is the cell that makes the name which
the check hands over. Cell ids, metadata, outputs and execution counts are not looked at: editors lose and double
them, and anyone can write into them. What else a student wrote, a helper or an import in a cell of its own, runs
at its place among the given cells.
"""

import ast
import difflib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from labkit.course.grading.given import EXERCISE_LINE, Given
from labkit.course.grading.records import ReturnedCell

# With so many words in common, of all that both have, two cells are one, changed.
_ALIKE = 0.7
_LONGEST_PARSED = 200_000  # letters; no one writes as much by hand
# Installing needs a network; what the course needs is there.
_INSTALLS = re.compile(r"^[ \t]*[!%][ \t]*(?:pip|pip3|conda|mamba|uv|apt|apt-get)\b.*$", re.MULTILINE)
_DESK = ("check", "hint", "progress")


@dataclass(frozen=True)
class Extra:
    """A student's own cell; it runs after the given cell of index ``after``, -1 being before them all."""

    after: int
    code: str


@dataclass
class Matched:
    """A returned notebook as the given one with a student's cells in it.

    Attributes:
        answers: exercise id -> code; exercises whose cell is as it was given are missing.
        extras: the student's own cells, in their order.
        repairs: what was not as in the given notebook and was mended, a sentence each.
        look: what a person should look at, a sentence each.
    """

    answers: dict[str, str] = field(default_factory=dict)
    extras: list[Extra] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    look: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Piece:
    """A returned cell, or the part of one that begins with an exercise's id."""

    text: str
    exercise: str
    after: int  # index of the last given cell before it, in the student's order


def lab_of(cells: Sequence[ReturnedCell], labs: Mapping[str, Given]) -> str:
    """The stem of the lab that a notebook is of, by its content; "" if of none."""
    code = "\n".join(cell.text for cell in cells)
    ids = {f"{lab}.{number}" for lab, number in EXERCISE_LINE.findall(code)}
    texts = {_bare(cell.text) for cell in cells}

    def likeness(lab: Given) -> int:
        same = sum(_bare(cell.text) in texts for cell in lab.cells)
        return len(ids & lab.places.keys()) + same + (3 if f'setup("{lab.stem}"' in code else 0)

    best = max(labs.values(), key=likeness, default=None)
    return best.stem if best and likeness(best) else ""


def match(cells: Sequence[ReturnedCell], lab: Given) -> Matched:
    """Find the answers in a returned notebook."""
    found = Matched()
    pieces = list(_pieces(cells, lab, found))
    by_id, others = defaultdict[str, list[_Piece]](list), list[_Piece]()
    for piece in pieces:
        (by_id[piece.exercise] if piece.exercise else others).append(piece)
    for exercise, place in lab.places.items():
        stub = lab.cells[place].text
        written = [piece for piece in by_id[exercise] if _bare(piece.text) != _bare(stub)]
        if not written:
            written = [piece for piece in others if lab.expressions.get(exercise) in _made(piece.text)]
            if written:
                others.remove(written[-1])
                found.repairs.append(f"Exercise {exercise} was found by the name that it defines.")
        if written:
            found.answers[exercise] = written[-1].text
        elif not by_id[exercise]:
            found.repairs.append(f"The cell for exercise {exercise} is missing; it counts as not answered.")
        if len({_bare(piece.text) for piece in written}) > 1:
            found.look.append(f"Exercise {exercise} is answered {len(written)} times; the last one counts.")
    for piece in others:
        found.extras += _extra(piece, lab, found)
    return found


def _pieces(cells: Sequence[ReturnedCell], lab: Given, found: Matched) -> Iterator[_Piece]:
    """What the student wrote or changed, in order; given cells only tell where it stands."""
    places = {_bare(cell.text): place for place, cell in enumerate(lab.cells)}
    after, seen = -1, set[int]()
    for cell in cells:
        place = places.get(_bare(cell.text))
        if place is not None and not lab.cells[place].exercise:
            seen.add(place)
            after = place
            continue
        for text, exercise in _split(cell, lab):
            if exercise:
                after = lab.places[exercise]
                if cell.kind != "code":
                    found.repairs.append(f"The cell for exercise {exercise} was no code cell any more.")
            if exercise or cell.kind == "code":
                yield _Piece(text, exercise, after)
    missing = len(lab.cells) - len(lab.places) - len(seen)
    if missing:
        cells_are = "One given cell is" if missing == 1 else f"{missing} given cells are"
        found.repairs.append(f"{cells_are} missing or changed; the given ones were run.")


def _split(cell: ReturnedCell, lab: Given) -> Iterator[tuple[str, str]]:
    """The parts of a cell with the exercise that each answers, "" for none of this lab.

    Where several answers stand in one cell, each begins with the line that names its exercise. In a cell of text, that
    line comes first.
    """
    starts = [
        (line.start(), name)
        for line in EXERCISE_LINE.finditer(cell.text)
        if (name := f"{line[1]}.{line[2]}") in lab.places
    ]
    if cell.kind != "code" and cell.text[: starts[0][0] if starts else None].strip():
        starts = []
    if not starts:
        yield cell.text, ""
        return
    if _code(cell.text[: starts[0][0]]).strip():  # an import above the line is part of the answer
        starts[0] = (0, starts[0][1])
    ends = [start for start, _ in starts[1:]] + [len(cell.text)]
    parts = [(cell.text[start:end], name) for (start, name), end in zip(starts, ends, strict=True)]
    if all(_tree(part) for part, _ in parts):
        yield from parts
    else:  # the later lines are remarks within the first answer
        yield cell.text[starts[0][0] :], starts[0][1]


def _extra(piece: _Piece, lab: Given, found: Matched) -> Iterator[Extra]:
    """The student's own cell as it is to be run; none for what changes a given cell, or only asks the desk."""
    code, installs = _INSTALLS.subn("", piece.text)
    if installs:
        found.repairs.append("A command that installs packages was left out.")
    tree = _tree(code)
    if not _code(code).strip() or (tree and all(map(_asks_desk, tree.body))):
        return
    changed = _changed(code, lab, piece.after)
    if changed is not None and _made(code) <= _made(lab.cells[changed].text):
        first = lab.cells[changed].text.strip().splitlines()[0]
        found.look.append(f"A given cell was changed, and the given one was run: {first[:80]}")
        return
    yield Extra(piece.after, code)


def _changed(code: str, lab: Given, after: int) -> int | None:
    """The index of the given cell that a cell is a changed copy of, if it is one; the nearest of several."""
    words = code.split()
    for place in sorted(range(len(lab.cells)), key=lambda place: abs(place - after - 1)):
        # By the words alone, whatever their order: that takes no longer for a cell made to take long.
        alike = difflib.SequenceMatcher(None, lab.cells[place].text.split(), words, autojunk=False).quick_ratio()
        if alike > _ALIKE and not lab.cells[place].exercise:
            return place
    return None


def _asks_desk(statement: ast.stmt) -> bool:
    """Whether a statement does nothing but check, ask for a hint or show the progress."""
    match statement:
        case ast.Expr(ast.Call(ast.Name(name))):
            return name in _DESK
    return False


def _made(code: str) -> set[str]:
    """The names that a piece of code defines or assigns at its top level."""
    tree = _tree(code)
    names = set()
    for statement in tree.body if tree else ():
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(statement.name)
        else:
            stored = (part for part in ast.walk(statement) if isinstance(part, ast.Name))
            names |= {part.id for part in stored if isinstance(part.ctx, ast.Store)}
    return names


def _tree(code: str) -> ast.Module | None:
    """The syntax tree, without the lines that are IPython's alone; None for what does not parse."""
    if len(code) > _LONGEST_PARSED:
        return None
    try:
        return ast.parse(re.sub(r"^([ \t]*)[!%].*$", r"\1pass", code, flags=re.MULTILINE))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _code(text: str) -> str:
    """A text without its whole-line comments."""
    return re.sub(r"^[ \t]*#.*$", "", text, flags=re.MULTILINE)


def _bare(text: str) -> str:
    """A text to compare with another: without what editors change, and without whole-line comments."""
    return "\n".join(line.rstrip() for line in _code(text).splitlines() if line.strip())
