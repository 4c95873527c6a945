"""The texts of a resource: its part of the contract, its modules and its tests."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2

from .fields import Field
from .kinds import python_text
from .names import Resource, article

TEMPLATES = Path(__file__).with_name("templates")
_PLAIN = ("str", "int", "float", "bool", "list[str]")


def render(name: str, context: Mapping[str, Any], templates: Path = TEMPLATES) -> str:
    """Returns the text that a template makes.

    Args:
        name: the name of the file that it is the template of.
        context: what the template uses.
        templates: the directory of the templates.
    """
    environment = jinja2.Environment(  # noqa: S701 there is no HTML
        loader=jinja2.FileSystemLoader(templates),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(f"{name}.jinja").render(context)


def context(resource: Resource, fields: list[Field], base_path: str) -> dict[str, Any]:
    """Returns what the templates use.

    Args:
        resource: the names of the resource.
        fields: its fields.
        base_path: the path under which the operations are served.
    """
    filters = [field for field in fields if field.is_filter]
    orders = [*(field.name for field in fields if field.is_sorted), "created_at"]
    uniques = [field.name for field in fields if field.is_unique]
    defaults = {field.name: field.default for field in fields if field.can_be_left_out}
    references = [field for field in fields if field.kind.refers_to]
    largest = ", ".join(
        f'"{field.name}": {field.kind.largest}' for field in fields if field.kind.largest
    )
    return {
        "resource": resource,
        "fields": fields,
        "base_path": base_path,
        "filters": filters,
        "has_literal_filter": any("Literal" in field.annotation for field in filters),
        "where": ", ".join(f'"{field.name}": {field.name}' for field in filters),
        "orders": [f"{sign}{name}" for name in orders for sign in ("", "-")],
        "required": [field.name for field in fields if not field.can_be_left_out],
        "uniques": python_text(uniques) if uniques else "",
        "model_imports": imports_of([("dataclasses", "dataclass"), *_imports(fields)]),
        "defaults": python_text(defaults) if defaults else "",
        "references": references,
        "required_references": [field for field in references if not field.is_optional],
        "refused": [(field.name, value) for field in fields for value in field.kind.refused],
        "largest": f"{{{largest}}}" if largest else "",
        "taken_once": [_taken_once(field, uniques) for field in fields if field.is_unique],
        **_changes(fields),
        **_list(fields),
    }


def imports_of(names: Iterable[tuple[str, str]]) -> str:
    """Returns the statements that import names from modules, in their order."""
    modules: dict[str, set[str]] = {}
    for module, name in names:
        modules.setdefault(module, set()).add(name)
    return "\n".join(
        f"from {module} import {', '.join(sorted(modules[module]))}" for module in sorted(modules)
    )


def _imports(fields: list[Field]) -> Iterator[tuple[str, str]]:
    return (field.kind.imports for field in fields if field.kind.imports)


def _taken_once(field: Field, uniques: list[str]) -> dict[str, str]:
    """Returns the bodies that show that only one resource may have a value."""

    def fields(value: str, others: str) -> dict[str, str]:
        return {name: value if name == field.name else others for name in uniques}

    def body(value: str, others: str) -> str:
        return f"BODY | {python_text(fields(value, others))}"

    return {
        "name": field.name,
        "label": field.label,
        "article": article(field.name),
        "first": _arguments(fields("First", "First")),
        "second": _arguments(fields("Second", "Second")),
        "taken": python_text({field.name: "First"}),
        "third": body("First", "Third"),
        "changed": body("First", "Second"),
    }


def _changes(fields: list[Field]) -> dict[str, str]:
    """Returns changes of fields, over HTTP and in the code: a new value, and null."""
    changed = [(field, field.others[0]) for field in fields if field.others]
    values = {field.name: python_text(value) for field, value in changed[:1]}
    values |= dict.fromkeys([one.name for one in fields if one.is_optional][:1], "None")
    if not values:
        values = {fields[0].name: f'BODY["{fields[0].name}"]'}
    text = ", ".join(f'"{name}": {value}' for name, value in values.items())
    simple = {
        field.name: value
        for field, value in changed
        if field.kind.annotation.startswith((*_PLAIN, "Literal"))
    }
    name = next(iter(simple), None)
    return {
        "change": f"{{{text}}}",
        "changed": text,
        "simple_change": python_text({name: simple[name]}) if name else "{}",
    }


def _list(fields: list[Field]) -> dict[str, Any]:
    """Returns what shows how a list is sorted and filtered."""
    uniques = [field for field in fields if field.is_unique]
    ordered = [field for field in fields if field.is_sorted and len(field.kind.values) > 2]
    compared = [field for field in fields if field.is_filter and len(field.kind.values) > 1]
    by = next((field for field in ordered if field in uniques), next(iter(ordered), None))
    where = next((field for field in compared), None)
    items: list[dict[str, Any]] = [{}, {}, {}]
    for field in [*uniques, *([by] if by and by not in uniques else [])]:
        for item, place in zip(items, (2, 0, 1), strict=True):
            item[field.name] = field.kind.values[place]
    if where:
        for item, place in zip(items, (0, 1, 1), strict=True):
            item[where.name] = where.kind.values[place]
    words = [*(["sorted"] if by else []), *(["filtered"] if where else []), "paged"]
    return {
        "items": [_arguments(item) for item in items],
        "sorted_by": by.name if by else "",
        "filtered_by": _query(where) if where else "",
        "list_words": "_and_".join(filter(None, ["_".join(words[:-1]), words[-1]])),
    }


def _query(field: Field) -> str:
    value = field.kind.values[1]
    return urlencode({field.name: str(value).lower() if isinstance(value, bool) else value})


def _arguments(fields: Mapping[str, Any]) -> str:
    """Returns the arguments of a call that creates something with these fields."""
    given = (f"{name}={python_text(value)}" for name, value in fields.items())
    return ", ".join(["client", *given])
