"""The values of a statement that fails are told in development, and nowhere else."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from << cookiecutter.package_name >> import app as service
from << cookiecutter.package_name >>.settings import Settings

# Any will do: the service's own starts in production only when its security schemes are written.
CONTRACT = """\
openapi: 3.0.3
info: {title: Nothing, version: "1"}
servers: [{url: /v1}]
paths: {}
"""


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_environment_decides_who_sees_the_values_of_a_statement(
    settings: Settings,
    make_app: Callable[..., Flask],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    environment: Literal["development", "production"],
) -> None:
    (tmp_path / "openapi.yaml").write_text(CONTRACT, encoding="utf-8")
    monkeypatch.setattr(service, "CONTRACT", tmp_path / "openapi.yaml")
    app = make_app(settings.model_copy(update={"environment": environment}))
    statement = text("INSERT INTO missing VALUES (:day)").bindparams(day="2026-02-30")
    with app.app_context():
        try:
            app.extensions["sqlalchemy"].session.execute(statement)
        except StatementError:
            app.logger.exception("failed")
    assert "missing" in caplog.text
    assert ("'2026-02-30'" in caplog.text) is (environment == "development")
