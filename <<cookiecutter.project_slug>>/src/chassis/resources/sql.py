"""Resources in tables: the columns that every table has, types that are exact, and the repository."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, cast
from uuid import UUID

from injector import inject
from sqlalchemy import (
    JSON,
    CursorResult,
    DateTime,
    Dialect,
    Numeric,
    Row,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from .errors import ConflictError, NotFoundError
from .paging import Position, Sort
from .repository import Model, Repository
from .unit_of_work import PART_HAS_FAILED, UnitOfWork

__all__ = [
    "NAMING_CONVENTION",
    "TYPES",
    "ExactNumeric",
    "LargeInteger",
    "ResourceColumns",
    "SqlRepository",
    "SqlUnitOfWork",
    "UtcDateTime",
]

NAMING_CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}
"""Constraints that have names can be changed by migrations on every database."""


class UtcDateTime(TypeDecorator[datetime]):
    """A timestamp that is in UTC on every database; SQLite would forget the time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class _TextualNumeric(Numeric[Decimal]):
    """SQLite keeps a number of up to 15 digits as it is written; SQLAlchemy would send a binary one."""

    def bind_processor(self, dialect: Dialect) -> Any:
        return _to_text

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        step = None if self.scale is None else Decimal(1).scaleb(-self.scale)

        def read(value: Any) -> Decimal | None:
            if value is None:
                return None
            number = Decimal(str(value))
            return number if step is None else number.quantize(step)

        return read


def _to_text(value: Decimal | None) -> str | None:
    if value is None:
        return None
    if len(value.normalize().as_tuple().digits) > _SQLITE_DIGITS:
        raise ValueError(f"SQLite keeps {_SQLITE_DIGITS} digits of a number, not those of {value}")
    return format(value, "f")


_SQLITE_DIGITS = 15
_SQLITE_TAKEN = "UNIQUE constraint failed: "


class ExactNumeric(TypeDecorator[Decimal]):
    """A decimal number that is exact on every database, with a precision and a scale as `Numeric` has."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            numeric = cast(Numeric[Decimal], self.impl)
            return _TextualNumeric(numeric.precision, numeric.scale)
        return super().load_dialect_impl(dialect)


class _SortableInteger(Numeric[Any]):
    """An integer as a text that sorts like the number; a letter before it keeps SQLite from reading a number."""

    def bind_processor(self, dialect: Dialect) -> Any:
        return _to_sortable

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return _from_sortable


_NINES_COMPLEMENT = str.maketrans("0123456789", "9876543210")


def _to_sortable(value: int | None) -> str | None:
    if value is None:
        return None
    digits = str(abs(value))
    text = f"{len(digits):04}{digits}"
    return f"p{text}" if value >= 0 else f"n{text.translate(_NINES_COMPLEMENT)}"


def _from_sortable(value: Any) -> int | None:
    if not isinstance(value, str):
        # The value that a migration has given to rows which were there.
        return None if value is None else int(value)
    digits = value[5:]
    return int(digits) if value[0] == "p" else -int(digits.translate(_NINES_COMPLEMENT))


class LargeInteger(TypeDecorator[int]):
    """An integer of any size, also beyond 64 bits."""

    impl = Numeric(scale=0)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return (
            _SortableInteger() if dialect.name == "sqlite" else super().load_dialect_impl(dialect)
        )

    def process_result_value(self, value: Any, dialect: Dialect) -> int | None:
        return None if value is None else int(value)


TYPES: dict[Any, Any] = {
    datetime: UtcDateTime,
    Decimal: ExactNumeric(),
    list[str]: JSON(none_as_null=True),
    list[dict[str, Any]]: JSON(none_as_null=True),
    dict[str, Any]: JSON(none_as_null=True),
}
"""The column types of annotations, for `type_annotation_map`; SQLAlchemy knows the others itself."""


class ResourceColumns:
    """The columns that every resource's table has."""

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(sort_order=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True, sort_order=1)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=1)


class SqlUnitOfWork(UnitOfWork):
    """Commits the session of the current request, or rolls it back."""

    @inject
    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        info = self._session.info
        info[_DEPTH] = info.get(_DEPTH, 0) + 1

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        info = self._session.info
        info[_DEPTH] -= 1
        if error is not None:
            self._session.rollback()
            info[_FAILED] = True
        if info[_DEPTH]:
            return
        if info.pop(_FAILED, False) and error is None:
            # What has been changed after the failure.
            self._session.rollback()
            raise RuntimeError(PART_HAS_FAILED)
        if error is None:
            self._session.commit()


_DEPTH, _FAILED = "units of work", "a unit of work has failed"


class SqlRepository(Repository[Model]):
    """Reads and writes the rows of a table in the session of the current request."""

    def __init__(self, model: type[Model], row: type[DeclarativeBase], session: Session) -> None:
        """Stores a model in a table that has a column for each field.

        Args:
            model: the class of what is stored.
            row: the declarative class of the table.
            session: that of the current request, whichever it is.

        Raises:
            TypeError: the table lacks a column.
        """
        super().__init__(model)
        self._model = model
        self._table = cast(Table, row.__table__)
        self._session = session
        self._names = tuple(field.name for field in fields(model))
        if missing := set(self._names) - set(self._table.columns.keys()):
            raise TypeError(f"{row.__name__} has no column for {', '.join(sorted(missing))}")
        self._columns = [self._table.c[name] for name in self._names]
        # Made once: what a request adds is little beside it.
        self._all = select(*self._columns)

    def get(self, identifier: UUID) -> Model:
        statement = self._all.where(self._table.c.id == identifier)
        row = self._session.execute(statement).one_or_none()
        if row is None:
            raise self._not_found(identifier)
        return self._make(row)

    def add(self, item: Model) -> Model:
        values = {name: getattr(item, name) for name in self._names}
        with self._conflicts(values):
            self._session.execute(insert(self._table), values)
        return item

    def update(self, identifier: UUID, changes: Mapping[str, Any]) -> Model:
        # Only what changes is written, so that concurrent changes of other fields stay.
        stamp = {"updated_at": datetime.now(UTC), "version": self._table.c.version + 1}
        statement = (
            update(self._table)
            .where(self._table.c.id == identifier)
            .values({**changes, **stamp})
            .returning(*self._columns)
        )
        with self._conflicts(changes):
            row = self._session.execute(statement).one_or_none()
        if row is None:
            raise self._not_found(identifier)
        return self._make(row)

    def delete(self, identifier: UUID) -> None:
        statement = delete(self._table).where(self._table.c.id == identifier)
        with self._conflicts({}):
            result = cast(CursorResult[Any], self._session.execute(statement))
        if not result.rowcount:
            raise self._not_found(identifier)

    def _find(
        self, where: Mapping[str, Any], sort: Sort, after: Position | None, limit: int
    ) -> list[Model]:
        keys = (self._table.c[sort.field], self._table.c.id)
        statement = self._all.limit(limit)
        for name, value in where.items():
            statement = statement.where(self._table.c[name] == value)
        if after is not None:
            here, place = tuple_(*keys), (after.value, after.id)
            statement = statement.where(here < place if sort.descending else here > place)
        if sort.descending:
            statement = statement.order_by(*(key.desc() for key in keys))
        else:
            statement = statement.order_by(*keys)
        try:
            return [self._make(row) for row in self._session.execute(statement)]
        except (DataError, OverflowError) as error:
            if after is None:
                raise
            # The client has made up a cursor with a value that the column cannot have.
            raise NotFoundError("The cursor is not one that this list has returned.") from error

    def _make(self, row: Row[Any]) -> Model:
        return self._model(**dict(zip(self._names, row, strict=True)))

    @contextmanager
    def _conflicts(self, values: Mapping[str, Any]) -> Iterator[None]:
        """Turns the database's refusals into errors of the domain.

        Raises:
            ConflictError: a unique value is taken, or a reference leads nowhere.
        """
        try:
            yield
        except IntegrityError as error:
            text = str(error.orig)
            for name, columns in _unique_columns(self._table):
                listed = ", ".join(f"{self._table.name}.{column}" for column in columns)
                # A server names the constraint, SQLite its columns.
                if f'unique constraint "{name}"' in text or text == f"{_SQLITE_TAKEN}{listed}":
                    taken = {column: values.get(column) for column in columns}
                    raise self._taken(taken) from error
            if "foreign key" in text.lower():
                raise ConflictError(
                    "A reference leads to nothing, or something still refers to what is deleted."
                ) from error
            raise


def _unique_columns(table: Table) -> Iterator[tuple[str, list[str]]]:
    """Yields the name of each constraint by which values are unique, and its columns."""
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [column.name for column in index.columns]
