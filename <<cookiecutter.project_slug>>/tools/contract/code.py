"""The functions of a module, as its text has them: nothing is imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Function:
    """A function of a module."""

    name: str
    line: int
    docstring: str
    required: list[str]
    """The arguments without a default that are not injected."""
    names: set[str]
    """All arguments that are not injected."""
    takes_all: bool
    is_certain: bool
    """Whether the arguments are those of calls: a decorator may change them."""


@dataclass
class Module:
    """What a module defines at its top."""

    functions: dict[str, Function] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    is_open: bool = False
    """Whether it may have further names."""

    def has(self, name: str) -> bool:
        """Returns whether there is such a name."""
        return self.is_open or name in self.names


def read(text: str) -> Module:
    """Reads a module.

    Raises:
        SyntaxError: it is not Python.
    """
    module = Module()
    for statement in _at_the_top(ast.parse(text).body):
        _add(module, statement)
    module.is_open = module.is_open or "__getattr__" in module.names
    return module


def names_in(text: str) -> set[str]:
    """Returns the names that a module uses, and does not define only."""
    nodes = list(ast.walk(ast.parse(text)))
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    used |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            used |= {alias.name for alias in node.names}
    return used


def _at_the_top(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yields the statements that run in the module itself, those under conditions too."""
    for statement in statements:
        yield statement
        if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.stmt)]
            for handler in getattr(statement, "handlers", []):
                inner.extend(handler.body)
            yield from _at_the_top(inner)


def _add(module: Module, statement: ast.stmt) -> None:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            module.functions[name] = _function(statement)
            module.names.add(name)
        case ast.ClassDef(name=name):
            module.classes.add(name)
            module.names.add(name)
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            module.is_open = module.is_open or any(alias.name == "*" for alias in names)
            module.names |= {alias.asname or alias.name.partition(".")[0] for alias in names}
        case _:
            stored = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            module.names |= {node.id for node in stored if isinstance(node.ctx, ast.Store)}


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Function:
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults = len(node.args.defaults)
    required = positional[: len(positional) - defaults] + [
        argument
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if default is None
    ]
    given = [one for one in (*positional, *node.args.kwonlyargs) if not _is_injected(one)]
    return Function(
        node.name,
        node.lineno,
        ast.get_docstring(node) or "",
        [argument.arg for argument in required if argument in given],
        {argument.arg for argument in given},
        takes_all=node.args.kwarg is not None,
        is_certain=not node.decorator_list,
    )


def _is_injected(argument: ast.arg) -> bool:
    return argument.annotation is not None and "Inject[" in ast.unparse(argument.annotation)
