"""The contract of a service, with a resource or with a field more."""

from collections.abc import Iterator
from typing import Any

import yaml

from ..contract.operations import METHODS
from ..contract.yaml_text import YamlText
from .fields import Field
from .names import RefusedError

_SCHEMAS = ("components", "schemas")
_SHARED = "Problem"


def with_resource(text: str, part: str) -> str:
    """Returns a contract with the paths and the components of a resource at the ends of its own.

    Args:
        text: the contract.
        part: a contract of this resource alone.

    Raises:
        RefusedError: a path, an operation or a schema of the resource is there already.
    """
    contract, new = YamlText(text), YamlText(part)
    _refuse_taken(contract, new)
    _refuse_operations(text, part)
    if contract.find("tags"):
        contract.append(("tags",), new.lines(("tags",)))
    paths = "".join(new.block(("paths",), key) for key in new.keys("paths"))
    contract.append(("paths",), f"\n{paths}")
    if not contract.find("components"):
        contract.append((), f"\n{new.block((), 'components').lstrip()}")
        return contract.changed()
    for kind in new.keys("components"):
        place = ("components", kind)
        keys = [key for key in new.keys(*place) if not contract.find(*place, key)]
        blocks = "".join(new.block(place, key) for key in keys)
        if blocks:
            gap = "\n" if kind == "schemas" and contract.find(*place) else ""
            contract.append(place, f"{gap}{blocks}")
    return contract.changed()


def with_field(text: str, resource_class: str, field: Field) -> str:
    """Returns a contract with a field more in the schemas of a resource.

    Args:
        text: the contract.
        resource_class: the name of the resource's class, which its schemas begin with.
        field: the field.

    Raises:
        RefusedError: the contract lacks one of the schemas, or has the field.
    """
    contract = YamlText(text)
    name = f"{resource_class}{field.class_name}Field"
    reference = f'{field.name}:\n  $ref: "#/components/schemas/{name}"\n'
    schemas = contract.keys(*_SCHEMAS)
    if name in schemas:
        raise RefusedError(f"openapi.yaml has the schema {name} already")
    for kind in ("Fields", "Changes", ""):
        place = (*_SCHEMAS, f"{resource_class}{kind}")
        if not contract.find(*place, "properties"):
            raise RefusedError(f"openapi.yaml has no schema {place[-1]} with properties")
        if contract.find(*place, "properties", field.name):
            raise RefusedError(
                f"the {place[-1]} of openapi.yaml has the property {field.name} already"
            )
        block = reference
        if kind == "Fields" and field.default is not None:
            lines = "".join(f"  {line}\n" for line in field.schema_with_default)
            block = f"{field.name}:\n{lines}"
        properties = contract.keys(*place, "properties")
        at = "created_at" if "created_at" in properties else properties[-1]
        contract.insert((*place, "properties"), at, block, before=at == "created_at")
        if not kind or (kind == "Fields" and not field.can_be_left_out):
            contract.add((*place, "required"), field.name, before="created_at")
    lines = "".join(f"  {line}\n" for line in field.schema)
    own = [key for key in schemas if key.startswith(resource_class) and key.endswith("Field")]
    first = f"{resource_class}Fields"
    at, gap = (own[-1], "") if own else (first, "\n")
    contract.insert(_SCHEMAS, at, f"{name}:\n{lines}{gap}", before=not own)
    return contract.changed()


def _refuse_taken(contract: YamlText, new: YamlText) -> None:
    for key in new.keys("paths"):
        if contract.find("paths", key):
            raise RefusedError(f"openapi.yaml has the path {key} already")
    # Types of schemas, too, are told apart by their letters and digits alone.
    known = {_plain(key): key for key in contract.keys(*_SCHEMAS)}
    for key in new.keys(*_SCHEMAS):
        if key != _SHARED and _plain(key) in known:
            raise RefusedError(f"openapi.yaml has the schema {known[_plain(key)]} already")


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _refuse_operations(text: str, part: str) -> None:
    known = set(_operations(text))
    for name in _operations(part):
        if name in known:
            raise RefusedError(f"openapi.yaml has the operation {name} already")


def _operations(text: str) -> Iterator[str]:
    document: Any = yaml.safe_load(text)
    for item in (document.get("paths") or {}).values():
        for method in METHODS:
            if method in item:
                yield str(item[method].get("operationId"))
