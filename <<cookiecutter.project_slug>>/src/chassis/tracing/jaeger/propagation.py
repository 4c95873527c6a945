"""The headers that carry a trace: W3C Trace Context, B3 and Jaeger's own `uber-trace-id`.

https://www.w3.org/TR/trace-context/, https://github.com/openzipkin/b3-propagation
"""

import re
from urllib.parse import unquote

from jaeger_client import SpanContext
from jaeger_client.codecs import B3Codec, Codec, TextCodec
from werkzeug.datastructures import Headers

from ... import tracing

SAMPLED_FLAG = 0x01
_UBER = re.compile(
    r"(?!0+:)[0-9a-f]{1,32}:(?!0+:)[0-9a-f]{1,16}:[0-9a-f]{1,16}:[0-9a-f]{1,2}", re.IGNORECASE
)


class HeadersCodec(Codec):
    """Reads a trace from any of these headers, in this order, and writes all of them."""

    def __init__(self) -> None:
        self._uber = TextCodec(url_encoding=True)
        self._b3 = B3Codec(generate_128bit_trace_id=True)

    def inject(self, span_context: SpanContext, carrier: dict[str, str]) -> None:
        """Writes the headers of a call that the span makes."""
        self._uber.inject(span_context, carrier)
        self._b3.inject(span_context, carrier)
        sampled = bool(span_context.flags & SAMPLED_FLAG)
        if not sampled:
            carrier[self._b3.sampled_header] = "0"
        trace_id, span_id = span_context.trace_id, span_context.span_id
        carrier["traceparent"] = f"00-{trace_id:032x}-{span_id:016x}-{sampled:02x}"

    def extract(self, carrier: dict[str, str]) -> SpanContext | None:
        """Reads the headers of a request; None if they carry no trace that is valid."""
        headers = Headers(carrier)
        trace_id, span_id = tracing.extract(headers)
        if trace_id:
            flags = SAMPLED_FLAG if _is_sampled(headers) else 0
            return SpanContext(int(trace_id, 16), int(span_id, 16), None, flags)
        if not _UBER.fullmatch(unquote(headers.get("uber-trace-id", ""))):
            return None
        context: SpanContext | None = self._uber.extract(carrier)
        return context


def _is_sampled(headers: Headers) -> bool:
    """Whether the caller samples the trace; where B3 leaves the decision open, it is sampled."""
    if any(tracing.extract(Headers({"traceparent": headers.get("traceparent", "")}))):
        return bool(int(headers["traceparent"][53:55], 16) & SAMPLED_FLAG)
    if "b3" in headers:
        _, _, *state = headers["b3"].split("-")
        return state[:1] != ["0"]
    return headers.get("X-B3-Flags") == "1" or headers.get("X-B3-Sampled", "1") in ("1", "true")
