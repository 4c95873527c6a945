"""What a service needs of a storage; the service's bindings say which storage it gets."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from .errors import ConflictError, NotFoundError
from .model import Resource
from .paging import Page, Position, Query, Sort, decode_cursor, encode_cursor, parse_sort

Model = TypeVar("Model", bound=Resource)


class Repository(ABC, Generic[Model]):
    """Stores the resources of one model."""

    def __init__(self, model: type[Model]) -> None:
        """Stores objects of a model."""
        self._parse_sort = cache(partial(parse_sort, model=model))
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", model.__name__)
        self._label = words.lower()

    @abstractmethod
    def get(self, identifier: UUID) -> Model:
        """Returns the resource with an id.

        Raises:
            NotFoundError: there is no such resource.
        """

    @abstractmethod
    def add(self, item: Model) -> Model:
        """Stores a new resource and returns it.

        Raises:
            ConflictError: another resource has a value that only one may have.
        """

    @abstractmethod
    def update(self, identifier: UUID, changes: Mapping[str, Any]) -> Model:
        """Changes fields of a resource, counts its version up, and returns it.

        Raises:
            NotFoundError: there is no such resource.
            ConflictError: another resource has a value that only one may have.
        """

    @abstractmethod
    def delete(self, identifier: UUID) -> None:
        """Deletes a resource.

        Raises:
            NotFoundError: there is no such resource.
            ConflictError: another resource refers to it.
        """

    def page(self, query: Query) -> Page[Model]:
        """Returns a page of a list.

        Raises:
            NotFoundError: the cursor is not from this list.
            ValueError: the model cannot be sorted by the field.
        """
        sort = self._parse_sort(query.sort)
        after = decode_cursor(sort, query.cursor) if query.cursor is not None else None
        where = {name: value for name, value in query.where.items() if value is not None}
        # An item more than asked for tells whether there is a next page.
        found = self._find(where, sort, after, query.limit + 1)
        if len(found) <= query.limit:
            return Page(found, None)
        last = found[query.limit - 1]
        position = Position(getattr(last, sort.field), last.id)
        return Page(found[: query.limit], encode_cursor(sort, position))

    @abstractmethod
    def _find(
        self, where: Mapping[str, Any], sort: Sort, after: Position | None, limit: int
    ) -> list[Model]:
        """Returns at most `limit` resources with these values that come after a position."""

    def _not_found(self, identifier: UUID) -> NotFoundError:
        return NotFoundError(f"There is no {self._label} with the id {identifier}.")

    def _taken(self, values: Mapping[str, Any]) -> ConflictError:
        names = " and ".join(name.replace("_", " ") for name in values)
        shown = ", ".join(_shown(value) for value in values.values())
        verb = "is" if len(values) == 1 else "are"
        return ConflictError(f"The {names} {shown} {verb} taken.")


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str) else str(value)
