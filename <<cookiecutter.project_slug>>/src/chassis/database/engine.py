"""Flask-SQLAlchemy: the engine, and a session for each request."""

import json
import sqlite3
from decimal import Decimal
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol, cast

from flask import Flask, Response, current_app
from flask_sqlalchemy import SQLAlchemy
from injector import Injector, InstanceProvider
from sqlalchemy import URL, Engine, MetaData, NullPool, create_engine, event, make_url, text
from sqlalchemy import exc as sql_errors
from sqlalchemy.orm import Session, scoped_session

from ..contract import dump, problem
from ..settings.database import DatabaseSettings
from .fair_pool import FairQueuePool

RETRY_AFTER_SECONDS = 2
CHECKS = "database-checks"
"""The extension that has the engine of the readiness check."""


class Server(Protocol):
    """The module of a database server in this room."""

    def engine_options(self, url: URL, settings: Any) -> dict[str, Any]:
        """Returns the options of the engine."""

    def prepare(self, engine: Engine, settings: Any) -> None:
        """Prepares an engine for the requests."""

    def is_too_slow(self, cause: object) -> bool:
        """Whether the server has cancelled a statement that took too long."""


def init_app(
    app: Flask,
    settings: DatabaseSettings,
    injector: Injector,
    metadata: MetaData,
    *,
    lock_timeout: int,
    show_parameters: bool = False,
    server: Server | None = None,
) -> None:
    """Connects the application to its database.

    Args:
        app: the application.
        settings: the URL of the database, and the limits of its connections.
        injector: gets the binding of `Session`: the session of the current request.
        metadata: the tables, for the migrations.
        lock_timeout: seconds to wait on SQLite while another connection writes.
        show_parameters: whether the error of a statement shows its values, which may be personal data.
        server: the module of the database server; None for SQLite.
    """
    url = make_url(settings.url.get_secret_value())
    if url.get_backend_name() == "sqlite" and not _is_in_memory(url):
        # Flask-SQLAlchemy would resolve a relative path below Flask's instance folder.
        url = url.set(database=str(Path(str(url.database)).absolute()))
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    options = _engine_options(url, settings, lock_timeout, server)
    options["hide_parameters"] = not show_parameters
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    # With separate connections: a check does not wait behind the requests.
    app.extensions[CHECKS] = create_engine(
        url, poolclass=NullPool, connect_args=options["connect_args"]
    )
    database = SQLAlchemy(app, metadata=metadata)
    # A proxy: each call uses the session of the current request.
    session = cast(Session, database.session)
    # Called before Flask-SQLAlchemy's function, which finds nothing to do then.
    app.teardown_appcontext(lambda error: _end(database.session))
    injector.binder.bind(Session, to=InstanceProvider(session))

    def unavailable(error: sql_errors.SQLAlchemyError) -> Response:
        return _unavailable(error, server)

    for error_type in (
        sql_errors.OperationalError,
        sql_errors.InterfaceError,
        sql_errors.TimeoutError,
    ):
        app.register_error_handler(error_type, unavailable)
    if url.get_backend_name() == "sqlite":
        with app.app_context():
            event.listen(database.engine, "connect", _configure_sqlite)
    elif server:
        with app.app_context():
            server.prepare(database.engine, settings)


def check() -> None:
    """The readiness check.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database does not answer.
    """
    with current_app.extensions[CHECKS].connect() as connection:
        connection.execute(text("SELECT 1"))


def close(app: Flask) -> None:
    """Closes the connections that no request holds."""
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def _end(session: scoped_session[Any]) -> None:
    """Ends the session of a request that is answered already, so that a lost connection does no harm."""
    try:
        session.remove()
    except sql_errors.DBAPIError as error:
        current_app.logger.warning("database: %s", error.orig)
        session.registry.clear()


def _engine_options(
    url: URL, settings: DatabaseSettings, lock_timeout: int, server: Server | None
) -> dict[str, Any]:
    # What columns of JSON have is exact, too, and may have dates in it.
    options: dict[str, Any] = {
        "json_serializer": lambda value: dump(value).decode(),
        "json_deserializer": partial(json.loads, parse_float=Decimal),
    }
    # Flask-SQLAlchemy chooses another pool for a database in memory: one connection.
    if not _is_in_memory(url):
        options["poolclass"] = FairQueuePool
        options["pool_size"] = settings.pool_size
        options["max_overflow"] = settings.max_overflow
        options["pool_timeout"] = settings.pool_timeout
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": lock_timeout}
    elif server:
        options |= server.engine_options(url, settings)
    return options


def _is_in_memory(url: URL) -> bool:
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def _configure_sqlite(connection: Any, record: object) -> None:
    """Makes SQLite enforce foreign keys, and let readers and a writer work concurrently."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _unavailable(error: sql_errors.SQLAlchemyError, server: Server | None) -> Response:
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
        raise error  # a fault of the statement, such as a table that does not exist
    current_app.logger.error("database: %s", cause or error)
    response = problem(HTTPStatus.SERVICE_UNAVAILABLE, _reason(error, server))
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _reason(error: sql_errors.SQLAlchemyError, server: Server | None) -> str:
    if isinstance(error, sql_errors.TimeoutError):
        return "The service has too much to do at the moment."
    if server and server.is_too_slow(getattr(error, "orig", None)):
        return "The database took too long to answer."
    return "The database is not available at the moment."
