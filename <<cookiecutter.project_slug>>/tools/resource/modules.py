"""Changes of modules that somebody has written: lines are added, and imports are put in order."""

import ast
from pathlib import Path

from ..contract import style
from .names import RefusedError


def merged(text: str, new: str, path: Path) -> str:
    """Returns a module of bindings with those of another one that it does not have.

    Args:
        text: the module.
        new: a module with the bindings of a resource alone.
        path: the file of the module.

    Raises:
        RefusedError: the module has no class of bindings.
    """
    tree, added = ast.parse(text), ast.parse(new)
    bindings, configure = _bindings(tree, path.name)
    new_bindings, new_configure = _bindings(added, path.name)
    bound = {ast.unparse(statement) for statement in configure.body}
    known = {getattr(member, "name", "") for member in bindings.body}
    statements = [one for one in new_configure.body if ast.unparse(one) not in bound]
    methods = [
        member
        for member in new_bindings.body
        if isinstance(member, ast.FunctionDef) and member.name not in known
    ]
    lines = text.splitlines(keepends=True)
    source = new.splitlines(keepends=True)
    lines.insert(_last(bindings), "".join(f"\n{_source(source, one)}" for one in methods))
    lines.insert(_last(configure), "".join(_source(source, one) for one in statements))
    return with_imports("".join(lines), _imports(source, added), path)


def with_line(text: str, class_name: str, line: str, imports: str, path: Path) -> str:
    """Returns a module with a field more in a class, and what the field needs.

    Args:
        text: the module.
        class_name: the class.
        line: the line of the field.
        imports: the import statements that it needs, which may be there already.
        path: the file of the module.

    Raises:
        RefusedError: the module has no such class, or the class has the field.
    """
    name = line.partition(":")[0]
    found = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and node.name == class_name
    ]
    if not found:
        raise RefusedError(f"{path.name} has no class {class_name}")
    fields = [member for member in found[0].body if isinstance(member, ast.AnnAssign)]
    if name in {ast.unparse(field.target) for field in fields}:
        raise RefusedError(f"the class {class_name} has the field {name} already")
    lines = text.splitlines(keepends=True)
    lines.insert(_last((fields or found[0].body)[-1]), f"    {line}\n")
    return with_imports("".join(lines), imports, path)


def with_imports(text: str, imports: str, path: Path) -> str:
    """Returns a module with import statements, in order, and formatted unless that changes a line."""
    present = [
        node for node in ast.parse(text).body if isinstance(node, (ast.Import, ast.ImportFrom))
    ]
    lines = text.splitlines(keepends=True)
    place = _last(present[-1]) if present else _last(ast.parse(text).body[0])
    lines.insert(place, f"{imports}\n" if imports else "")
    text = style.sorted_imports("".join(lines), path)
    better = style.formatted(text, path)
    return better if style.has_all_lines(better, text) else text


def _bindings(tree: ast.Module, name: str) -> tuple[ast.ClassDef, ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, ast.FunctionDef) and member.name == "configure":
                    return node, member
    raise RefusedError(f"{name} has no class with a method configure, which binds services")


def _last(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _source(lines: list[str], node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "".join(lines[first - 1 : _last(node)])


def _imports(lines: list[str], tree: ast.Module) -> str:
    statements = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return "".join(_source(lines, statement) for statement in statements)
