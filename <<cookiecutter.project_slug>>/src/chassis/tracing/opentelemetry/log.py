"""Spans in the log, one line each, so that a developer sees them without a collector."""

import logging
from collections.abc import Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import StatusCode

from ... import logs, tracing

log = logging.getLogger(__name__)


class LogExporter(SpanExporter):
    """Writes spans to the log, whatever the level of the log is."""

    def __init__(self) -> None:
        log.setLevel(logging.INFO)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Writes a line for each span."""
        for span in spans:
            log.info("span %s", span.name, extra=_fields(span))
        return SpanExportResult.SUCCESS


def _fields(span: ReadableSpan) -> dict[str, Any]:
    nanoseconds = (span.end_time or 0) - (span.start_time or 0)
    fields = {
        logs.TRACE_CONTEXT: _trace_context(span),
        "kind": span.kind.name.lower(),
        "duration_ms": nanoseconds / 1_000_000,
        "attributes": span.attributes,
    }
    if span.status.status_code is StatusCode.ERROR:
        fields["error"] = span.status.description or True
    if span.events:
        fields["events"] = [
            {"name": event.name, "attributes": event.attributes} for event in span.events
        ]
    return fields


def _trace_context(span: ReadableSpan) -> tracing.TraceContext:
    return tracing.TraceContext(
        trace.format_trace_id(span.context.trace_id),
        trace.format_span_id(span.context.span_id),
        trace.format_span_id(span.parent.span_id) if span.parent else "",
    )
