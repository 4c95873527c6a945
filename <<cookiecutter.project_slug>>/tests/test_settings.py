"""The settings: what must not be is refused before the service starts."""

import pytest

from chassis.settings import ConfigurationError

from << cookiecutter.package_name >> import configuration


@pytest.fixture(autouse=True)
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENVIRONMENT", "production")
<% if cookiecutter.database == 'postgresql' %>
    monkeypatch.setenv("APP_DATABASE__URL", "postgresql+psycopg://database/app")
<% elif cookiecutter.database == 'sqlite' %>
    monkeypatch.setenv("APP_DATABASE__URL", "sqlite:////var/lib/app.db")
<% endif %>


def test_the_defaults_are_for_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APP_ENVIRONMENT")
    assert configuration.load().environment == "production"


@pytest.mark.parametrize(
    ("variable", "value", "key"),
    [
        ("APP_LOG__LEVEL", "LOUD", "log.level"),
<% if cookiecutter.__has_database %>
        ("APP_DATABASE__URL", "sqlite://", "database.url"),
        ("APP_DATABASE__URL", "oracle://host/name", "database.url"),
<% endif %>
<% if cookiecutter.metrics %>
        ("APP_METRICS__BIND", "0.0.0.0:8080", "metrics.bind"),
<% endif %>
<% if cookiecutter.tracing == 'opentelemetry' %>
        ("OTEL_PROPAGATORS", "unknown", "OTEL_PROPAGATORS"),
<% endif %>
    ],
)
def test_a_value_that_must_not_be_is_named_in_one_line(
    variable: str, value: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configuration.load()
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as caught:
        configuration.load()
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"configuration: {key}: ")
    assert line.endswith(f"(environment variable {variable})")
