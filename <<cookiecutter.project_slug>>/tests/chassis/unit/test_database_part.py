"""gunicorn's part in the database: a worker closes its connections if it has any."""

from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.workers.base import Worker
from pydantic import SecretStr

from chassis import database
from chassis.server.database import DatabasePart
from chassis.settings.database import DatabaseSettings


@pytest.mark.parametrize(("booted", "expected"), [(True, ["application"]), (False, [])])
def test_a_worker_that_has_an_application_closes_its_connections(
    booted: bool, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[object] = []
    monkeypatch.setattr(database, "close", closed.append)
    part = DatabasePart(DatabaseSettings(url=SecretStr("sqlite://")))
    application = SimpleNamespace(wsgi=lambda: "application")
    log: Any = None
    worker = Worker(1, 0, [], application, 30, Config(), log)
    worker.load_wsgi()
    assert worker.booted is False
    worker.booted = booted
    part.worker_exit(worker)
    worker.tmp.close()
    assert closed == expected
