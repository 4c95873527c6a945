"""Spans of SQL statements."""

from collections.abc import Callable

import pytest
from flask import Flask
from jaeger_client.reporter import InMemoryReporter
from opentracing import Tracer
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.chassis.domain.settings import Settings


@pytest.fixture
def traced(settings: Settings, make_app: Callable[..., Flask], tracer: Tracer) -> Flask:
    return make_app(settings, tracer=tracer)


def test_a_statement_is_below_its_request(traced: Flask, reporter: InMemoryReporter) -> None:
    traced.test_client().get("/v1/things")
    select, request = reporter.get_spans()
    assert select.operation_name == "SELECT"
    assert select.context.parent_id == request.context.span_id
    statement = {tag.key: tag.vStr for tag in select.tags}["db.statement"]
    assert statement.startswith("SELECT")


def test_a_statement_that_fails_is_marked(
    traced: Flask, tracer: Tracer, reporter: InMemoryReporter
) -> None:
    with traced.app_context():
        engine = traced.extensions["sqlalchemy"].engine
    with (
        tracer.start_active_span("work"),
        engine.connect() as connection,
        pytest.raises(DBAPIError),
    ):
        connection.execute(text("SELECT nothing_of_this_kind"))
    failed = reporter.get_spans()[0]
    assert {tag.key: tag.vBool for tag in failed.tags}["error"] is True


def test_the_statements_of_probes_have_none(traced: Flask, reporter: InMemoryReporter) -> None:
    assert traced.test_client().get("/readyz").status_code == 200
    assert not reporter.get_spans()
