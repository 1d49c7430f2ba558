"""What can be told of a student's code without running it: the names that it makes and needs, and how to compare it.

Nothing here takes longer than a student's cells deserve, whatever stands in them.
"""

import ast
import builtins
import functools
import re
import symtable
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

T = TypeVar("T")

#: Letters of a piece of code beyond which it is not looked into; no one writes as much by hand.
LONGEST_PARSED = 100_000
# Lines that are IPython's alone.
_MAGIC = re.compile(r"^([ \t]*)(?:[!%?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([ \t]*\w[\w \t,]*=[ \t]*)[!%].*$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_DESK = ("check", "hint", "progress")
_NAME, _NUMBER = (
    re.compile(r"[^\W\d]\w*"),
    re.compile(r"(?<![\w.])(?:\d[\d_]{0,20}(?:\.\d{0,20})?|\.\d{1,20})(?:e[+-]?\d{1,3})?"),
)


@dataclass(frozen=True)
class Names:
    """The names at the top level of a piece of code.

    Attributes:
        made: defined, assigned or imported there.
        needed: read there or within its functions, and not made.
    """

    made: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Written:
    """Some code, to tell whether what came of it stands there already."""

    code: str

    @cached_property
    def lines(self) -> frozenset[str]:
        """Its lines, without the blanks around them."""
        return frozenset(map(str.strip, self.code.splitlines()))

    @cached_property
    def names(self) -> frozenset[str]:
        """All that could be a name."""
        return frozenset(_NAME.findall(self.code))

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Its numbers, as they stand there and with four digits."""
        found = [number.replace("_", "") for number in _NUMBER.findall(self.code)]
        return frozenset([*found, *(f"{float(number):.4g}" for number in found)])

    def quotes(self, text: str) -> bool:
        """Whether a text stands there in quotes, on one line."""
        if not text or set(text) & set("'\"\n"):
            return False
        return f"'{text}'" in self.code or f'"{text}"' in self.code


@functools.lru_cache(maxsize=256)
def names(code: str) -> Names | None:
    """The names in a piece of code; None for what does not parse, or is too long to."""
    return _first_read(code, lambda form: _names(symtable.symtable(form, "cell", "exec")))


def texts(code: str) -> set[str]:
    """The texts that stand in a piece of code as they are, each on one line; none of what does not parse."""
    nodes = _first_read(code, lambda form: list(ast.walk(ast.parse(form)))) or []
    constants = (node.value for node in nodes if isinstance(node, ast.Constant))
    return {" ".join(value.split()) for value in constants if isinstance(value, str)}


def only_asks_desk(code: str) -> bool:
    """Whether a piece of code does nothing but check, ask for hints or show the progress."""
    if len(code) > 5000 or not any(f"{name}(" in code for name in _DESK):
        return False
    try:
        statements = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(map(_asks_desk, statements))


def without_comments(text: str) -> str:
    """A text without its whole-line comments."""
    return _COMMENT_LINE.sub("", text)


def bare(text: str) -> str:
    """A text to compare with another: without blanks that editors change, and without whole-line comments."""
    lines = (" ".join(line.split()) for line in without_comments(text).splitlines())
    return "\n".join(filter(None, lines))


def _first_read(code: str, read: Callable[[str], T]) -> T | None:
    """What is read of the first form of some code that can be read; None if there is none."""
    for form in _forms(code):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return read(form)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _forms(code: str) -> Iterable[str]:
    """The code as it stands, and with something else in the place of what only IPython understands."""
    if len(code) <= LONGEST_PARSED:
        yield code
        plain = _MAGIC_VALUE.sub(r"\1None", _MAGIC.sub(r"\1pass", code))
        if plain != code:
            yield plain


def _names(top: symtable.SymbolTable) -> Names:
    made = {name.get_name() for name in top.get_symbols() if name.is_assigned() or name.is_imported()}
    needed, tables = set[str](), [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        needed |= {
            name.get_name()
            for name in table.get_symbols()
            if name.is_referenced() and (table is top or name.is_global())
        }
    return Names(frozenset(made), frozenset(needed - made - set(dir(builtins))))


def _asks_desk(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(ast.Call(ast.Name(name))):
            return name in _DESK
    return False
