"""The reporter: every span arrives, and trouble with the agent troubles nothing else."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from opentracing import Tracer

from chassis.settings.jaeger import TracingSettings
from chassis.tracing import jaeger
from chassis.tracing.jaeger import reporter as jaeger_reporter
from chassis.tracing.jaeger.reporter import UdpReporter

MakeTracer = Callable[..., tuple[Tracer, UdpReporter]]


@pytest.fixture
def make_tracer(collector: Any) -> MakeTracer:
    def make(host: str = "127.0.0.1", interval: float = 0.05) -> tuple[Tracer, UdpReporter]:
        reporter = UdpReporter(host, collector.port, interval)
        return jaeger.make_tracer(reporter, TracingSettings(), "things", "1.0"), reporter

    return make


def finish(tracer: Tracer, count: int, size: int = 10) -> str:
    """Makes spans of one trace and returns its id."""
    with tracer.start_active_span("work") as scope:
        for number in range(count):
            tags = {f"tag-{tag}": "x" * 1000 for tag in range(size // 1000)}
            tracer.start_span(f"part {number}", tags=tags).finish()
        return f"{scope.span.context.trace_id:032x}"


def test_spans_are_sent_soon(make_tracer: MakeTracer, collector: Any) -> None:
    tracer, reporter = make_tracer()
    trace = finish(tracer, 3)
    spans = collector.spans(trace, lambda found: len(found) == 4)
    assert {span.name for span in spans} == {"work", "part 0", "part 1", "part 2"}
    assert {span.service for span in spans} == {"things"}
    reporter.close()


def test_what_waits_is_sent_at_the_end(make_tracer: MakeTracer, collector: Any) -> None:
    tracer, reporter = make_tracer(interval=3600)
    trace = finish(tracer, 30)
    reporter.close()
    assert len(collector.spans(trace, lambda found: len(found) == 31)) == 31


def test_spans_that_are_too_many_for_one_packet_are_split(
    make_tracer: MakeTracer, collector: Any
) -> None:
    tracer, reporter = make_tracer(interval=3600)
    trace = finish(tracer, 10, size=20_000)
    reporter.close()
    assert len(collector.spans(trace, lambda found: len(found) == 11)) == 11


def test_what_cannot_be_sent_is_told_once(
    make_tracer: MakeTracer, caplog: pytest.LogCaptureFixture
) -> None:
    # Longer than a label may be: no name server is asked, which would take its time.
    tracer, reporter = make_tracer(host="x" * 64)
    with caplog.at_level(logging.WARNING):
        finish(tracer, 50)
        reporter.close()
    (message,) = caplog.messages
    assert message.startswith("spans are lost: ")


def test_a_full_queue_forgets_spans(
    make_tracer: MakeTracer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jaeger_reporter, "CAPACITY_SPANS", 1)
    monkeypatch.setattr(UdpReporter, "_run", lambda reporter: None)
    tracer, _ = make_tracer()
    with caplog.at_level(logging.WARNING):
        finish(tracer, 5)
    assert caplog.messages == ["spans are lost: too many spans wait"]
