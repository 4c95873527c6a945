"""Resources in a dictionary: a restart of the process forgets them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from operator import attrgetter
from threading import RLock
from types import TracebackType
from typing import Any
from uuid import UUID

from .paging import Position, Sort
from .repository import Model, Repository
from .unit_of_work import PART_HAS_FAILED, UnitOfWork

__all__ = ["MemoryRepository", "MemoryUnitOfWork"]


class MemoryUnitOfWork(UnitOfWork):
    """Lets one unit of work happen at a time, and takes its changes back after an error."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._depth = 0
        self._failed = False
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._depth -= 1
            if error is not None:
                self._failed = True
                while self._undo:
                    self._undo.pop()()
            if not self._depth:
                self._end(error)
        finally:
            self._lock.release()

    def _end(self, error: BaseException | None) -> None:
        failed, self._failed = self._failed, False
        while self._undo:
            undo = self._undo.pop()
            if failed:
                undo()
        if failed and error is None:
            raise RuntimeError(PART_HAS_FAILED)

    def note(self, undo: Callable[[], object]) -> None:
        """Notes how a change inside of the unit of work is taken back."""
        self._undo.append(undo)


class MemoryRepository(Repository[Model]):
    """A dictionary by id."""

    def __init__(
        self, model: type[Model], unit_of_work: MemoryUnitOfWork, unique: Iterable[str] = ()
    ) -> None:
        """Begins with nothing.

        Args:
            model: the class of what is stored.
            unit_of_work: takes changes back.
            unique: the fields whose values only one resource may have.
        """
        super().__init__(model)
        self._unit_of_work = unit_of_work
        self._unique = tuple(unique)
        self._stored: dict[UUID, Model] = {}

    def get(self, identifier: UUID) -> Model:
        try:
            return self._stored[identifier]
        except KeyError:
            raise self._not_found(identifier) from None

    def add(self, item: Model) -> Model:
        with self._unit_of_work:
            self._refuse_taken(item)
            self._stored[item.id] = item
            self._unit_of_work.note(lambda: self._stored.pop(item.id))
        return item

    def update(self, identifier: UUID, changes: Mapping[str, Any]) -> Model:
        with self._unit_of_work:
            old = self.get(identifier)
            stamp = {"updated_at": datetime.now(UTC), "version": old.version + 1}
            changed = replace(old, **{**changes, **stamp})
            self._refuse_taken(changed)
            self._stored[identifier] = changed
            self._unit_of_work.note(lambda: self._stored.update({identifier: old}))
        return changed

    def delete(self, identifier: UUID) -> None:
        with self._unit_of_work:
            old = self.get(identifier)
            del self._stored[identifier]
            self._unit_of_work.note(lambda: self._stored.update({identifier: old}))

    def _find(
        self, where: Mapping[str, Any], sort: Sort, after: Position | None, limit: int
    ) -> list[Model]:
        key = attrgetter(sort.field, "id")
        # A copy: other threads may add while this one reads.
        found = [
            item
            for item in list(self._stored.values())
            if all(getattr(item, name) == value for name, value in where.items())
        ]
        found.sort(key=key, reverse=sort.descending)
        if after is not None:
            place = (after.value, after.id)
            if sort.descending:
                found = [item for item in found if key(item) < place]
            else:
                found = [item for item in found if key(item) > place]
        return found[:limit]

    def _refuse_taken(self, item: Model) -> None:
        for name in self._unique:
            value = getattr(item, name)
            for other in self._stored.values():
                if value is not None and getattr(other, name) == value and other.id != item.id:
                    raise self._taken({name: value})
