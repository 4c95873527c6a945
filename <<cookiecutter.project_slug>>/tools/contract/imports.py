"""Imports that a text needs, added so that no line of its module changes."""

import ast
from typing import NamedTuple


class _Import(NamedTuple):
    """An import: `from ..a import b` is (2, "a", "b")."""

    level: int
    module: str
    name: str | None

    def statement(self, local: str) -> str:
        """Returns the statement that gives it a name."""
        if self.name is None:
            alias = "" if local == self.module else f" as {local}"
            return f"import {self.module}{alias}"
        alias = "" if local == self.name else f" as {local}"
        return f"from {'.' * self.level}{self.module} import {self.name}{alias}"


class Imports:
    """The imports of a module, and those that are new.

    isort joins imports from one module: that would change a line. So a name is imported from a module that has no such
    import yet, and else with its module.
    """

    def __init__(self, text: str, module: str) -> None:
        """Reads the imports that there are.

        Args:
            text: the module's.
            module: its name.
        """
        self._tree = ast.parse(text)
        self._package = module.split(".")[:-1] or [module]
        self._local: dict[str, _Import] = {}
        for statement in self._tree.body:
            self._read(statement)
        self._bound = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        self._bound |= {getattr(node, "name", "") for node in self._tree.body}
        self._joined = {(found.level, found.module) for found in self._local.values() if found.name}
        self._new: dict[str, _Import] = {}

    def use(self, module: str, name: str) -> str:
        """Returns the expression for a name of a module, and remembers to import it."""
        for local, found in (self._local | self._new).items():
            if self._absolute(found) in ((module, name), (f"{module}.{name}", None)):
                return local
            if self._absolute(found) == (module, None) and module != self._package[0]:
                return f"{local}.{name}"
        for candidate in self._candidates(module, name):
            if (candidate.level, candidate.module) not in self._joined and self._is_free(name):
                self._new[name] = candidate
                return name
        if module == self._package[0]:
            return self._add(name, f"{module}.{name}")
        return f"{self._add(module, module)}.{name}"

    def added_to(self, text: str) -> str:
        """Returns the module with the new imports, before those that there are."""
        if not self._new:
            return text
        statements = [found.statement(local) for local, found in self._new.items()]
        lines = text.splitlines(keepends=True)
        place = self._place(lines)
        block = "".join(f"{statement}\n" for statement in statements)
        before, after = "".join(lines[:place]), "".join(lines[place:])
        gap = "\n" if before.strip() and not before.endswith("\n\n") else ""
        return f"{before}{gap}{block}{after}"

    def _read(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Import(names=names):
                for alias in names:
                    if alias.asname or "." not in alias.name:
                        self._local[alias.asname or alias.name] = _Import(0, alias.name, None)
            case ast.ImportFrom(names=names, module=module, level=level):
                for alias in names:
                    local = alias.asname or alias.name
                    self._local[local] = _Import(level, module or "", alias.name)

    def _absolute(self, found: _Import) -> tuple[str, str | None]:
        if not found.level:
            return found.module, found.name
        around = self._package[: len(self._package) - found.level + 1]
        return ".".join([*around, *filter(None, [found.module])]), found.name

    def _candidates(self, module: str, name: str) -> list[_Import]:
        relative = [_Import(len(self._package), "", name)] if module == self._package[0] else []
        return [*relative, _Import(0, module, name)]

    def _add(self, name: str, module: str) -> str:
        """Remembers to import a module, and returns the name that it gets."""
        local = name.replace(".", "_")
        while not self._is_free(local):
            local = f"{local}_"
        self._new[local] = _Import(0, module, None)
        return local

    def _is_free(self, name: str) -> bool:
        return name not in self._local and name not in self._new and name not in self._bound

    def _place(self, lines: list[str]) -> int:
        """Returns the number of lines before the first import, or before the code."""
        body = self._tree.body
        if body and ast.get_docstring(self._tree, clean=False) is not None:
            after, body = body[0].end_lineno or 0, body[1:]
        else:
            after = 0
            while after < len(lines) and lines[after].startswith("#"):
                after += 1
        while body and isinstance(body[0], ast.ImportFrom) and body[0].module == "__future__":
            after, body = body[0].end_lineno or 0, body[1:]
        for statement in body:
            if isinstance(statement, (ast.Import, ast.ImportFrom)):
                return statement.lineno - 1
        return after
