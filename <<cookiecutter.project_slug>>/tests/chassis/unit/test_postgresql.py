"""What the service tells PostgreSQL when it connects."""

import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from chassis.database import postgresql
from chassis.settings.postgresql import PostgresqlSettings


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
