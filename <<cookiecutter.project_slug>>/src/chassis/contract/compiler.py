"""Functions that are made of schemas: of one that is referred to once, even if it refers to itself."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .schemas import Schemas

Function = Callable[[Any], Any]
"""Turns a value of a schema into another one."""

_OF_VALUES = {"format", "items", "properties", "additionalProperties", "oneOf", "anyOf"}

Around = frozenset[int | str]
"""What is made already for the same value: references, and choices (`oneOf`, `anyOf`), which may contain themselves."""


class Compiler(ABC):
    """Makes functions of the schemas of one document."""

    def __init__(self, schemas: Schemas) -> None:
        self.schemas = schemas
        self._made: dict[str, Function | None] = {}
        self._recursive: set[str] = set()

    def compile(self, schema: Mapping[str, Any], around: Around = frozenset()) -> Function | None:
        """Returns the function of a schema; None if it would change no value."""
        reference = schema.get("$ref")
        if not isinstance(reference, str):
            return self.make(self.schemas.merged(schema), around)
        if reference not in self._made:
            self._made[reference] = partial(self._call, reference)
            function = self.make(self.schemas.merged(schema), around | {reference})
            if reference in self._recursive and not self.schemas.any(schema, self.concerns):
                function = None
            self._made[reference] = function
        else:
            self._recursive.add(reference)
        return self._made[reference]

    def _call(self, reference: str, value: Any) -> Any:
        function = self._made[reference]
        return function(value) if function else value

    @abstractmethod
    def make(self, schema: dict[str, Any], around: Around) -> Function | None:
        """Makes the function of a schema, which is merged and no reference."""

    @abstractmethod
    def concerns(self, schema: dict[str, Any]) -> bool:
        """Whether a schema changes values, not counting the schemas in it."""

    def choices(
        self, schema: dict[str, Any], around: Around
    ) -> list[tuple[Mapping[str, Any], Function | None]]:
        """Returns the schemas of a choice with their functions; none if the choice contains itself."""
        keyword = "oneOf" if "oneOf" in schema else "anyOf"
        common = without_choice(schema)
        if id(schema[keyword]) in around:
            return []
        around |= {id(schema[keyword])}
        return [(choice, self._chosen(choice, common, around)) for choice in schema[keyword]]

    def _chosen(
        self, choice: Mapping[str, Any], common: dict[str, Any], around: Around
    ) -> Function | None:
        is_whole = "type" not in common or "type" in self.schemas.merged(choice)
        if is_whole and not common.keys() & _OF_VALUES and choice.get("$ref") not in around:
            return self.compile(choice, around)
        return self.make(self.schemas.merged({"allOf": [choice, common]}), around)


def without_choice(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a schema demands besides its choice."""
    keyword = "oneOf" if "oneOf" in schema else "anyOf"
    return {key: value for key, value in schema.items() if key != keyword}
