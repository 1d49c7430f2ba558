"""What can be told of a student's code without running it: the names that it makes and needs, and how to compare it.

Nothing here takes longer than a student's cells deserve, whatever stands in them.
"""

import ast
import builtins
import functools
import re
import symtable
import warnings
from collections.abc import Iterable
from dataclasses import dataclass

#: Letters of a piece of code beyond which it is not looked into; no one writes as much by hand.
LONGEST_PARSED = 100_000
# Lines that are IPython's alone.
_MAGIC = re.compile(r"^([ \t]*)(?:[!%?].*|[\w.]+\?{1,2}[ \t]*)$", re.MULTILINE)
_MAGIC_VALUE = re.compile(r"^([ \t]*\w[\w \t,]*=[ \t]*)[!%].*$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_DESK = ("check", "hint", "progress")


@dataclass(frozen=True)
class Names:
    """The names at the top level of a piece of code.

    Attributes:
        made: defined, assigned or imported there.
        needed: read there or within its functions, and not made.
    """

    made: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()


@functools.lru_cache(maxsize=256)
def names(code: str) -> Names | None:
    """The names in a piece of code; None for what does not parse, or is too long to."""
    for form in _forms(code):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _names(symtable.symtable(form, "cell", "exec"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


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
