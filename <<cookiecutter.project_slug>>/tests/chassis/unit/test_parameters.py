"""The values of a statement that fails: for a developer to see, and for nobody else."""

import pytest
from flask import Flask
from injector import Injector
from pydantic import SecretStr
from sqlalchemy import MetaData, text
from sqlalchemy.exc import StatementError

from chassis import database
from chassis.settings.database import DatabaseSettings


@pytest.mark.parametrize("shown", [True, False])
def test_the_error_of_a_statement_tells_its_values_if_they_may_be_shown(shown: bool) -> None:
    app = Flask(__name__)
    settings = DatabaseSettings(url=SecretStr("sqlite://"))
    database.init_app(app, settings, Injector(), MetaData(), lock_timeout=1, show_parameters=shown)
    statement = text("INSERT INTO missing VALUES (:day)").bindparams(day="2026-02-30")
    with app.app_context(), pytest.raises(StatementError) as raised:
        app.extensions["sqlalchemy"].session.execute(statement)
    assert ("2026-02-30" in str(raised.value)) is shown
    database.close(app)
