"""What is added to the code: stubs of operations, and their tests."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from . import code, style
from .annotations import Annotations
from .files import Files
from .imports import Imports
from .operations import Operation
from .project import Project
from .requests import Requests
from .security import schemes
from .stub_tests import name_of, stub_test
from .stubs import stub

_TITLE = (
    '"""The operations that openapi.yaml names; requests arrive here validated and converted."""'
)
_SECURITY = '"""The security schemes of openapi.yaml: who calls."""'

Write = Callable[[Imports], str]
"""Returns a function of a module, and imports what it needs."""


def add_stubs(
    project: Project, files: Files, document: Mapping[str, Any], missing: list[Operation]
) -> None:
    """Adds a stub for each operation, and a test for each stub.

    Args:
        project: the service.
        files: get the changes.
        document: the contract.
        missing: the operations without a function, which can have a stub.
    """
    if not missing:
        return
    requests = Requests(document)
    types = files.read(project.types) or ""
    for module, operations in _by_module(missing).items():
        path = _module(project, files, module)

        def write_stub(operation: Operation, imports: Imports) -> str:
            annotations = Annotations(document, types, project.types_module, imports)
            return stub(operation, annotations, imports)

        def write_test(operation: Operation, imports: Imports) -> str:
            return stub_test(operation, requests.of(operation), imports)

        tests = project.tests_of(module)
        add(files, path, module, _TITLE, [_of(write_stub, one) for one in operations])
        known = code.read(files.read(tests) or "").names
        new = [_of(write_test, one) for one in operations if name_of(one) not in known]
        add(files, tests, f"tests.{module}", f'"""The operations of {module}."""', new)


def add_security(project: Project, files: Files, document: Mapping[str, Any]) -> None:
    """Adds a stub for each security scheme whose function is missing.

    Args:
        project: the service.
        files: get the changes.
        document: the contract.
    """
    for scheme in schemes(document):
        module, _, name = str(scheme.function).rpartition(".")
        if module.partition(".")[0] == project.package:
            path = _module(project, files, module)
            if not code.read(files.read(path) or "").has(name):
                add(files, path, module, _SECURITY, [scheme.stub])


def add(files: Files, path: Path, module: str, title: str, functions: list[Write]) -> None:
    """Appends functions to a module.

    Args:
        files: get the changes.
        path: the file of the module, which need not be there.
        module: its name.
        title: the first line of a new file.
        functions: write the functions.
    """
    before = files.read(path)
    text = before if before is not None else f"{title}\n"
    text = text if text.endswith("\n") or not text else f"{text}\n"
    imports = Imports(text, module)
    added = style.formatted("\n\n".join(write(imports) for write in functions), path)
    gap = "\n\n" if text.strip() else ""
    text = style.improved(f"{imports.added_to(text)}{gap}{added}", before or "", path)
    last = text.count("\n")
    text = style.allowed(text, path, range(last - added.count("\n") + 1, last + 1))
    files.append(path, text)


def _of(write: Callable[[Operation, Imports], str], operation: Operation) -> Write:
    return lambda imports: write(operation, imports)


def _by_module(operations: list[Operation]) -> dict[str, list[Operation]]:
    modules: dict[str, list[Operation]] = {}
    for operation in operations:
        modules.setdefault(str(operation.function).rpartition(".")[0], []).append(operation)
    return modules


def _module(project: Project, files: Files, name: str) -> Path:
    """Returns the file of a module, and adds the packages around it."""
    path, as_package = project.modules(name)
    if files.read(as_package) is not None:
        return as_package
    package, _, _ = name.rpartition(".")
    if package:
        init = _module(project, files, package)
        if init.name != "__init__.py":
            init = path.with_name("__init__.py")
            files.write(init, f'"""{_label(package)}."""\n')
    return path


def _label(module: str) -> str:
    return re.sub("_+", " ", module.rpartition(".")[2]).strip().capitalize()
