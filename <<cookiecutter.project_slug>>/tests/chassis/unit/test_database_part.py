"""gunicorn's part in the database: a worker closes its connections if it has any."""

from types import SimpleNamespace

import pytest
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
    part.worker_exit(SimpleNamespace(booted=booted, wsgi="application"))
    assert closed == expected
