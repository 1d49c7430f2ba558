"""A package cut down to what some of its names need, by following names through the code of its modules.

Followed are the names that a statement reads, to functions, classes, assignments and imports. Whatever else stands in a
module is left out.
"""

import ast
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

from labkit.course import CourseError


class Module:
    """A module's statements, and which of them bind which name."""

    def __init__(self, name: str) -> None:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise CourseError(f"{name}: this module is wanted, but it cannot be found.")
        self.file = Path(spec.origin)
        self.body = ast.parse(self.file.read_text(encoding="utf-8")).body
        self.kept: set[tuple[ast.stmt, str]] = set()
        self.added: dict[str, ast.stmt] = {}
        self.binds = {bound: statement for statement in self.body for bound in _bound(statement)}


class Cut:
    """What is kept of each module; keeping a name keeps all that its statement uses.

    Args:
        room: the package; imports from elsewhere are kept as they are.
        replaced: (module, name) -> source of the statement that takes the place of the one which binds the name.
    """

    def __init__(self, room: str, replaced: Mapping[tuple[str, str], str]) -> None:
        self._room, self._modules = room, dict[str, Module]()
        self._replaced = {key: ast.parse(source).body[0] for key, source in replaced.items()}

    def module(self, name: str) -> Module:
        """A module of the package; of what is not kept, nothing will stand in it."""
        if name not in self._modules:
            self._modules[name] = Module(name)
            parent = name.rpartition(".")[0]
            if self.holds(parent):  # it is imported first
                self.module(parent)
        return self._modules[name]

    def holds(self, module: str) -> bool:
        """Whether a module is of this package."""
        return module == self._room or module.startswith(f"{self._room}.")

    def keep_all(self, name: str) -> None:
        """Keep all names that a module binds."""
        for bound in self.module(name).binds:
            self.keep(name, bound)

    def keep(self, name: str, bound: str) -> None:
        """Keep the statement that binds a name in a module, if there is one; else it is a builtin or a local."""
        module = self.module(name)
        statement = module.binds.get(bound)
        if statement is None or (statement, bound) in module.kept:
            return
        module.kept.add((statement, bound))
        if isinstance(statement, ast.ImportFrom):
            self._follow_import(statement, [alias for alias in statement.names if _as(alias) == bound])
        else:
            self._follow(name, self._replaced.get((name, bound), statement))

    def add(self, name: str, statement: ast.stmt, bound: str) -> None:
        """Put one more statement at a module's end."""
        self.module(name).added[bound] = statement
        self._follow(name, statement)

    def sources(self) -> dict[str, str]:
        """Module -> what is kept of it, in its order."""
        return {name: self._source(name, module) for name, module in self._modules.items()}

    def _source(self, name: str, module: Module) -> str:
        body: list[ast.stmt] = []
        for statement in module.body:
            names = [bound for kept, bound in module.kept if kept is statement]
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                always = isinstance(statement, ast.ImportFrom) and statement.module == "__future__"
                aliases = [alias for alias in statement.names if always or _as(alias) in names]
                body += [_with_names(statement, aliases)] if aliases else []
            elif names:
                body.append(self._replaced.get((name, names[0]), statement))
        return ast.unparse(ast.Module([*body, *module.added.values()], [])) + "\n"

    def _follow(self, name: str, node: ast.AST) -> None:
        """Keep what a piece of code in a module reads."""
        module = self.module(name)
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load):
                self.keep(name, part.id)
            elif isinstance(part, ast.ImportFrom):
                self._follow_import(part, part.names)
            elif isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
                used = self._module_bound(module.binds.get(part.value.id), part.value.id)
                if used:
                    self.keep(used, part.attr)

    def _follow_import(self, statement: ast.ImportFrom, aliases: list[ast.alias]) -> None:
        origin = statement.module or ""
        for alias in aliases if self.holds(origin) else ():
            if _is_module(f"{origin}.{alias.name}"):
                self.module(f"{origin}.{alias.name}")
            else:
                self.keep(origin, alias.name)

    def _module_bound(self, statement: ast.stmt | None, bound: str) -> str:
        """The module of the package that an import binds to a name, or ""."""
        if not isinstance(statement, ast.ImportFrom) or not self.holds(statement.module or ""):
            return ""
        names = [f"{statement.module}.{alias.name}" for alias in statement.names if _as(alias) == bound]
        return next(filter(_is_module, names), "")


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds in its module."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        yield statement.name
    elif isinstance(statement, (ast.Import, ast.ImportFrom)):
        yield from map(_as, statement.names)
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        yield from (part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name))


def _as(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _is_module(name: str) -> bool:
    parent, _, last = name.rpartition(".")
    spec = find_spec(parent)
    folders = spec.submodule_search_locations if spec else None
    return any((Path(f) / f"{last}.py").is_file() or (Path(f) / last).is_dir() for f in folders or ())


def _with_names(statement: ast.Import | ast.ImportFrom, aliases: list[ast.alias]) -> ast.stmt:
    if isinstance(statement, ast.Import):
        return ast.Import(aliases)
    return ast.ImportFrom(statement.module, aliases, statement.level)
