"""Headers: a trace is taken up from any of them and passed on in all of them."""

import pytest
from jaeger_client import SpanContext

from chassis.tracing.jaeger.propagation import HeadersCodec

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HALF = TRACE[16:]


@pytest.mark.parametrize(
    ("headers", "trace", "flags"),
    [
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, TRACE, 1),
        ({"traceparent": f"00-{TRACE}-{SPAN}-00"}, TRACE, 0),
        ({"b3": f"{TRACE}-{SPAN}-1"}, TRACE, 1),
        ({"b3": f"{TRACE}-{SPAN}-d"}, TRACE, 1),
        ({"b3": f"{TRACE}-{SPAN}-0"}, TRACE, 0),
        ({"b3": f"{HALF}-{SPAN}"}, HALF, 1),
        ({"X-B3-TraceId": TRACE, "X-B3-SpanId": SPAN}, TRACE, 1),
        ({"X-B3-TraceId": TRACE, "X-B3-SpanId": SPAN, "X-B3-Sampled": "0"}, TRACE, 0),
        ({"X-B3-TraceId": TRACE, "X-B3-SpanId": SPAN, "X-B3-Flags": "1"}, TRACE, 1),
        ({"traceparent": "nonsense", "b3": f"{TRACE}-{SPAN}-0"}, TRACE, 0),
        ({"Uber-Trace-Id": f"{TRACE}:{SPAN}:0:1"}, TRACE, 1),
        ({"uber-trace-id": f"{HALF}:{SPAN}:0:0"}, HALF, 0),
    ],
)
def test_a_trace_is_taken_up(headers: dict[str, str], trace: str, flags: int) -> None:
    context = HeadersCodec().extract(headers)
    assert context
    assert (context.trace_id, context.span_id) == (int(trace, 16), int(SPAN, 16))
    assert context.flags == flags


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"traceparent": "nonsense"},
        {"X-B3-TraceId": "nonsense", "X-B3-SpanId": SPAN},
        {"uber-trace-id": "nonsense"},
        {"uber-trace-id": f"{TRACE}:{SPAN}:0:x"},
        {"uber-trace-id": f"f{TRACE}0:{SPAN}:0:1"},
        {"uber-trace-id": f"{TRACE}:f{SPAN}:0:1"},
        {"uber-trace-id": f"{TRACE}:{SPAN}:f{SPAN}:1"},
        {"uber-trace-id": f"{TRACE}:{SPAN}:0:fff"},
    ],
)
def test_what_is_not_valid_is_no_trace(headers: dict[str, str]) -> None:
    assert HeadersCodec().extract(headers) is None


@pytest.mark.parametrize(("flags", "sampled"), [(1, "1"), (0, "0")])
def test_a_trace_is_passed_on(flags: int, sampled: str) -> None:
    headers: dict[str, str] = {}
    HeadersCodec().inject(SpanContext(int(TRACE, 16), int(SPAN, 16), None, flags), headers)
    assert headers == {
        "traceparent": f"00-{TRACE}-{SPAN}-0{sampled}",
        "X-B3-TraceId": TRACE,
        "X-B3-SpanId": SPAN,
        "X-B3-Sampled": sampled,
        "uber-trace-id": f"{TRACE.lstrip('0')}:{SPAN}:0:{sampled}",
    }
    context = HeadersCodec().extract(headers)
    assert context
    assert (context.trace_id, context.flags) == (int(TRACE, 16), flags)
