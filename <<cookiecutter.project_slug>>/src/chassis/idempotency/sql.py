"""Idempotency keys in a table beside those of the service: a row of the service and the answer that tells of it are one transaction.

A key is taken in a transaction of its own, before that. If the worker dies in between, its lease ends; if it is only slow, the
token of the lease keeps it from storing what another request may have done meanwhile.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from flask import Flask
from injector import Injector
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    CursorResult,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    bindparam,
    delete,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session, scoped_session

from ..contract import Answer, Entry, Lease
from ..database import RoomTables, add_tables
from ..resources.sql import NAMING_CONVENTION, SqlUnitOfWork, UtcDateTime
from ..settings import ApiSettings

__all__ = ["METADATA", "SqlKeys", "init_app"]

log = logging.getLogger(__name__)

METADATA = MetaData(naming_convention=NAMING_CONVENTION)
KEYS = Table(
    "idempotency_keys",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("token", String(32), nullable=False),
    Column("leased_until", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("status", SmallInteger),
    Column("headers", JSON(none_as_null=True)),
    Column("body", LargeBinary),
)
TABLES = RoomTables("idempotency", METADATA, Path(__file__).with_name("migrations"))

OLD_KEYS = 10
"""The number of old keys that each stored answer removes at most."""
ATTEMPTS = 3

# One statement, so that of requests at the same time one gets the key. SQLAlchemy has it for each dialect separately.
_TAKE = text("""
    INSERT INTO idempotency_keys (id, fingerprint, token, leased_until, expires_at)
    VALUES (:id, :fingerprint, :token, :leased_until, :expires_at)
    ON CONFLICT (id) DO UPDATE SET
        fingerprint = excluded.fingerprint, token = excluded.token,
        leased_until = excluded.leased_until, expires_at = excluded.expires_at,
        status = NULL, headers = NULL, body = NULL
    WHERE idempotency_keys.expires_at <= :now OR (
        idempotency_keys.status IS NULL AND idempotency_keys.leased_until <= :now
        AND idempotency_keys.fingerprint = excluded.fingerprint
    )
    RETURNING token
""").bindparams(
    *(bindparam(name, type_=UtcDateTime) for name in ("leased_until", "expires_at", "now"))
)


class SqlKeys:
    """The keys of a service whose resources are in tables."""

    def __init__(self, session: Session, ttl: float, lease: float) -> None:
        """Uses the session of the current request.

        Args:
            session: that of the current request, whichever it is.
            ttl: seconds for which an answer is kept.
            lease: seconds that a request gets.
        """
        self._session = session
        self._ttl = timedelta(seconds=ttl)
        self._lease = timedelta(seconds=lease)

    def unit_of_work(self) -> SqlUnitOfWork:
        """Returns the transaction of the current request."""
        return SqlUnitOfWork(self._session)

    def take(self, key: str, fingerprint: str) -> Lease | Entry:
        """Takes a key, visibly for others at once, or returns what is known of it."""
        lease = Lease(key, uuid4().hex)
        try:
            with self._alone() as connection:
                for _ in range(ATTEMPTS):
                    if self._is_taken(connection, lease, fingerprint):
                        return lease
                    # It may have been released since.
                    if entry := _found(connection, key):
                        return entry
        except OperationalError:
            # A lost connection leaves open whether the key is taken.
            self.release(lease)
            raise
        return Entry(fingerprint, None)

    def _is_taken(self, connection: Connection | Session, lease: Lease, fingerprint: str) -> bool:
        now = datetime.now(UTC)
        row = {
            "id": lease.key,
            "fingerprint": fingerprint,
            "token": lease.token,
            "leased_until": now + self._lease,
            "expires_at": now + self._ttl,
            "now": now,
        }
        return connection.execute(_TAKE, row).scalar_one_or_none() is not None

    def keep(self, lease: Lease, answer: Answer) -> bool:
        """Stores an answer in the transaction of the request; returns whether the lease was still valid."""
        now = datetime.now(UTC)
        values = {**answer._asdict(), "expires_at": now + self._ttl}
        statement = update(KEYS).where(KEYS.c.id == lease.key, KEYS.c.token == lease.token)
        result = cast(CursorResult[Any], self._session.execute(statement.values(values)))
        if not result.rowcount:
            return False
        # Whoever else removes old keys does not wait, and removes others.
        old = select(KEYS.c.id).where(KEYS.c.expires_at <= now).order_by(KEYS.c.expires_at)
        old = old.limit(OLD_KEYS).with_for_update(skip_locked=True)
        self._session.execute(delete(KEYS).where(KEYS.c.id.in_(old)))
        return True

    def release(self, lease: Lease) -> None:
        """Gives a key back whose request has no answer to be kept; if that fails, the lease ends by itself."""
        # A lost connection leaves open whether the answer is being stored: then the row is locked, or has it.
        own = select(KEYS.c.id).where(KEYS.c.id == lease.key, KEYS.c.token == lease.token)
        own = own.where(KEYS.c.status.is_(None)).with_for_update(skip_locked=True)
        try:
            # After an error at its end, a transaction is still there.
            self._session.rollback()
            with self._alone() as connection:
                connection.execute(delete(KEYS).where(KEYS.c.id.in_(own)))
        except SQLAlchemyError as error:
            log.warning("idempotency: a key is in use until its lease ends: %s", error)

    @contextmanager
    def _alone(self) -> Iterator[Connection | Session]:
        """Yields what executes statements of which each is a transaction of its own."""
        proxied: Session | scoped_session[Session] = self._session
        session = proxied() if isinstance(proxied, scoped_session) else proxied
        engine = session.get_bind().engine
        # A second connection could wait for the first: SQLite's for its lock, others in the queue of the pool.
        if engine.dialect.name == "sqlite" or session.in_transaction():
            with self.unit_of_work():
                yield session
        else:
            with engine.connect() as connection:
                yield connection.execution_options(isolation_level="AUTOCOMMIT")


def _found(connection: Connection | Session, key: str) -> Entry | None:
    row = connection.execute(select(KEYS).where(KEYS.c.id == key)).one_or_none()
    if row is None:
        return None
    if row.status is None:
        return Entry(row.fingerprint, None)
    headers = [(name, value) for name, value in row.headers]
    return Entry(row.fingerprint, Answer(row.status, headers, row.body))


def init_app(app: Flask, injector: Injector, settings: ApiSettings) -> SqlKeys:
    """Adds the table of the keys to an application with a database.

    Args:
        app: the application.
        injector: has the binding of `Session`.
        settings: how long keys are kept and leased.
    """
    add_tables(app, TABLES)
    return SqlKeys(
        injector.get(Session),
        ttl=settings.idempotency_ttl,
        lease=settings.idempotency_lease,
    )
