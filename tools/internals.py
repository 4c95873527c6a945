"""Finds what code uses of libraries, and whether it is documented: names with an underscore are not, nor are the modules that no page has.

    python tools/internals.py DOCUMENTED ROOT ...    print each use in the Python files below each ROOT, as a line of JSON

It asks the libraries what their modules and classes have, so it runs in an environment that has them, on the standard library alone.
docs/internals.md says what is documented, and lists the rest.
"""

import ast
import importlib
import inspect
import json
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

SKIPPED = {".matrix", ".venv", "__pycache__", "demo"}
"""Directories that are not of the project; another one has the template, which is read after it is rendered."""

UNKNOWN = "?"
"""Stands for the class of an object that a program cannot tell."""

# The class of arguments that have no type, by their names, and of what functions return.
OBJECTS = {
    "arbiter": "gunicorn.arbiter.Arbiter",
    "server": "gunicorn.arbiter.Arbiter",
    "worker": "gunicorn.workers.base.Worker",
}
RESULTS = {
    "alembic.context.get_context": "alembic.runtime.migration.MigrationContext",
    "gevent.get_hub": "gevent.hub.Hub",
}
# Names of the standard library that only look private.
STANDARD = {"_asdict", "_exit", "_fields", "_make", "_replace"}


def main() -> None:
    """Prints each use, whether it is documented, and the files that have it."""
    documented, *roots = sys.argv[1:]
    found: dict[str, set[str]] = defaultdict(set)
    for root in roots:
        for file, name in uses(Path(root)):
            found[name].add(file)
    known = json.loads(documented)
    for name, files in sorted(found.items()):
        use = {"name": name, "documented": is_documented(name, known), "files": sorted(files)}
        print(json.dumps(use))


def uses(root: Path) -> Iterator[tuple[str, str]]:
    """Yields what the Python files of a project use of libraries: the path of a file, and a dotted name."""
    files = {
        path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(root.rglob("*.py"))
        if not any(
            part in SKIPPED or "cookiecutter." in part for part in path.relative_to(root).parts
        )
    }
    sys.path[:0] = [str(root / "src"), str(root)]
    parts = {file.removeprefix("src/").partition("/")[0].removesuffix(".py") for file in files}
    own = {name for tree in files.values() for name in defined(tree)}
    for file, tree in files.items():
        finder = Finder(parts, own)
        finder.visit(tree)
        for name in finder.found:
            yield file, name


def defined(tree: ast.Module) -> Iterator[str]:
    """Yields the private names that a module gives itself."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name


class Finder(ast.NodeVisitor):
    """Collects what a module uses of libraries, by the names of imports, annotations and base classes."""

    def __init__(self, own_modules: set[str], own_names: set[str]) -> None:
        self.found: set[str] = set()
        self._own_modules, self._own_names = own_modules, own_names
        self._names: dict[str, str] = {}
        self._attributes: dict[str, str] = {}
        self._bases: list[str] = []

    def _is_library(self, module: str) -> bool:
        top = module.partition(".")[0]
        return top not in sys.stdlib_module_names and top not in self._own_modules

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if self._is_library(alias.name):
                self.found.add(alias.name)
                self._names[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module and not node.level and self._is_library(node.module):
            for alias in node.names:
                self._names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                self.found.add(f"{node.module}.{alias.name}")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        bases, self._bases = (
            self._bases,
            [name for base in node.bases if (name := self._name(base))],
        )
        for member in members_of_body(node):
            self._use_member(self._bases, member)
        self.generic_visit(node)
        self._bases = bases

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        names = dict(self._names)
        arguments = node.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            self._names.pop(argument.arg, None)
            kind = self._kind(argument.annotation)
            if kind is None and is_any(argument.annotation):
                kind = OBJECTS.get(argument.arg)
            if kind:
                self._names[argument.arg] = kind
        self.generic_visit(node)
        self._names = names

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name) and (kind := self._kind(node.annotation)):
            self._names[node.target.id] = kind
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.generic_visit(node)
        kind = self._name(node.value)
        match node.targets:
            case [ast.Name(id=name)] if kind:
                self._names[name] = kind
            case [ast.Attribute(value=ast.Name(id="self"), attr=name)] if kind:
                self._attributes[name] = kind

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._use(node.value, node.attr)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = (
            node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        )
        match [function, *node.args]:
            case ["setattr" | "delattr" | "patch", ast.Constant(value=str(path)), *_] if (
                "." in path
            ):
                if self._is_library(path):
                    self.found.add(path)
            case [
                "getattr" | "hasattr" | "setattr" | "delattr" | "object",
                owner,
                ast.Constant(value=str(name)),
                *_,
            ]:
                self._use(owner, name)
        self.generic_visit(node)

    def _use(self, owner: ast.expr, name: str) -> None:
        if is_self(owner):
            self._use_member(self._bases, name)
        elif known := self._name(owner):
            self._use_of(known, name)
        elif is_private(name) and name not in self._own_names:
            self.found.add(f"{UNKNOWN}.{name}")

    def _use_of(self, owner: str, name: str) -> None:
        kind = resolve(owner)
        # What an attribute has belongs to another class; what a class does not have, to the code that is read.
        has = inspect.ismodule(kind) or (inspect.isclass(kind) and name in members(owner))
        if is_private(name) or has:
            self.found.add(f"{owner}.{name}")

    def _use_member(self, classes: Iterable[str], name: str) -> None:
        if not name.startswith("__"):
            self.found |= {f"{kind}.{name}" for kind in classes if name in members(kind)}

    def _name(self, node: ast.expr) -> str | None:
        """Returns the dotted name of an expression, or of the class that it is an object of."""
        match node:
            case ast.Name(id=name):
                return self._names.get(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
                return self._attributes.get(attribute)
            case ast.Attribute(value=inner, attr=attribute):
                name = self._name(inner)
                return name and f"{name}.{attribute}"
            case ast.Call(func=function):
                name = self._name(function)
                if name in RESULTS:
                    return RESULTS[name]
                return name if name and inspect.isclass(resolve(name)) else None
            case ast.Subscript(value=inner):
                name = self._name(inner)
                return name if name and inspect.isclass(resolve(name)) else None
        return None

    def _kind(self, annotation: ast.expr | None) -> str | None:
        """Returns the class that an annotation names first."""
        match annotation:
            case ast.BinOp(left=left):
                return self._kind(left)
            case ast.Constant(value=str(text)):
                return self._kind(ast.parse(text, mode="eval").body)
            case ast.Name() | ast.Attribute():
                return self._name(annotation)
        return None


def members_of_body(node: ast.ClassDef) -> Iterator[str]:
    """Yields what a class defines."""
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]):
                yield name


def is_self(node: ast.expr) -> bool:
    """Whether an expression is the object of the method that it stands in, or its class."""
    match node:
        case ast.Name(id="self" | "cls") | ast.Call(func=ast.Name(id="super")):
            return True
    return False


def is_any(annotation: ast.expr | None) -> bool:
    """Whether an annotation says nothing."""
    return annotation is None or ast.unparse(annotation) == "Any"


def is_private(name: str) -> bool:
    """Whether a name is for its own module or class alone."""
    return (
        name.startswith("_") and not name.startswith("__") and name not in STANDARD and name != "_"
    )


@cache
def resolve(name: str) -> Any:
    """Returns what a dotted name stands for; None if it cannot be found."""
    module, rest = split(name)
    found = sys.modules.get(module)
    for part in rest:
        # Without what a proxy or a property would do.
        found = inspect.getattr_static(found, part, None)
    return found


@cache
def split(name: str) -> tuple[str, list[str]]:
    """Splits a dotted name into a module and what is below it."""
    module, rest = "", name.split(".")
    while rest:
        inner = f"{module}.{rest[0]}".lstrip(".")
        found = inspect.getattr_static(sys.modules.get(module), rest[0], None)
        if not inspect.ismodule(found):
            if found is not None:
                break
            try:
                importlib.import_module(inner)
            except ImportError:
                break
        module, rest = inner, rest[1:]
    return module, rest


@cache
def members(name: str) -> frozenset[str]:
    """Returns the members of a class and of the objects that it makes."""
    kind = resolve(name)
    if not inspect.isclass(kind):
        return frozenset()
    found = set(dir(kind)) - set(dir(object))
    for base in kind.__mro__:
        if base.__module__.partition(".")[0] in sys.stdlib_module_names:
            found -= set(vars(base))
            continue
        found |= set(inspect.get_annotations(base))
        with suppress(OSError, TypeError):
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
            found |= {
                node.attr
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and is_self(node.value)
            }
    return frozenset(found)


def is_documented(name: str, documented: list[str]) -> bool:
    """Whether a library documents a name: by its own pattern, or as a public name of a documented module."""
    if any(fnmatchcase(name, pattern) for pattern in documented if "." in pattern):
        return True
    module, rest = split(name)
    # What is not installed cannot be asked.
    known = module in documented or not module or not rest
    return known and not any(map(is_private, rest))


if __name__ == "__main__":
    main()
