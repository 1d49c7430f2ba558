"""Which cell of a returned notebook answers which exercise.

An answer is known by the exercise's id in its code. Where that line is gone or wrong, it is the cell that makes the
name which the check hands over. Cell ids, metadata, outputs and execution counts are not looked at: editors lose and
double them, and anyone can write into them. What else a student wrote, a helper or an import in a cell of its own,
runs at its place among the given cells.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from labkit import __version__
from labkit.course.grading import code
from labkit.course.grading.code import Names, bare, without_comments
from labkit.course.grading.given import EXERCISE_LINE, Given
from labkit.course.grading.records import ReturnedCell

# With so many words in common, of all that both have, two cells are one, changed.
_ALIKE = 0.7
# Shorter ones stand in other labs and other people's notebooks too.
_TELLING_LETTERS = 20
_LONGEST_TEXT = 5_000  # letters of a cell of text
_MOST_LETTERS, _MOST_IN_ALL = 500_000, 20_000_000  # that are looked into, and with all that is too long for it
_LEFT_OUT = {
    # Installing needs a network; what the course needs is there.
    r"^([ \t]*)([!%][ \t]*(?:python3?[ \t]+-m[ \t]+)?(?:pip|pip3|conda|mamba|uv|apt|apt-get)\b.*)$": (
        "A command that installs packages was left out."
    ),
    r"^()((?:from|import)[ \t]+google\.colab\b.*|drive\.mount\(.*\)[ \t]*;?[ \t]*)$": (
        "A line that only Colab understands was left out."
    ),
}
# What these time or hold back runs without them too, and wherever in the cell they stand.
_TIMED = re.compile(r"^%%(?:time|timeit|capture|prun)\b.*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```.*$", re.MULTILINE)
_CHECKED = re.compile(r"^[ \t]*check\([ \t]*[\"'](\d+\.\d+)[\"'][ \t]*,[ \t]*([^\W\d]\w*)[ \t]*\)", re.MULTILINE)
_BUILT_WITH = re.compile(r"\bbuilt_with=[\"']([\w.+-]{1,30})[\"']")


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
        missing: exercises of which there is no cell, not even as it was given.
    """

    answers: dict[str, str] = field(default_factory=dict)
    extras: list[Extra] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)
    look: list[str] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)


@dataclass(eq=False)
class _Piece:
    """A returned cell, or the part of one that begins with an exercise's id."""

    text: str
    kind: str
    exercise: str
    after: int  # index of the last given cell before it, in the student's order
    is_stub: bool = False  # what was given stands in it, whatever else does

    @cached_property
    def names(self) -> Names:
        if self.kind != "code" and len(self.text) > _LONGEST_TEXT:
            return Names()
        return code.names(self.text) or Names()

    def makes(self, name: str) -> bool:
        """Whether the piece makes a name; that is looked into only where the name occurs."""
        return name in self.text and name in self.names.made


def lab_of(cells: Sequence[ReturnedCell], labs: Mapping[str, Given]) -> str:
    """The stem of the lab that a notebook is of, by its content; "" if of none."""
    written = "\n".join(cell.text for cell in cells)
    ids = {f"{lab}.{number}" for lab, number in EXERCISE_LINE.findall(written)}
    texts = {bare(cell.text) for cell in cells}

    def likeness(lab: Given) -> int:
        telling = {text for cell in lab.cells if len(text := bare(cell.text)) >= _TELLING_LETTERS}
        return len(ids & lab.places.keys()) + len(telling & texts) + (3 if f'setup("{lab.stem}"' in written else 0)

    best = max(labs.values(), key=likeness, default=None)
    return best.stem if best and likeness(best) else ""


def too_much(cells: Sequence[ReturnedCell]) -> str:
    """Why a notebook cannot be looked into, if it holds more than a person would write; else ""."""
    most = {"code": code.LONGEST_PARSED}
    letters = sum(min(len(cell.text), most.get(cell.kind, _LONGEST_TEXT)) for cell in cells)
    in_all = sum(len(cell.text) for cell in cells)
    if letters <= _MOST_LETTERS and in_all <= _MOST_IN_ALL:
        return ""
    return (
        f"got {len(cells)} cells with {in_all:,} letters; wanted what a person writes, at most {_MOST_LETTERS:,}: see "
        "what it holds, and ask for the notebook without that."
    )


def match(cells: Sequence[ReturnedCell], lab: Given) -> Matched:
    """Find the answers in a returned notebook, of which ``too_much`` has nothing to say."""
    found = Matched()
    stubs = set[str]()
    pieces = list(_pieces(cells, lab, found, stubs))
    handed = _handed(cells, lab)
    chosen = _chosen(pieces, lab, handed)
    others = [piece for piece in pieces if piece not in chosen.values()]
    for exercise, place in lab.places.items():
        piece = chosen.get(exercise)
        if piece:
            found.answers[exercise] = _answer(piece, exercise, lab, handed, pieces, found)
        elif words := _in_text_cells(others, exercise, place - (exercise not in stubs), lab):
            found.answers[exercise] = f"{lab.expressions[exercise]} = {words!r}"
            found.repairs.append(f"Exercise {exercise} was answered in a cell of text, which a person reads.")
        elif exercise not in stubs:
            found.repairs.append(f"The cell for exercise {exercise} is missing.")
            found.missing.add(exercise)
    own = list(_own(pieces, chosen, lab, found))
    _put_above_use(own, chosen, lab, found)
    found.extras = [Extra(piece.after, piece.text) for piece in own]
    made_with = {version for cell in cells for version in _BUILT_WITH.findall(cell.text)} - {__version__}
    found.look += [f"The notebook was made for labkit {version}; this is {__version__}." for version in made_with]
    return found


def _pieces(cells: Sequence[ReturnedCell], lab: Given, found: Matched, stubs: set[str]) -> Iterator[_Piece]:
    """What the student wrote or changed, in order; given cells only tell where it stands, and stubs what is open."""
    places = {bare(cell.text): place for place, cell in enumerate(lab.cells)}
    given_texts = set(map(bare, lab.texts))
    after, seen = -1, set[int]()
    for cell in cells:
        text = bare(cell.text)
        if text in places:
            after = places[text]
            seen.add(after)
            stubs.add(lab.cells[after].exercise)
        elif text and text not in given_texts:
            for part, exercise in _split(_runnable(cell, found), cell.kind, lab):
                after = lab.places.get(exercise, after)
                is_stub = _holds(bare(part), bare(lab.cells[after].text)) if exercise else False
                if exercise:
                    part = _without_given(part, lab, seen)
                if not bare(part) or (is_stub and bare(part) == bare(lab.cells[after].text)):
                    stubs.add(exercise)
                else:
                    yield _Piece(part, cell.kind, exercise, after, is_stub)
    missing = sum(not cell.exercise and place not in seen for place, cell in enumerate(lab.cells))
    if missing:
        cells_are = "One given cell is" if missing == 1 else f"{missing} given cells are"
        found.repairs.append(f"{cells_are} missing or changed; the given ones were run.")


def _runnable(cell: ReturnedCell, found: Matched) -> str:
    """A cell's text without what does not run here; what was left out stays as a remark."""
    if cell.kind != "code":
        return _FENCE.sub("", cell.text)
    text = _TIMED.sub(r"# \g<0>", cell.text)
    for line, sentence in _LEFT_OUT.items():
        text, times = re.subn(line, r"\1pass  # \2", text, flags=re.MULTILINE)
        found.repairs += [sentence] * bool(times)
    return text


def _split(text: str, kind: str, lab: Given) -> Iterator[tuple[str, str]]:
    """The parts of a cell with the exercise that each answers, "" for none of this lab.

    Where several answers stand in one cell, each begins with the line that names its exercise. In a cell of text, that
    line comes first.
    """
    lines = [line for line in EXERCISE_LINE.finditer(text) if f"{line[1]}.{line[2]}" in lab.places]
    if kind != "code" and lines and text[: lines[0].start()].strip():
        lines = []
    if not lines:
        yield text, ""
        return
    heads = _heads(lines)
    if any(code.names(part) is None for part, _ in _parts(text, heads)):
        # Words after the id make a line a remark, unless every part stands by itself.
        heads = [lines[0], *(line for line in heads[1:] if re.fullmatch(r"#+[ \t]*\w+[ \t]+[\d.,]+\W*", line[0]))]
    parts = _parts(text, _heads(heads))
    if without_comments(text[: lines[0].start()]).strip():  # an import above the line is part of the answer
        parts[0] = (text[: lines[0].start()] + parts[0][0], parts[0][1])
    yield from parts


def _heads(lines: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """The lines at which a part begins: of those with one id in a row the first, and none that is indented."""
    heads = [lines[0]]
    for line in lines[1:]:
        if line[0].startswith("#") and line.groups() != heads[-1].groups():
            heads.append(line)
    return heads


def _parts(text: str, heads: Sequence[re.Match[str]]) -> list[tuple[str, str]]:
    ends = [*(line.start() for line in heads[1:]), len(text)]
    return [(text[line.start() : end], f"{line[1]}.{line[2]}") for line, end in zip(heads, ends, strict=True)]


def _without_given(part: str, lab: Given, seen: set[int]) -> str:
    """An answer without the given cells that were merged into its own; they run at their place."""
    for place, cell in enumerate(lab.cells):
        if not cell.exercise and (cell.checks or len(cell.text) >= _TELLING_LETTERS) and _holds(part, cell.text):
            seen.add(place)
            part = f"\n{part}\n".replace(f"\n{cell.text}\n", "\n").strip("\n")
    return part


def _holds(text: str, lines: str) -> bool:
    return f"\n{lines}\n" in f"\n{text}\n"


def _handed(cells: Sequence[ReturnedCell], lab: Given) -> dict[str, str]:
    """Exercise id -> the name that the student's own check hands over in place of the given one, as last written."""
    checks = (check for cell in cells if cell.kind == "code" for check in _CHECKED.findall(cell.text))
    return {exercise: name for exercise, name in checks if lab.expressions.get(exercise, name) != name}


def _chosen(pieces: Sequence[_Piece], lab: Given, handed: Mapping[str, str]) -> dict[str, _Piece]:
    """Exercise id -> the piece that answers it.

    First go those that have both the id and the name, then those with the name, then those with the id. Of several, the
    last one counts, as in a notebook that is run from top to bottom.
    """
    chosen = dict[str, _Piece]()
    taken = set[_Piece]()
    for by_id, by_name in ((True, True), (False, True), (True, False)):
        for exercise in lab.places:
            if exercise in chosen:
                continue
            wanted = (lab.expressions[exercise], handed.get(exercise, lab.expressions[exercise]))
            fitting = [
                piece
                for piece in pieces
                if piece not in taken
                and (piece.exercise == exercise or not by_id)
                and (not by_name or (not piece.is_stub and any(map(piece.makes, wanted))))
            ]
            if fitting:
                best = [piece for piece in fitting if piece.kind == "code" and not piece.is_stub] or fitting
                chosen[exercise] = best[-1]
                taken.add(best[-1])
    return chosen


def _answer(
    piece: _Piece, exercise: str, lab: Given, handed: Mapping[str, str], pieces: Sequence[_Piece], found: Matched
) -> str:
    """The code of an answer, and what is to be said of where it was found."""
    if piece.exercise != exercise:
        found.repairs.append(f"Exercise {exercise} was found by the name that it defines.")
    if piece.kind != "code":
        found.repairs.append(f"The cell for exercise {exercise} was no code cell any more.")
    written = {bare(other.text) for other in pieces if other.exercise == exercise and not other.is_stub}
    if len(written) > 1:
        found.look.append(f"Exercise {exercise} is answered {len(written)} times; the last one counts.")
    expression, name = lab.expressions[exercise], handed.get(exercise)
    if name and not piece.makes(expression) and any(other.makes(name) for other in pieces):
        found.repairs.append(f"Exercise {exercise} was checked under the name {name}, and graded under it.")
        return f"{piece.text}\n{expression} = {name}"
    return piece.text


def _in_text_cells(pieces: Sequence[_Piece], exercise: str, first: int, lab: Given) -> str:
    """What a student wrote into cells of text where an answer in words was asked for; "" if nothing."""
    if not next(known for known in lab.exercises if known.id == exercise).for_a_reader:
        return ""
    check = next(place for place, cell in enumerate(lab.cells) if cell.checks == exercise)
    given_words = [Counter(text.split()) for text in lab.texts]
    return "\n\n".join(
        piece.text.strip()
        for piece in pieces
        if piece.kind != "code"
        and first <= piece.after <= check
        and not any(_alike(words, Counter(piece.text.split())) for words in given_words)
    )


def _own(pieces: Sequence[_Piece], chosen: Mapping[str, _Piece], lab: Given, found: Matched) -> Iterator[_Piece]:
    """The student's own cells; none for what changes a given cell, only asks the desk, or is an older answer."""
    answers, before = set(chosen.values()), set[str]()
    given_words = [(place, Counter(cell.text.split())) for place, cell in enumerate(lab.cells) if not cell.exercise]
    for piece in pieces:
        if piece in answers:
            before |= {exercise for exercise in chosen if chosen[exercise] is piece}
        elif piece.kind != "code" or not without_comments(piece.text).strip() or code.only_asks_desk(piece.text):
            continue
        elif piece.exercise:
            if not piece.names.made <= chosen[piece.exercise].names.made:  # a helper under the same id
                piece.after = lab.places[piece.exercise] - (piece.exercise not in before)
                yield piece
        else:
            changed = _changed(piece, given_words)
            if changed is None or not piece.names.made <= (code.names(lab.cells[changed].text) or Names()).made:
                again = [name for name in before if piece.makes(lab.expressions[name])]
                found.look += [f"What answers exercise {name} is made again in another cell." for name in again]
                yield piece
            else:
                first = lab.cells[changed].text.strip().splitlines()[0]
                found.look.append(f"A given cell was changed, and the given one was run: {first[:80]}")


def _changed(piece: _Piece, given_words: Sequence[tuple[int, Counter[str]]]) -> int | None:
    """The index of the given cell that a cell is a changed copy of, if it is one; the nearest of several."""
    words = Counter(piece.text.split())
    alike = [place for place, others in given_words if _alike(others, words)]
    return min(alike, key=lambda place: abs(place - piece.after - 1), default=None)


def _alike(some: Counter[str], others: Counter[str]) -> bool:
    """Whether two texts have most words in common, whatever their order: quick also for a text made to take long."""
    least = _ALIKE * (some.total() + others.total()) / 2
    return min(some.total(), others.total()) > least and (some & others).total() > least


def _put_above_use(own: Sequence[_Piece], chosen: Mapping[str, _Piece], lab: Given, found: Matched) -> None:
    """Put the student's own cells that an answer further up needs before that answer.

    Cells are run in any order while one works, so that a helper at the end was there for whoever wrote it.
    """
    makers = defaultdict[str, list[_Piece]](list)
    for piece in own:
        for name in piece.names.made:
            makers[name].append(piece)
    there, last = set[str](), -1
    for exercise, place in lab.places.items():
        if exercise not in chosen:
            continue
        for cell in lab.cells[last + 1 : place]:
            there |= (code.names(cell.text) or Names()).made
        last = place
        there |= {name for piece in own if piece.after < place for name in piece.names.made}
        wanted = list(chosen[exercise].names.needed)
        while wanted:
            name = wanted.pop()
            for piece in makers[name] if name not in there else ():
                piece.after = place - 1
                wanted += piece.names.needed
                found.repairs.append(f"A cell below exercise {exercise} that its answer needs was run before it.")
            there.add(name)
        there |= chosen[exercise].names.made
