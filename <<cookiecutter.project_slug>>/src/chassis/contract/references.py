"""What the references of a document lead to, and the schemas that a schema is made of."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote


class UnresolvedReferenceError(LookupError):
    """A reference leads nowhere; the message names it."""

    def __init__(self, reference: str, message: str) -> None:
        super().__init__(message)
        self.reference = reference


class References:
    """The references of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        """Resolves nothing yet.

        Args:
            document: as it is written; its references stay within it.
        """
        self._document = document

    def resolved(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Returns what a reference leads to, or the value itself if it is none.

        Raises:
            UnresolvedReferenceError: it leads nowhere.
        """
        passed: list[str] = []
        while isinstance(reference := value.get("$ref"), str):
            if reference in passed:
                raise UnresolvedReferenceError(reference, f"$ref: {reference} leads to itself")
            passed.append(reference)
            value = self.target(reference)
        return value  # type: ignore[return-value]

    def target(self, reference: str) -> Mapping[str, Any]:
        """Returns what stands at the place of a reference.

        Raises:
            UnresolvedReferenceError: nothing does.
        """
        target: Any = self._document
        for step in reference.partition("#")[2].split("/")[1:]:
            key = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(target, Mapping) and key not in target:
                target = self.resolved(target)
            try:
                target = target[int(key)] if isinstance(target, list) else target[key]
            except (LookupError, TypeError, ValueError):
                target = None
                break
        if not isinstance(target, Mapping):
            raise UnresolvedReferenceError(reference, f"$ref: there is no {reference}")
        return target

    def merged(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a schema whose properties are those of all parts of its `allOf`, too."""
        schema = self.resolved(schema)
        return self._merged(schema, []) if "allOf" in schema else schema

    def _merged(self, schema: dict[str, Any], around: list[int]) -> dict[str, Any]:
        result = {key: value for key, value in schema.items() if key != "allOf"}
        for part in map(self.resolved, schema.get("allOf", [])):
            if id(part) in around:  # it is a part of itself, which says nothing new
                continue
            for key, value in self._merged(part, [*around, id(schema)]).items():
                if key == "properties":
                    result[key] = {**value, **result.get(key, {})}
                elif key == "required":
                    result[key] = [*result.get(key, []), *value]
                else:
                    result.setdefault(key, value)
        return result

    def walk(self, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yields each schema that a schema is made of, once, itself too."""
        waiting, seen = [schema], set()
        while waiting:
            found = self.resolved(waiting.pop())
            if id(found) not in seen:
                seen.add(id(found))
                yield found
                waiting.extend(parts(found))


def parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yields the schemas that stand in a schema."""
    yield from schema.get("properties", {}).values()
    for keyword in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(keyword), Mapping):
            yield schema[keyword]
    for keyword in ("allOf", "oneOf", "anyOf"):
        yield from schema.get(keyword, ())
