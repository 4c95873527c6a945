"""OpenTelemetry's variables: an invalid value is reported before anything reads it.

The SDK would ignore it, or fail in the middle of a start or of a request.
https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
"""

import math
import os
import re
import ssl
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from urllib.parse import unquote, urlsplit

from ... import urls
from ...redaction import redact

Check = Callable[[str], str | None]
"""Returns the possible values if a value is invalid, else None."""

PROPAGATORS = "opentelemetry_propagator"
CREDENTIALS = "opentelemetry_otlp_credential_provider"
"""The groups of entry points for propagators, and for sessions with credentials."""

_HEADER_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)


def enabled() -> bool:
    """Whether OTEL_SDK_DISABLED leaves OpenTelemetry on."""
    return os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true"


def exporters() -> set[str]:
    """Returns the exporters of spans: otlp, console, both or none."""
    return {*_parts(os.environ.get("OTEL_TRACES_EXPORTER", "otlp").lower())} - {"none"}


def propagators() -> list[str] | None:
    """Returns the names of the propagators, each once; None if the variable is not set."""
    if "OTEL_PROPAGATORS" not in os.environ:
        return None
    names = list(dict.fromkeys(_parts(os.environ["OTEL_PROPAGATORS"])))
    return [] if any(name.lower() == "none" for name in names) else names


def excluded_urls() -> list[str]:
    """Returns the patterns of the URLs whose requests get no span."""
    given = os.environ.get("OTEL_PYTHON_FLASK_EXCLUDED_URLS")
    given = given or os.environ.get("OTEL_PYTHON_EXCLUDED_URLS")
    return _parts(given) if given else []


def unset_empty() -> None:
    """Unsets empty variables, which the specification treats as unset."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        if not os.environ[name].strip():
            del os.environ[name]


def faults() -> Iterator[tuple[str, str]]:
    """Yields each variable with an invalid value, and the possible values."""
    if not enabled():
        return
    for variable, check in CHECKS.items():
        yield from _faults_of(variable, check)
    if "otlp" in exporters():
        for setting, check in OTLP_CHECKS.items():
            yield from _faults_of(_otlp(setting), check)


def _faults_of(variable: str, check: Check) -> Iterator[tuple[str, str]]:
    value = os.environ.get(variable)
    if value is not None and (possible := check(value)):
        # The value may have a key of the collector, or a password that is not escaped.
        is_secret = variable.endswith("_HEADERS") or "@" in value
        shown = "what it is" if is_secret else repr(redact(value))
        yield variable, f"only {possible} is possible, not {shown}"


def _otlp(setting: str) -> str:
    """Returns the name of the variable of a setting of the exporter; the one for traces takes precedence."""
    for_traces = f"OTEL_EXPORTER_OTLP_TRACES_{setting}"
    return for_traces if for_traces in os.environ else f"OTEL_EXPORTER_OTLP_{setting}"


def _parts(value: str) -> list[str]:
    return [part.strip() for part in value.split(",")]


def _one_of(*possible: str) -> Check:
    *others, last = possible
    text = f"{', '.join(others)} or {last}" if others else last
    return lambda value: None if value.lower() in possible else text


def _several_of(group: str, *others: str) -> Check:
    """Returns a check for the names of entry points in a group, and for other names."""

    def check(value: str) -> str | None:
        possible = [*sorted(entry_points(group=group).names), *others]
        given = ["none" if name.lower() == "none" else name for name in _parts(value)]
        return None if {*given} <= {*possible} else ", ".join(possible) or "an installed plug-in"

    return check


def _are_exporters(value: str) -> str | None:
    given = {*_parts(value.lower())}
    possible = given <= {"otlp", "console"} or given == {"none"}
    return None if possible else "otlp, console, both with a comma between, or none"


def _whole_number(least: int) -> Check:
    text = f"a whole number from {least}"
    return lambda value: None if value.strip().isdecimal() and int(value) >= least else text


def _is_size(value: str) -> str | None:
    if possible := _whole_number(1)(value):
        return possible
    queue = _number(os.environ.get("OTEL_BSP_MAX_QUEUE_SIZE", "2048"))
    batch = _number(os.environ.get("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "512"))
    if batch > queue:
        return f"a batch ({batch:.0f}) not larger than the queue ({queue:.0f})"
    return None


def _is_share(value: str) -> str | None:
    sampler = os.environ.get("OTEL_TRACES_SAMPLER", "").lower()
    possible = 0 <= _number(value) <= 1 or not sampler.endswith("traceidratio")
    return None if possible else "a number from 0 to 1"


def _is_duration(value: str) -> str | None:
    return None if 0 < _number(value) < math.inf else "a number of seconds above 0"


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _are_patterns(value: str) -> str | None:
    try:
        for part in _parts(value):
            re.compile(part)
    except re.error:
        return "a list of regular expressions with commas between"
    return None


def _is_endpoint(value: str) -> str | None:
    try:
        urls.check(value)
        url = urlsplit(value)
        possible = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        possible = False
    text = "a URL that begins with http:// or https://, a password in it escaped (@ is %40),"
    return None if possible else text


def _are_headers(value: str) -> str | None:
    for pair in filter(None, _parts(value)):
        name, separator, text = pair.partition("=")
        content = unquote(text)
        if not (
            separator
            and _HEADER_NAME.fullmatch(name.strip())
            and content.isprintable()
            and all(character <= "\xff" for character in content)
        ):
            return "name=value, several with commas between, the values URL-encoded,"
    return None


def _are_pairs(value: str) -> str | None:
    possible = all("=" in pair for pair in _parts(value))
    return None if possible else "name=value, several with commas between,"


def _is_authority(path: str) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError:
        return "a file of certificates in PEM that can be read"
    return None


def _is_certificate(path: str) -> str | None:
    key = _otlp("CLIENT_KEY")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        # Without a password, OpenSSL would prompt for the password of the key.
        context.load_cert_chain(path, os.environ.get(key), password="")
    except OSError:
        return f"a file with a certificate in PEM and its key, which may be in {key},"
    return None


def _has_certificate(path: str) -> str | None:
    certificate = _otlp("CLIENT_CERTIFICATE")
    return None if certificate in os.environ else f"a key whose certificate is in {certificate}"


_HEADERS = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS"
CHECKS: dict[str, Check] = {
    "OTEL_SDK_DISABLED": _one_of("true", "false"),
    "OTEL_RESOURCE_ATTRIBUTES": _are_pairs,
    "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS": _several_of("opentelemetry_resource_detector", "*"),
    "OTEL_PROPAGATORS": _several_of(PROPAGATORS, "none"),
    "OTEL_TRACES_EXPORTER": _are_exporters,
    "OTEL_TRACES_SAMPLER": _one_of(
        "always_on",
        "always_off",
        "traceidratio",
        "parentbased_always_on",
        "parentbased_always_off",
        "parentbased_traceidratio",
    ),
    "OTEL_TRACES_SAMPLER_ARG": _is_share,
    "OTEL_BSP_SCHEDULE_DELAY": _whole_number(1),
    "OTEL_BSP_EXPORT_TIMEOUT": _whole_number(0),
    "OTEL_BSP_MAX_QUEUE_SIZE": _is_size,
    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": _is_size,
    "OTEL_ATTRIBUTE_COUNT_LIMIT": _whole_number(0),
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": _whole_number(0),
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": _whole_number(0),
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": _whole_number(0),
    "OTEL_SPAN_EVENT_COUNT_LIMIT": _whole_number(0),
    "OTEL_SPAN_LINK_COUNT_LIMIT": _whole_number(0),
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": _whole_number(0),
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": _whole_number(0),
    "OTEL_PYTHON_CONTEXT": _several_of("opentelemetry_context"),
    "OTEL_PYTHON_TRACER_PROVIDER": _several_of("opentelemetry_tracer_provider"),
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_CREDENTIAL_PROVIDER": _several_of(CREDENTIALS),
    "OTEL_PYTHON_EXPORTER_OTLP_HTTP_TRACES_CREDENTIAL_PROVIDER": _several_of(CREDENTIALS),
    "OTEL_PYTHON_EXCLUDED_URLS": _are_patterns,
    "OTEL_PYTHON_FLASK_EXCLUDED_URLS": _are_patterns,
    "OTEL_PYTHON_REQUESTS_EXCLUDED_URLS": _are_patterns,
    f"{_HEADERS}_SERVER_REQUEST": _are_patterns,
    f"{_HEADERS}_SERVER_RESPONSE": _are_patterns,
    f"{_HEADERS}_CLIENT_REQUEST": _are_patterns,
    f"{_HEADERS}_CLIENT_RESPONSE": _are_patterns,
    f"{_HEADERS}_SANITIZE_FIELDS": _are_patterns,
}
# Each stands for OTEL_EXPORTER_OTLP_... and for OTEL_EXPORTER_OTLP_TRACES_...
OTLP_CHECKS: dict[str, Check] = {
    "ENDPOINT": _is_endpoint,
    "PROTOCOL": _one_of("http/protobuf"),
    "HEADERS": _are_headers,
    "COMPRESSION": _one_of("gzip", "deflate", "none"),
    "TIMEOUT": _is_duration,
    "CERTIFICATE": _is_authority,
    "CLIENT_CERTIFICATE": _is_certificate,
    "CLIENT_KEY": _has_certificate,
}
