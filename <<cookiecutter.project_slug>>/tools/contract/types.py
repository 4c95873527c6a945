"""The types of the contract's schemas."""

import json
import warnings
from typing import Any

from datamodel_code_generator import InputFileType, LiteralType, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType
from datamodel_code_generator.format import Formatter

from .names import unique
from .redefinitions import without_redefinitions

HEADER = (
    '''"""The types of the contract's schemas, written by `make contract`: edit {} instead."""'''
)
# The types that handlers get for strings of these formats; the generator's default is `str`.
TYPES = {
    "uuid": "uuid.UUID",
    "date": "datetime.date",
    "date-time": "datetime.datetime",
}


def types_of(document: dict[str, Any], header: str) -> str:
    """Returns a module with a `TypedDict` for each schema that is an object.

    Args:
        document: an OpenAPI document.
        header: the first line of the module.
    """
    if not document.get("components", {}).get("schemas"):
        return f"{header}\n"
    document = _with_plain_names(document)
    named = {f"FormatOf{kind.title().replace('-', '')}": kind for kind in TYPES}
    document = _with_references(document, {kind: name for name, kind in named.items()})
    document.setdefault("components", {}).setdefault("schemas", {}).update(
        {name: {"type": "object"} for name in named}
    )
    with warnings.catch_warnings():
        # It warns of formats that it does not know, and leaves them out.
        warnings.simplefilter("ignore")
        module = _generated(json.dumps(document), header, named)
    return without_redefinitions(f"{module}\n")


def _generated(document: str, header: str, named: dict[str, str]) -> str:
    return str(
        generate(
            document,
            input_file_type=InputFileType.OpenAPI,
            output_model_type=DataModelType.TypingTypedDict,
            target_python_version=PythonVersion.PY_311,
            type_overrides={name: TYPES[kind] for name, kind in named.items()},
            custom_file_header=header,
            collapse_root_models=True,
            disable_future_imports=True,
            enum_field_as_literal=LiteralType.All,
            formatters=[Formatter.BUILTIN],
            strict_nullable=True,
            use_closed_typed_dict=False,
        )
    )


_SCHEMAS = "#/components/schemas/"


def _with_plain_names(document: dict[str, Any]) -> dict[str, Any]:
    """Returns a document whose schemas have no dots in their names, which the generator takes for modules."""
    given = document["components"]["schemas"]
    taken = {name for name in given if "." not in name}
    names: dict[str, str] = {}
    for name in given:
        if "." in name:
            names[name] = unique(name.replace(".", "_"), taken)
            taken.add(names[name])
    if not names:
        return document
    renamed: dict[str, Any] = _renamed(
        document, {f"{_SCHEMAS}{old}": f"{_SCHEMAS}{new}" for old, new in names.items()}
    )
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {
        names.get(name, name): schema for name, schema in schemas.items()
    }
    return renamed


def _renamed(node: Any, references: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_renamed(element, references) for element in node]
    if isinstance(node, dict):
        return {key: _renamed(value, references) for key, value in node.items()}
    return references.get(node, node) if isinstance(node, str) else node


def _with_references(node: Any, names: dict[str, str]) -> Any:
    """Replaces each string that has one of the formats by a reference."""
    if isinstance(node, list):
        return [_with_references(element, names) for element in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "string" and node.get("format") in names:
        reference = {"$ref": f"#/components/schemas/{names[node['format']]}"}
        return {"nullable": True, "anyOf": [reference]} if node.get("nullable") else reference
    return {key: _with_references(value, names) for key, value in node.items()}
