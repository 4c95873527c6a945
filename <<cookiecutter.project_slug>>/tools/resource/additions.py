"""What `make resource` and `make field` change, before it is done."""

import re
from pathlib import Path
from typing import Any

from ..contract import style
from ..contract.files import Files
from ..contract.operations import base_path
from ..contract.project import Project
<% if cookiecutter.__has_database %>
from . import contract, fields, modules, names, tables, texts
<% else %>
from . import contract, fields, modules, names, texts
<% endif %>
from .fields import Field
from .names import RefusedError

_MODULES = ("__init__.py", "api.py", "model.py", "service.py")
_TESTS = ("test_api.py", "test_service.py")


def add_resource(
    project: Project, files: Files, document: dict[str, Any], name: str, plural: str, described: str
) -> str:
    """Adds a resource, and returns what such resources are called.

    Args:
        project: the service.
        files: get the changes.
        document: the contract.
        name: the singular of the resource.
        plural: its plural.
        described: its fields.

    Raises:
        RefusedError: the names or the fields cannot be used.
    """
<% if cookiecutter.__has_database %>
    names.check(name, plural, tables.CLASSES)
<% else %>
    names.check(name, plural)
<% endif %>
    resource = names.resource(name, plural)
    package, tests = project.sources / project.package / plural, project.root / "tests" / plural
    for path in (package, package.with_suffix(".py"), tests):
        if path.exists():
            raise RefusedError(f"{path.relative_to(project.root)} is there already")
    found = fields.read(described)
    for field in found:
        _check_reference(document, field, plural)
    context = texts.context(resource, found, base_path(document))
<% if cookiecutter.__has_database %>
    tables.check(plural, found)
    context |= tables.context(found)
    made = (*_MODULES, "table.py")
<% else %>
    made = _MODULES
<% endif %>
    for directory, templates in ((package, made), (tests, _TESTS)):
        for template in templates:
            path = directory / template
            text = style.formatted(texts.render(template, context), path)
            files.write(path, style.allowed(text, path, range(1, text.count("\n") + 1)))
    part = texts.render("openapi.yaml", context)
    text = contract.with_resource(files.read(project.contract) or "", part)
    _change(files, project.contract, text)
    path = package.with_name("bindings.py")
    text = modules.merged(files.read(path) or "", texts.render("bindings.py", context), path)
    _change(files, path, text)
    return resource.plural_label


def add_field(
    project: Project, files: Files, document: dict[str, Any], name: str, described: str
) -> tuple[Field, str]:
    """Adds a field to a resource, and returns it, and what the resources are called.

    Args:
        project: the service.
        files: get the changes.
        document: the contract.
        name: the singular of the resource.
        described: the field.

    Raises:
        RefusedError: there is no such resource, or the field cannot be used.
    """
    field = fields.read_one(described.strip())
    class_name = names.class_name(name)
    package = _package_of(project, name, class_name)
    _check_reference(document, field, package.name)
    if field.kind.refers_to and not field.is_optional:
        raise RefusedError(f"{described}: add ? to it, because what exists refers to nothing")
<% if cookiecutter.__has_database %>
    tables.check(package.name, [field])
<% else %>
    if field.is_unique:
        raise RefusedError(f"{described}: bindings.py names unique fields, add it there by hand")
<% endif %>
    text = contract.with_field(files.read(project.contract) or "", class_name, field)
    _change(files, project.contract, text)
    model = package / "model.py"
    imports = texts.imports_of([field.kind.imports] if field.kind.imports else [])
    text = modules.with_line(files.read(model) or "", class_name, field.model, imports, model)
    _change(files, model, text)
<% if cookiecutter.__has_database %>
    table = package / "table.py"
    line, imports = tables.column(field, is_listed=False), tables.imports(field)
    text = modules.with_line(files.read(table) or "", f"{class_name}Row", line, imports, table)
    _change(files, table, text)
<% endif %>
    return field, package.name.replace("_", " ")


def _change(files: Files, path: Path, text: str) -> None:
    """Gives a file a new text; lines of it may have changed where imports are joined."""
    if style.has_all_lines(text, files.read(path) or ""):
        files.append(path, text)
    else:
        files.write(path, text)


def _package_of(project: Project, name: str, class_name: str) -> Path:
    """Returns the directory of the resource's code."""
    declared = re.compile(rf"^class {re.escape(class_name)}\(", re.MULTILINE)
    for path in sorted((project.sources / project.package).glob("*/model.py")):
        if declared.search(path.read_text(encoding="utf-8")):
            return path.parent
    raise RefusedError(f"there is no resource {name!r}: no model.py has the class {class_name}")


def _check_reference(document: dict[str, Any], field: Field, plural: str) -> None:
    """Refuses a reference to what there is not."""
    if field.kind.refers_to is None:
        return
    path = f"/{field.kind.refers_to.replace('_', '-')}"
    if field.kind.refers_to == plural:
        if not field.is_optional:
            raise RefusedError(f"{field.name}: add ? to it, because the first has no other")
    elif path not in document["paths"]:
        raise RefusedError(f"{field.name}: openapi.yaml has no path {path}")
