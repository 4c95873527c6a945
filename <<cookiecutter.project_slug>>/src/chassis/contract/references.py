"""What the references of a document lead to, and the schemas that a schema is made of."""

from collections.abc import Callable, Iterator, Mapping
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
        self._inside_of: dict[str, _Inside] = {}
        self._wanted: dict[tuple[str, Any], bool] = {}

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

    def any(self, schema: Mapping[str, Any], wanted: Callable[[dict[str, Any]], bool]) -> bool:
        """Whether a schema, or one that it is made of, is wanted."""
        if any(map(wanted, self._inside(schema)[0])):
            return True
        for reference in self.reachable(schema):
            if (reference, wanted) not in self._wanted:
                inside, _ = self._referred(reference)
                self._wanted[reference, wanted] = any(map(wanted, inside))
            if self._wanted[reference, wanted]:
                return True
        return False

    def reachable(self, schema: Mapping[str, Any]) -> list[str]:
        """Returns the references in a schema, and those in what they lead to, each once."""
        found = dict.fromkeys(self._inside(schema)[1])
        waiting = list(found)
        while waiting:
            for reference in self._referred(waiting.pop())[1]:
                if reference not in found:
                    found[reference] = None
                    waiting.append(reference)
        return list(found)

    def _referred(self, reference: str) -> "_Inside":
        if reference not in self._inside_of:
            self._inside_of[reference] = self._inside(self.resolved({"$ref": reference}))
        return self._inside_of[reference]

    def _inside(self, schema: Mapping[str, Any]) -> "_Inside":
        """Returns the schemas that stand in a schema, itself too, and the references there."""
        waiting, schemas, references = [schema], [], []
        while waiting:
            found = waiting.pop()
            if isinstance(found.get("$ref"), str):
                references.append(found["$ref"])
            else:
                schemas.append(found)
                waiting.extend(parts(found))
        return schemas, references


_Inside = tuple[list[Any], list[str]]


def parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yields the schemas that stand in a schema."""
    yield from schema.get("properties", {}).values()
    for keyword in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(keyword), Mapping):
            yield schema[keyword]
    for keyword in ("allOf", "oneOf", "anyOf"):
        yield from schema.get(keyword, ())
