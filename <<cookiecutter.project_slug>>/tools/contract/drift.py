"""What does not fit together: functions, and the operations of the contract."""

import keyword
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from . import code
from .files import Files
from .operations import CONTROLLER, METHODS, Operation
from .project import Project

_HANDLER = re.compile(rf"^({'|'.join(METHODS)}) /", re.IGNORECASE | re.MULTILINE)


class Difference(NamedTuple):
    """Something that does not fit."""

    place: str
    reason: str
    is_fatal: bool
    """Whether the service does not start, or a request fails."""

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


class Target(NamedTuple):
    """Where the function of an operation is, or would be."""

    module: str
    path: Path | None
    function: str


def target(project: Project, files: Files, operation: Operation) -> Target:
    """Finds the module of an operation's function, as Connexion does: by the longest name that is a module."""
    module, _, function = str(operation.function).rpartition(".")
    around = module
    while around:
        for path in project.modules(around):
            if files.read(path) is not None:
                return Target(around, path, str(operation.function).removeprefix(f"{around}."))
        around = around.rpartition(".")[0]
    return Target(module, None, function)


def missing(project: Project, files: Files, operations: list[Operation]) -> list[Operation]:
    """Returns the operations that have no function, and can have a stub."""
    found = []
    for operation in operations:
        _, path, function = target(project, files, operation)
        first, _, inner = function.partition(".")
        # Below a module there can be a class, below a package a module.
        can_be_added = path is not None and (not inner or path.name == "__init__.py")
        if path and can_be_added and not _read(files, path).has(first):
            found.append(operation)
    return found


def differences(
    project: Project, files: Files, operations: list[Operation]
) -> Iterator[Difference]:
    """Yields what does not fit.

    Raises:
        SyntaxError: a module is not Python.
    """
    contract = str(project.contract.relative_to(project.root))
    for operation in operations:
        if not operation.function:
            reason = f"{operation.name} needs an operationId, and {CONTROLLER}"
            yield Difference(contract, reason, is_fatal=True)
            continue
        module, path, name = target(project, files, operation)
        found = _read(files, path) if path else code.Module()
        first, _, inner = name.partition(".")
        if path and not found.has(first):
            reason = f"{module} has no {first}, which {operation.name} names"
            yield Difference(contract, reason, is_fatal=True)
        elif path and not inner and name in found.functions:
            function = found.functions[name]
            place = f"{path.relative_to(project.root)}:{function.line}"
            for reason, is_fatal in _of_arguments(operation, function):
                yield Difference(place, f"{name} {reason} ({operation.name})", is_fatal)


def _of_arguments(operation: Operation, function: code.Function) -> Iterator[tuple[str, bool]]:
    if not function.is_certain:
        return
    known = {argument.name: argument for argument in operation.arguments}
    if operation.body:
        known[operation.body.name] = operation.body
    by_security = {"user", "token_info"} if operation.security else set()
    for name in function.required:
        if name in known and not known[name].is_always_sent and known[name] is not operation.body:
            yield f"needs a default for {name}, which a request may leave out", True
        elif name not in known and name not in by_security and not _may_be_sent(operation):
            yield f"needs the argument {name}, which no request has", True
    for name, argument in known.items():
        if name not in function.names and not function.takes_all and not keyword.iskeyword(name):
            yield f"does not take the argument {name}", argument.is_of_path


def _may_be_sent(operation: Operation) -> bool:
    """Whether a request may have arguments that the contract does not name: files of a form."""
    return bool(operation.body_type and operation.body_type.startswith("multipart/"))


def without_operation(
    project: Project, files: Files, operations: list[Operation]
) -> Iterator[Difference]:
    """Yields functions that look like those of operations: their docstring says so, or nothing else uses them.

    Args:
        project: the service.
        files: its files.
        operations: those of all versions of the API.

    Raises:
        SyntaxError: a module is not Python.
    """
    named = {operation.function for operation in operations}
    modules = {target(project, files, one).path for one in operations if one.function}
    used: set[str] | None = None
    package = project.sources / project.package
    for path in sorted(package.rglob("*.py")):
        text = files.read(path) or ""
        if path not in modules and not _HANDLER.search(text):
            continue
        module = _name(project, path)
        for function in _read(files, path).functions.values():
            if f"{module}.{function.name}" in named or function.name.startswith("_"):
                continue
            if not _HANDLER.search(function.docstring):
                if path not in modules:
                    continue
                if used is None:
                    used = _used(package, files)
                if function.name in used:
                    continue
            place = f"{path.relative_to(project.root)}:{function.line}"
            yield Difference(
                place, f"no operation has the function {function.name}", is_fatal=False
            )


def _used(package: Path, files: Files) -> set[str]:
    return {
        name for path in package.rglob("*.py") for name in code.names_in(files.read(path) or "")
    }


def _name(project: Project, path: Path) -> str:
    steps = path.relative_to(project.sources).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


def _read(files: Files, path: Path) -> code.Module:
    try:
        return code.read(files.read(path) or "")
    except SyntaxError as error:
        place = f"{path.relative_to(files.root)}:{error.lineno}"
        raise SyntaxError(f"{place}: {error.msg}") from error
