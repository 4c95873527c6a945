"""What the service tells PostgreSQL when it connects."""

import re

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from chassis.database import postgresql
from chassis.settings import ConfigurationError
from chassis.settings.postgresql import PostgresqlSettings, check_url


@pytest.mark.parametrize(
    ("query", "seconds", "first", "last"),
    [
        ("", 10, "-c datestyle=ISO ", " -c statement_timeout=10000"),
        ("?options=-c a.b%3D1", 1.5, "-c a.b=1 -c datestyle=ISO ", " -c statement_timeout=1500"),
        ("", 0, "-c datestyle=ISO ", r" -c default_transaction_isolation=read\ committed"),
    ],
)
def test_what_the_service_relies_on_joins_the_options_of_the_url(
    query: str, seconds: float, first: str, last: str
) -> None:
    url = f"postgresql+psycopg://host/name{query}"
    settings = PostgresqlSettings(url=SecretStr(url), statement_timeout=seconds)
    arguments = postgresql.engine_options(make_url(url), settings)["connect_args"]
    assert arguments["options"].startswith(first)
    assert arguments["options"].endswith(last)
    assert "-c timezone=UTC" in arguments["options"]


def test_what_the_url_says_of_the_connection_is_kept() -> None:
    url = "postgresql+psycopg://host/name?keepalives_idle=60"
    settings = PostgresqlSettings(url=SecretStr(url), prepared_statements=False)
    arguments = postgresql.engine_options(make_url(url), settings)["connect_args"]
    assert "keepalives_idle" not in arguments
    assert arguments["keepalives_interval"] == 5
    assert arguments["prepare_threshold"] is None
    prepared = PostgresqlSettings(url=SecretStr(url))
    assert "prepare_threshold" not in postgresql.engine_options(make_url(url), prepared)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "prepare_threshold=0",
            "the parameter prepare_threshold is not possible: set database.prepared_statements",
        ),
        (
            "connect_timeout=5",
            "the parameter connect_timeout is not possible: set database.connect_timeout",
        ),
        ("autocommit=1", "PostgreSQL has no parameter autocommit"),
        ("sslmode=require&host=first:1&host=second:2", None),
    ],
)
def test_parameters_that_would_fail_at_each_connection_are_refused(
    query: str, message: str | None
) -> None:
    settings = PostgresqlSettings(url=SecretStr(f"postgresql+psycopg://app@/name?{query}"))
    if message is None:
        check_url("production", settings)
        return
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        check_url("production", settings)
