"""Renames something in a library while the library is imported, as a new version of it could: Python runs this at each start.

RENAMED has what is renamed: a dotted name such as `gunicorn.util.write_error`, a space, and the modules that change, with commas
between; or a text in quotes, which is another one then.
"""

import ast
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType


def is_module(names: list[str]) -> bool:
    """Whether a dotted name is that of a module, without importing it or those above it."""
    directories = [Path(entry) for entry in sys.path]
    for name in names:
        files = [file for directory in directories for file in directory.glob(f"{name}.*")]
        directories = [inner for directory in directories if (inner := directory / name).is_dir()]
        if not files and not directories:
            return False
    return True


WHAT, _, SCOPE = os.environ["RENAMED"].rpartition(" ")
MODULES = tuple(SCOPE.split(","))
*OWNER, NAME = WHAT.split(".")
IS_MEMBER = not is_module(OWNER)
NEW_NAME = f"{NAME}_renamed"


class Finder:
    """Finds the modules of the library."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Finds a module that changes."""
        if not any(name == module or name.startswith(f"{module}.") for module in MODULES):
            return None
        spec = PathFinder.find_spec(name, path)  # type: ignore[arg-type]
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = Loader(name, spec.loader.path)
        return spec


class Loader(SourceFileLoader):
    """Loads a module from its source, with another name in it."""

    def get_code(self, fullname: str) -> CodeType:
        """Compiles the module, without the cache."""
        source = self.get_data(self.path)
        if WHAT.startswith('"'):
            text = WHAT.strip('"')
            return compile(source.replace(text.encode(), text[::-1].encode()), self.path, "exec")
        tree = ast.parse(source)
        return compile(ast.fix_missing_locations(Renamer(tree).visit(tree)), self.path, "exec")


class Renamer(ast.NodeTransformer):
    """Renames a member of a class, or what a module defines, wherever the library itself uses it."""

    def __init__(self, tree: ast.Module) -> None:
        self._foreign = {
            alias.asname or alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
            if not alias.name.startswith(MODULES)
        }

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.value, ast.Name) and node.value.id in self._foreign):
            node.attr = self._new(node.attr)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.generic_visit(node)
        for statement in node.body:
            match statement:
                case ast.FunctionDef():
                    statement.name = self._new(statement.name)
                case (
                    ast.Assign(targets=[ast.Name() as name])
                    | ast.AnnAssign(target=ast.Name() as name)
                ):
                    name.id = self._new(name.id)
        if not IS_MEMBER:
            node.name = self._new(node.name)
        return node

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        if not IS_MEMBER:
            for inner in ast.walk(node):
                match inner:
                    case ast.FunctionDef():
                        inner.name = self._new(inner.name)
                    case ast.Name():
                        inner.id = self._new(inner.id)
                    case ast.alias():
                        inner.name = self._new(inner.name)
                        inner.asname = inner.asname and self._new(inner.asname)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str):
            node.value = self._new(node.value)
        return node

    @staticmethod
    def _new(name: str) -> str:
        return NEW_NAME if name == NAME else name


sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]
