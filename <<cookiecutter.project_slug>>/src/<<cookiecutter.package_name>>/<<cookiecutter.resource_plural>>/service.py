"""What can be done with << cookiecutter.__resource_plural_label >>, whoever asks and wherever they are stored."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from injector import inject

from ..errors import NotFoundError
from ..paging import Page, Position, decode_cursor, encode_cursor
from ..unit_of_work import UnitOfWork
from .model import DEFAULTS, SORTS, << cookiecutter.__resource_class >>
from .repository import << cookiecutter.__resource_class >>Repository


class << cookiecutter.__resource_class >>Service:
    """The operations on << cookiecutter.__resource_plural_label >>."""

    @inject
    def __init__(
        self,
        repository: << cookiecutter.__resource_class >>Repository,
        unit_of_work: UnitOfWork,
    ) -> None:
        self._repository = repository
        self._unit_of_work = unit_of_work

    def page(
        self,
        *,
        sort: str,
        limit: int,
        category: str | None = None,
        cursor: str | None = None,
    ) -> Page[<< cookiecutter.__resource_class >>]:
        """Returns at most `limit` << cookiecutter.__resource_plural_label >>, sorted by a key of `SORTS`.

        Raises:
            NotFoundError: the cursor is not from this list.
        """
        order = SORTS[sort]
        after = decode_cursor(order, cursor) if cursor is not None else None
        # One more than asked for tells whether there is a next page.
        found = self._repository.find(category=category, sort=order, after=after, limit=limit + 1)
        if len(found) <= limit:
            return Page(found, None)
        last = found[limit - 1]
        position = Position(getattr(last, order.field), last.id)
        return Page(found[:limit], encode_cursor(order, position))

    def get(self, identifier: UUID) -> << cookiecutter.__resource_class >>:
        """Returns one.

        Raises:
            NotFoundError: there is none with this id.
        """
        found = self._repository.get(identifier)
        if found is None:
            raise _not_found(identifier)
        return found

    def create(self, **fields: Any) -> << cookiecutter.__resource_class >>:
        """Stores a new one with a new id.

        Raises:
            ConflictError: another one has its name.
        """
        now = datetime.now(UTC)
        new = << cookiecutter.__resource_class >>(id=uuid4(), created_at=now, updated_at=now, **fields)
        with self._unit_of_work:
            self._repository.add(new)
        return new

    def replace(self, identifier: UUID, **fields: Any) -> << cookiecutter.__resource_class >>:
        """Gives one new values; fields left out get their defaults.

        Raises:
            NotFoundError: there is none with this id.
            ConflictError: another one has its new name.
        """
        return self._update(identifier, {**DEFAULTS, **fields})

    def change(self, identifier: UUID, **fields: Any) -> << cookiecutter.__resource_class >>:
        """Gives one new values; fields left out stay as they are.

        Raises:
            NotFoundError: there is none with this id.
            ConflictError: another one has its new name.
        """
        return self._update(identifier, fields)

    def delete(self, identifier: UUID) -> None:
        """Forgets one.

        Raises:
            NotFoundError: there is none with this id.
        """
        with self._unit_of_work:
            if not self._repository.remove(identifier):
                raise _not_found(identifier)

    def _update(self, identifier: UUID, changes: dict[str, Any]) -> << cookiecutter.__resource_class >>:
        now = datetime.now(UTC)
        with self._unit_of_work:
            changed = self._repository.update(identifier, updated_at=now, **changes)
            if changed is None:
                raise _not_found(identifier)
        return changed


def _not_found(identifier: UUID) -> NotFoundError:
    return NotFoundError(f"There is no << cookiecutter.__resource_label >> with the id {identifier}.")
