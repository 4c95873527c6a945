"""OpenTelemetry's variables: each value is followed, or ends the start with a line that names it."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from opentelemetry import propagate, trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor

from chassis.contract import problems
from chassis.settings import ConfigurationError
from chassis.tracing import opentelemetry
from chassis.tracing.opentelemetry.variables import CHECKS, OTLP_CHECKS

from << cookiecutter.package_name >> import configuration

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER = TRACE[::-1]
CALLER = {"traceparent": f"00-{TRACE}-{SPAN}-01", "b3": f"{OTHER}-{SPAN}-1"}
SAMPLER, SHARE = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"
OTLP = "OTEL_EXPORTER_OTLP"
HEADERS = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS"
LIMITS = [variable for variable in CHECKS if variable.endswith("_LIMIT")]
PATTERNS = [variable for variable in CHECKS if variable.endswith("_URLS") or HEADERS in variable]
HERE = str(Path(__file__))

# What no value of may be wrong: texts, and what is for other SDKs and other signals.
FREE = {
    "OTEL_SERVICE_NAME": ["other"],
    "OTEL_SEMCONV_STABILITY_OPT_IN": ["http", "http/dup", "unknown"],
    "OTEL_LOG_LEVEL": ["debug"],
    "OTEL_LOGS_EXPORTER": ["otlp", "console", "none"],
<% if cookiecutter.metrics %>
    "OTEL_METRICS_EXPORTER": ["otlp", "prometheus", "console", "none"],
<% endif %>
    f"{OTLP}_INSECURE": ["true", "false"],
}
POSSIBLE = {
    "OTEL_RESOURCE_ATTRIBUTES": ["team=blue,zone=a%20b"],
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": ["os,process", "*"],
    "OTEL_SDK_DISABLED": ["false", "FALSE"],
    "OTEL_PROPAGATORS": ["tracecontext", "baggage,tracecontext", "b3,tracecontext,tracecontext"],
    SAMPLER: ["always_on", "traceidratio", "parentbased_always_on", "parentbased_always_off"],
    SHARE: ["0.5", "of a sampler without a share"],
    "OTEL_TRACES_EXPORTER": ["otlp", "OTLP", "otlp,console"],
    "OTEL_BSP_SCHEDULE_DELAY": ["1", "5000"],
    "OTEL_BSP_EXPORT_TIMEOUT": ["0", "30000"],
    "OTEL_BSP_MAX_QUEUE_SIZE": ["512", "4096"],
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": ["1", "2048"],
    "OTEL_PYTHON_CONTEXT": ["contextvars_context"],
    "OTEL_PYTHON_TRACER_PROVIDER": ["sdk_tracer_provider"],
    f"{OTLP}_ENDPOINT": ["{collector}", "{collector}/"],
    f"{OTLP}_TRACES_ENDPOINT": ["{collector}/v1/traces"],
    f"{OTLP}_HEADERS": ["api-key=a%20b", "a=b, c=d==,"],
    f"{OTLP}_COMPRESSION": ["gzip", "deflate", "none"],
    f"{OTLP}_TIMEOUT": ["10", "0.5"],
    f"{OTLP}_PROTOCOL": ["http/protobuf"],
    f"{OTLP}_CERTIFICATE": [requests.utils.DEFAULT_CA_BUNDLE_PATH],
    **{variable: ["0", "10"] for variable in LIMITS},
    **{variable: [".*x, y"] for variable in PATTERNS},
}
IMPOSSIBLE = {
    "OTEL_RESOURCE_ATTRIBUTES": ["blue", "team=blue,"],
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": ["unknown"],
    "OTEL_SDK_DISABLED": ["1", "yes"],
    "OTEL_PROPAGATORS": ["jaeger", "xray", "ottrace", "b3,", "B3", "tracecontext,unknown"],
    SAMPLER: ["jaeger_remote", "parentbased_jaeger_remote", "xray", "unknown"],
    "OTEL_TRACES_EXPORTER": ["zipkin", "jaeger", "logging", "none,otlp", "otlp,"],
    "OTEL_BSP_SCHEDULE_DELAY": ["0", "-1", "1.5", "x"],
    "OTEL_BSP_EXPORT_TIMEOUT": ["-1", "1.5", "x"],
    "OTEL_BSP_MAX_QUEUE_SIZE": ["0", "100", "-1", "x"],
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": ["0", "5000", "-1", "x"],
    "OTEL_PYTHON_CONTEXT": ["unknown"],
    "OTEL_PYTHON_TRACER_PROVIDER": ["unknown"],
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER": ["unknown"],
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_TRACES_CREDENTIAL_PROVIDER": ["unknown"],
    f"{OTLP}_ENDPOINT": ["localhost:4318", "https://", "grpc://host:4317", "http://host:port"],
    f"{OTLP}_TRACES_ENDPOINT": ["collector"],
    f"{OTLP}_HEADERS": ["api-key", "api key=a", "a=%0A", "a=%E2%82%AC"],
    f"{OTLP}_COMPRESSION": ["zstd"],
    f"{OTLP}_TIMEOUT": ["0", "-1", "nan", "inf", "x"],
    f"{OTLP}_PROTOCOL": ["grpc", "http/json"],
    f"{OTLP}_TRACES_PROTOCOL": ["grpc"],
    f"{OTLP}_CERTIFICATE": ["/not/there", HERE],
    f"{OTLP}_CLIENT_CERTIFICATE": ["/not/there", HERE],
    f"{OTLP}_CLIENT_KEY": ["/not/there"],
    **{variable: ["-1", "1.5", "x"] for variable in LIMITS},
    **{variable: ["("] for variable in PATTERNS},
}


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
        configuration.load()
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
        configuration.load()
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"configuration: {variable}: only ")
    shown = "not what it is" if variable.endswith("_HEADERS") else f"not {value!r}"
    assert f" is possible, {shown} (environment" in line


@pytest.mark.parametrize("value", ["-0.1", "1.1", "nan", "x"])
def test_a_share_is_a_number_from_0_to_1(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(SAMPLER, "parentbased_traceidratio")
    monkeypatch.setenv(SHARE, value)
    with pytest.raises(ConfigurationError, match="only a number from 0 to 1"):
        configuration.load()


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
    configuration.load()


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in {*POSSIBLE, *IMPOSSIBLE, *FREE}:
        monkeypatch.setenv(variable, " ")
    configuration.load()
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


def test_the_page_names_the_variables_that_are_tried_here() -> None:
    page = (Path(__file__).parents[3] / "docs" / "observability.md").read_text(encoding="utf-8")
    tried = {*POSSIBLE, *IMPOSSIBLE, *FREE}
    both = {f"{OTLP}_{setting}" for setting in OTLP_CHECKS}
    assert {*CHECKS, *both} <= tried
    of_traces_alone = {variable for variable in tried if variable.startswith(f"{OTLP}_TRACES_")}
    assert set(re.findall(r"`(OTEL_[A-Z_0-9]*[A-Z])[`=]", page)) == tried - of_traces_alone
