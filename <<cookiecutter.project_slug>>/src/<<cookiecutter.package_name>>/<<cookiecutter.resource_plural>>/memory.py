"""Keeps << cookiecutter.__resource_plural_label >> in the memory of this process: a restart forgets them."""

from dataclasses import replace
from operator import attrgetter
from typing import Any
from uuid import UUID

from ..errors import ConflictError
from ..paging import Position, Sort
from .model import << cookiecutter.__resource_class >>
from .repository import << cookiecutter.__resource_class >>Repository


class InMemory<< cookiecutter.__resource_class >>Repository(<< cookiecutter.__resource_class >>Repository):
    """A dictionary by id."""

    def __init__(self) -> None:
        self._stored: dict[UUID, << cookiecutter.__resource_class >>] = {}

    def get(self, identifier: UUID) -> << cookiecutter.__resource_class >> | None:
        return self._stored.get(identifier)

    def find(
        self,
        *,
        category: str | None,
        sort: Sort,
        after: Position | None,
        limit: int,
    ) -> list[<< cookiecutter.__resource_class >>]:
        key = attrgetter(sort.field, "id")
        # A copy: other threads may add while this one reads.
        stored = list(self._stored.values())
        found = [one for one in stored if category in (None, one.category)]
        found.sort(key=key, reverse=sort.descending)
        if after is not None:
            place = (after.value, after.id)
            if sort.descending:
                found = [one for one in found if key(one) < place]
            else:
                found = [one for one in found if key(one) > place]
        return found[:limit]

    def add(self, new: << cookiecutter.__resource_class >>) -> None:
        self._refuse_taken_name(new)
        self._stored[new.id] = new

    def update(self, identifier: UUID, **changes: Any) -> << cookiecutter.__resource_class >> | None:
        if identifier not in self._stored:
            return None
        changed = replace(self._stored[identifier], **changes)
        self._refuse_taken_name(changed)
        self._stored[identifier] = changed
        return changed

    def remove(self, identifier: UUID) -> bool:
        return self._stored.pop(identifier, None) is not None

    def _refuse_taken_name(self, one: << cookiecutter.__resource_class >>) -> None:
        for other in self._stored.values():
            if other.name == one.name and other.id != one.id:
                raise ConflictError(f"The name {one.name!r} is taken.")
