"""Keeps << cookiecutter.__resource_plural_label >> in a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from injector import inject
from sqlalchemy import CursorResult, Row, String, delete, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..errors import ConflictError
from ..paging import Position, Sort
from ..sql import Base, UtcDateTime
from .model import << cookiecutter.__resource_class >>
from .repository import << cookiecutter.__resource_class >>Repository


class << cookiecutter.__resource_class >>Row(Base):
    """The table: one column for each field of the model."""

    __tablename__ = "<< cookiecutter.resource_plural >>"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    category: Mapped[str] = mapped_column(String(40), index=True)
    description: Mapped[str | None] = mapped_column(String(500))
    priority: Mapped[int] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


_TABLE = Base.metadata.tables[<< cookiecutter.__resource_class >>Row.__tablename__]
_NAMES = tuple(_TABLE.columns.keys())
_ALL = select(_TABLE)
_UNIQUE_NAME = ("uq_<< cookiecutter.resource_plural >>_name", "<< cookiecutter.resource_plural >>.name")


class Sql<< cookiecutter.__resource_class >>Repository(<< cookiecutter.__resource_class >>Repository):
    """Reads and writes rows in the session of the current request."""

    @inject
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, identifier: UUID) -> << cookiecutter.__resource_class >> | None:
        statement = _ALL.where(_TABLE.c.id == identifier)
        row = self._session.execute(statement).one_or_none()
        return _model(row) if row else None

    def find(
        self,
        *,
        category: str | None,
        sort: Sort,
        after: Position | None,
        limit: int,
    ) -> list[<< cookiecutter.__resource_class >>]:
        columns = (_TABLE.c[sort.field], _TABLE.c.id)
        statement = _ALL.limit(limit)
        if category is not None:
            statement = statement.where(_TABLE.c.category == category)
        if after is not None:
            here, place = tuple_(*columns), (after.value, after.id)
            statement = statement.where(here < place if sort.descending else here > place)
        if sort.descending:
            statement = statement.order_by(*(column.desc() for column in columns))
        else:
            statement = statement.order_by(*columns)
        return [_model(row) for row in self._session.execute(statement)]

    def add(self, new: << cookiecutter.__resource_class >>) -> None:
        with _name_conflicts(new.name):
            self._session.execute(insert(_TABLE), {name: getattr(new, name) for name in _NAMES})

    def update(self, identifier: UUID, **changes: Any) -> << cookiecutter.__resource_class >> | None:
        # Only what changes is written, so concurrent changes of other fields stay.
        statement = update(_TABLE).where(_TABLE.c.id == identifier).values(changes)
        with _name_conflicts(changes.get("name")):
            self._session.execute(statement)
        return self.get(identifier)

    def remove(self, identifier: UUID) -> bool:
        statement = delete(_TABLE).where(_TABLE.c.id == identifier)
        result = cast(CursorResult[Any], self._session.execute(statement))
        return result.rowcount == 1


def _model(row: Row[Any]) -> << cookiecutter.__resource_class >>:
    return << cookiecutter.__resource_class >>(**dict(zip(_NAMES, row, strict=True)))


@contextmanager
def _name_conflicts(name: str | None) -> Iterator[None]:
    """Turns the database's refusal of a second row of this name into the domain's error."""
    try:
        yield
    except IntegrityError as error:
        if any(constraint in str(error.orig) for constraint in _UNIQUE_NAME):
            raise ConflictError(f"The name {name!r} is taken.") from error
        raise
