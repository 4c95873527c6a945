"""The types of the contract's schemas."""

import json
from typing import Any

from datamodel_code_generator import InputFileType, LiteralType, PythonVersion, generate
from datamodel_code_generator.enums import DataModelType
from datamodel_code_generator.format import Formatter

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
    named = {f"FormatOf{kind.title().replace('-', '')}": kind for kind in TYPES}
    document = _with_references(document, {kind: name for name, kind in named.items()})
    document.setdefault("components", {}).setdefault("schemas", {}).update(
        {name: {"type": "object"} for name in named}
    )
    module = generate(
        json.dumps(document),
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
    return without_redefinitions(f"{module}\n")


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
