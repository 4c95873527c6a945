"""Example bodies: what the contract gives as examples is what people and tests send."""

from collections.abc import Mapping
from typing import Any

from .schemas import Schemas
from .violations import violations_of

METHODS = frozenset({"get", "put", "post", "patch", "delete", "head", "options", "trace"})
MEDIA_TYPE = "application/json"
LONGEST_NUMBER = 99_999
REFERS_TO = "x-refers-to"


class MissingExampleError(ValueError):
    """The contract lacks an example; the message names the place."""


class _EndlessError(MissingExampleError):
    """An example would have itself in it."""


def example_body(document: Mapping[str, Any], operation_id: str) -> Any:
    """Returns the example of an operation's JSON body.

    An example of the body is taken, or of its schema, or one is made of the examples of its properties.

    Args:
        document: the contract as it is written, with its references.
        operation_id: the operation's.

    Raises:
        LookupError: there is no such operation, or it takes no JSON.
        MissingExampleError: what is required has no example.
    """
    operation = _operation(document, operation_id)
    return _Examples(Schemas(document)).of_operation(operation, operation_id)


def numbered_texts(document: Mapping[str, Any], operation_id: str) -> list[str]:
    """Returns the properties of an operation's example that are texts, and stay valid with a number behind.

    Raises:
        LookupError: there is no such operation, or it takes no JSON.
        MissingExampleError: what is required has no example.
    """
    example = example_body(document, operation_id)
    schemas = Schemas(document)
    return [
        name
        for name, inner in _properties(document, operation_id).items()
        if isinstance(example, dict)
        and isinstance(example.get(name), str)
        and schemas.compile(inner).is_valid(f"{example[name]} {LONGEST_NUMBER}")
    ]


def example_faults(document: Mapping[str, Any]) -> list[str]:
    """Returns what is wrong with the examples of JSON bodies: that one is missing, or not valid."""
    schemas = Schemas(document)
    faults = []
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            operation = item[method]
            media = _media(schemas, operation)
            if media is None:
                continue
            name = operation["operationId"]
            try:
                example = example_body(document, name)
            except MissingExampleError as error:
                faults.append(str(error))
            else:
                faults.extend(
                    f"the example of {name}: {violation.pointer} {violation.detail}"
                    for violation in violations_of(
                        schemas.compile(media.get("schema", {})), example, "body", []
                    )
                )
    return faults


def collections(document: Mapping[str, Any]) -> dict[str, str]:
    """Returns the operations that create what their JSON body describes, by their paths.

    What an example refers to comes before it.

    Args:
        document: the contract as it is written, with its references.
    """
    found: dict[str, str] = {}
    for path, item in document["paths"].items():
        operation = item.get("post", {})
        body = Schemas(document).resolved(operation.get("requestBody", {}))
        creates = "201" in map(str, operation.get("responses", {}))
        if "{" not in path and creates and MEDIA_TYPE in body.get("content", {}):
            found[path] = operation["operationId"]
    ordered: dict[str, str] = {}

    def add(path: str, around: tuple[str, ...] = ()) -> None:
        for other in _references(document, found[path]).values():
            if other in found and other not in around:
                add(other, (*around, path))
        ordered[path] = found[path]

    for path in found:
        add(path)
    return ordered


def references(document: Mapping[str, Any], operation_id: str) -> dict[str, str]:
    """Returns the properties of an operation's example that are ids of other resources, with the paths of these.

    `x-refers-to` in the schema of a property names the path.

    Raises:
        LookupError: there is no such operation, or it takes no JSON.
        MissingExampleError: what is required has no example.
    """
    found = _references(document, operation_id)
    example = example_body(document, operation_id) if found else {}
    return {name: path for name, path in found.items() if name in example}


def _references(document: Mapping[str, Any], operation_id: str) -> dict[str, str]:
    properties = _properties(document, operation_id).items()
    return {name: schema[REFERS_TO] for name, schema in properties if REFERS_TO in schema}


def _operation(document: Mapping[str, Any], operation_id: str) -> dict[str, Any]:
    for item in document["paths"].values():
        for method in METHODS & item.keys():
            if item[method].get("operationId") == operation_id:
                operation: dict[str, Any] = item[method]
                return operation
    raise LookupError(f"the contract has no operation {operation_id}")


def _properties(document: Mapping[str, Any], operation_id: str) -> dict[str, Any]:
    """Returns the schemas of the properties of an operation's JSON body."""
    schemas = Schemas(document)
    media = _media(schemas, _operation(document, operation_id)) or {}
    properties = schemas.merged(media.get("schema", {})).get("properties", {})
    return {name: schemas.merged(schema) for name, schema in properties.items()}


def _media(schemas: Schemas, operation: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns what an operation says of its JSON body; None if it takes none."""
    body = schemas.resolved(operation.get("requestBody", {}))
    media: dict[str, Any] | None = body.get("content", {}).get(MEDIA_TYPE)
    return media


class _Examples:
    """Makes examples of the schemas of a document."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def of_operation(self, operation: Mapping[str, Any], name: str) -> Any:
        media = _media(self._schemas, operation)
        if media is None:
            raise LookupError(f"the operation {name} takes no JSON")
        if "example" in media:
            return media["example"]
        for example in media.get("examples", {}).values():
            return self._schemas.resolved(example)["value"]
        return self._of_schema(media.get("schema", {}), f"the body of {name}", ())

    def _of_schema(self, schema: Mapping[str, Any], place: str, around: tuple[int, ...]) -> Any:
        found = self._schemas.resolved(schema)
        if id(found) in around:
            raise _EndlessError(f"the contract has no example: {place}")
        around = (*around, id(found))
        schema = self._schemas.merged(found)
        for keyword in ("example", "default"):
            if keyword in schema:
                return schema[keyword]
        if "enum" in schema:
            return schema["enum"][0]
        if "properties" in schema:
            return self._of_properties(schema, place, around)
        if schema.get("type") == "array" and "items" in schema:
            return self._of_array(schema, place, around)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                return self._of_schema(schema[keyword][0], place, around)
        raise MissingExampleError(f"the contract has no example: {place}")

    def _of_array(self, schema: dict[str, Any], place: str, around: tuple[int, ...]) -> list[Any]:
        try:
            return [self._of_schema(schema["items"], f"{place}, items", around)]
        except _EndlessError:
            if schema.get("minItems"):
                raise
            return []

    def _of_properties(self, schema: dict[str, Any], place: str, around: tuple[int, ...]) -> Any:
        required = schema.get("required", ())
        result = {}
        for name, inner in schema["properties"].items():
            if self._schemas.resolved(inner).get("readOnly"):
                continue
            try:
                result[name] = self._of_schema(inner, f"{place}, {name}", around)
            except MissingExampleError:
                if name in required:
                    raise
        return result
