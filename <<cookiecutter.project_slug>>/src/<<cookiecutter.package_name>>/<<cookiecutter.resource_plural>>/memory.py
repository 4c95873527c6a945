"""Keeps << cookiecutter.__resource_plural_label >> in the memory of this process: a restart forgets them."""

from operator import attrgetter
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
        found = [one for one in self._stored.values() if category in (None, one.category)]
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

    def update(self, changed: << cookiecutter.__resource_class >>) -> None:
        self._refuse_taken_name(changed)
        self._stored[changed.id] = changed

    def remove(self, identifier: UUID) -> None:
        del self._stored[identifier]

    def _refuse_taken_name(self, one: << cookiecutter.__resource_class >>) -> None:
        for other in self._stored.values():
            if other.name == one.name and other.id != one.id:
                raise ConflictError(f"The name {one.name!r} is taken.")
