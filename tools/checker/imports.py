"""Imports: what a module imports, and what it offers to others."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath


def dotted(path: str) -> str:
    """The name of the module at a path; a package is called as its directory."""
    parts = PurePath(path.removeprefix("src/")).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1:] == ("__init__",) else parts)


@cache
def imports(path: str, tree: ast.AST) -> list[tuple[int, str, str | None]]:
    """The line of each import, the full name of the module, and what is imported from it.

    Args:
        path: of the module that imports.
        tree: of that module.
    """
    around = PurePath(path.removeprefix("src/")).with_suffix("").parts
    found: list[tuple[int, str, str | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name, None) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = around[: len(around) - node.level] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            found += [(node.lineno, module, alias.name) for alias in node.names]
    return found


def bound(tree: ast.AST) -> Iterator[str]:
    """The names that a module gives something, also under conditions."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        else:
            yield from bound(node)
