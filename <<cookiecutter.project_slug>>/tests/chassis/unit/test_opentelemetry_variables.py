"""OpenTelemetry's variables: each value is followed, or ends the start with a line that names it."""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from tests.chassis.domain import settings
from tests.chassis.fixtures.variables import (
    FREE,
    HEADERS,
    IMPOSSIBLE,
    OTLP,
    POSSIBLE,
    SAMPLER,
    SHARE,
)

from chassis.contract import problems
from chassis.settings import ConfigurationError
from chassis.tracing import opentelemetry
from chassis.tracing.opentelemetry.variables import CHECKS, OTLP_CHECKS

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER = TRACE[::-1]
CALLER = {"traceparent": f"00-{TRACE}-{SPAN}-01", "b3": f"{OTHER}-{SPAN}-1"}


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(variable, value) for variable, values in table.items() for value in values]


@pytest.fixture(autouse=True)
def alone(own_variables: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("OTEL_")]:
        own_variables.delenv(variable)
<% if cookiecutter.__has_database %>
    own_variables.setenv("APP_DATABASE__URL", "sqlite:///a.db")
<% endif %>
    own_variables.setenv("APP_ENVIRONMENT", "development")


@pytest.fixture
def ask(
    monkeypatch: pytest.MonkeyPatch, shared_collector: Any
) -> Iterator[Callable[..., dict[str, Any]]]:
    """Starts with a variable, as the service does, and returns what a request gets."""
    monkeypatch.setattr(trace, "set_tracer_provider", lambda provider: None)
    formats = propagate.get_global_textmap()
    endpoint = shared_collector.variables[f"{OTLP}_ENDPOINT"]

    def start(variable: str, value: str, path: str = "/unknown") -> dict[str, Any]:
        monkeypatch.setenv(f"{OTLP}_ENDPOINT", endpoint)
        monkeypatch.setenv(variable, value.replace("{collector}", endpoint))
        settings.load()
        provider = opentelemetry.start("things", "1.0", "production")
        app = Flask(__name__)
        opentelemetry.init_app(app, provider)
        problems.init_app(app, {})
        app.add_url_rule("/livez", "livez", lambda: problems.problem(200, None))
        answer = app.test_client().get(path, headers=CALLER)
        if provider:
            provider.shutdown()  # type: ignore[attr-defined]
        assert answer.status_code in (200, 404)
        found: dict[str, Any] = answer.get_json()
        return found

    yield start
    propagate.set_global_textmap(formats)
    RequestsInstrumentor().uninstrument()


@pytest.mark.parametrize(("variable", "value"), cases(POSSIBLE) + cases(FREE))
def test_what_is_possible_is_followed(
    ask: Callable[..., dict[str, Any]],
    shared_collector: Any,
    caplog: pytest.LogCaptureFixture,
    variable: str,
    value: str,
) -> None:
    before = len(shared_collector.all())
    assert ask(variable, value)["trace"] == TRACE
    (span,) = shared_collector.all()[before:]
    assert (span.trace, span.parent) == (TRACE, SPAN)
    assert not [record for record in caplog.records if record.levelname != "INFO"]


@pytest.mark.parametrize("path", ["/unknown", "/livez"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("none", ""),
        ("b3,none", ""),
        ("baggage", ""),
        ("b3", OTHER),
        ("b3multi", OTHER),
        ("b3,tracecontext", TRACE),
        ("tracecontext, b3", OTHER),
        ("", TRACE),
    ],
)
def test_a_trace_goes_on_by_the_formats_that_are_chosen(
    ask: Callable[..., dict[str, Any]], value: str, expected: str, path: str
) -> None:
    found = ask("OTEL_PROPAGATORS", value, path)["trace"]
    assert re.fullmatch("[0-9a-f]{32}", found)
    assert found == expected or (not expected and found not in (TRACE, OTHER))


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTEL_SDK_DISABLED", "true"),
        ("OTEL_SDK_DISABLED", " True"),
        ("OTEL_TRACES_EXPORTER", "none"),
        ("OTEL_TRACES_EXPORTER", "console"),
        (SAMPLER, "always_off"),
        ("OTEL_PYTHON_FLASK_EXCLUDED_URLS", "nothing,/unk"),
        ("OTEL_PYTHON_EXCLUDED_URLS", "/unk"),
    ],
)
def test_without_a_span_to_send_there_are_ids_too(
    ask: Callable[..., dict[str, Any]], shared_collector: Any, variable: str, value: str
) -> None:
    before = len(shared_collector.all())
    assert ask(variable, value)["trace"] == TRACE
    assert len(shared_collector.all()) == before


@pytest.mark.parametrize(
    ("sampler", "count"), [("traceidratio", 0), ("parentbased_traceidratio", 1)]
)
def test_a_share_is_kept(
    ask: Callable[..., dict[str, Any]],
    shared_collector: Any,
    monkeypatch: pytest.MonkeyPatch,
    sampler: str,
    count: int,
) -> None:
    monkeypatch.setenv(SHARE, "0")
    before = len(shared_collector.all())
    assert ask(SAMPLER, sampler)["trace"] == TRACE
    assert len(shared_collector.all()) == before + count


@pytest.mark.parametrize(("variable", "value"), cases(IMPOSSIBLE))
def test_what_is_not_possible_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError) as refused:
        settings.load()
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"configuration: {variable}: only ")
    shown = "not what it is" if variable.endswith("_HEADERS") else f"not {value!r}"
    assert f" is possible, {shown} (environment" in line


@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "x"])
def test_a_share_is_a_number_from_0_to_1(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(SAMPLER, "parentbased_traceidratio")
    monkeypatch.setenv(SHARE, value)
    with pytest.raises(ConfigurationError, match="only a number from 0 to 1"):
        settings.load()


@pytest.mark.parametrize(
    "variables",
    [
        {"OTEL_SDK_DISABLED": "true", "OTEL_PROPAGATORS": "unknown"},
        {"OTEL_TRACES_EXPORTER": "none", f"{OTLP}_PROTOCOL": "grpc"},
        {f"{OTLP}_TRACES_PROTOCOL": "http/protobuf", f"{OTLP}_PROTOCOL": "grpc"},
        {"OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "100"},
    ],
)
def test_what_nothing_reads_ends_no_start(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    settings.load()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in {*POSSIBLE, *IMPOSSIBLE, *FREE}:
        monkeypatch.setenv(variable, " ")
    settings.load()
    assert not [variable for variable in os.environ if variable.startswith("OTEL_")]


def test_no_secret_reaches_a_span(
    ask: Callable[..., dict[str, Any]], shared_collector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CALLER, "X-Api-Key", "hunter2")
    before = len(shared_collector.all())
    ask(f"{HEADERS}_SERVER_REQUEST", ".*")
    (span,) = shared_collector.all()[before:]
    assert "http.request.header.b3" in span.attributes
    assert "http.request.header.x_api_key" in span.attributes
    assert "hunter2" not in str(span.attributes)


def test_every_variable_that_is_checked_is_tried_here() -> None:
    both = {f"{OTLP}_{setting}" for setting in OTLP_CHECKS}
    assert {*CHECKS, *both} <= {*POSSIBLE, *IMPOSSIBLE, *FREE}
