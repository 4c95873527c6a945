"""What the service needs of a storage; bindings.py says which one it gets."""

from abc import ABC, abstractmethod
from typing import Any
from uuid import UUID

from ..paging import Position, Sort
from .model import << cookiecutter.__resource_class >>


class << cookiecutter.__resource_class >>Repository(ABC):
    """Stores << cookiecutter.__resource_plural_label >>, no two of which have the same name."""

    @abstractmethod
    def get(self, identifier: UUID) -> << cookiecutter.__resource_class >> | None:
        """Returns the one with this id, or None."""

    @abstractmethod
    def find(
        self,
        *,
        category: str | None,
        sort: Sort,
        after: Position | None,
        limit: int,
    ) -> list[<< cookiecutter.__resource_class >>]:
        """Returns at most `limit` that come after the position, of one category or of all."""

    @abstractmethod
    def add(self, new: << cookiecutter.__resource_class >>) -> None:
        """Stores a new one.

        Raises:
            ConflictError: another one has its name.
        """

    @abstractmethod
    def update(self, identifier: UUID, **changes: Any) -> << cookiecutter.__resource_class >> | None:
        """Stores these fields of the one with this id and returns it, or None if there is none.

        Raises:
            ConflictError: another one has its new name.
        """

    @abstractmethod
    def remove(self, identifier: UUID) -> bool:
        """Forgets the one with this id; tells whether there was one."""
