"""Hostile hosts, schemes and prefixes: the real server answers each, traces it, logs it, counts it."""

import json
import socket
from pathlib import Path

import pytest

from .conftest import Bake
from .live import Service, run

SERVICES: dict[str, dict[str, object]] = {
    "opentelemetry": {},
    "jaeger-client": {"database": "none", "tracing": "jaeger-client"},
    "none": {"database": "none", "tracing": "none"},
}
HOSTS = [
    b"xn--a",
    b"xn--a.xn--b:80",
    b"",
    b"a b",
    b"[::1",
    b"[zz]",
    b"caf\xc3\xa9",
    b"\xff",
    b"a" * 8000,
    b"a@b",
    b"a:b:c",
    b"a:99999",
    b"a:\xc2\xb2",
    b"a/b",
]
# What only counts if it comes from a proxy that is believed.
FORWARDED = {
    b"Host": [host for host in HOSTS if host],
    b"Prefix": [b"api", b"//evil.example", b"/a/../b", b"/caf\xc3\xa9", b"https://x", b"\\\\x"],
    b"Proto": [b"javascript", b"https://x", b"\xff"],
}
HARMLESS = {
    b"For": [b"garbage", b"\xff", b",,,", b"a" * 8000],
    b"Port": [b"garbage", b"99999", b"\xff"],
    b"Prefix": [b"/api", b"/%0d%0aX:%20y"],
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("tracing", "proxies"),
    [
        ("opentelemetry", 0),
        ("opentelemetry", 1),
        ("opentelemetry", 2),
        ("jaeger-client", 1),
        ("none", 1),
    ],
)
def test_what_makes_no_url_is_a_problem_like_others(
    install: Bake, tmp_path: Path, tracing: str, proxies: int
) -> None:
    root = install(**SERVICES[tracing])
    variables = {
        "APP_ENVIRONMENT": "development",
        "APP_SERVER__DRAIN_DELAY": "0",
        "APP_API__PROXIES": str(proxies),
        "OTEL_SDK_DISABLED": "false",
        "OTEL_TRACES_EXPORTER": "none",
    }
    if SERVICES[tracing].get("database") != "none":
        variables["APP_DATABASE__URL"] = f"sqlite:///{tmp_path / 'test.db'}"
        assert run(root, root.name, "db", "upgrade", **variables).returncode == 0
    expected: dict[bytes, int] = {b"Host: %b\r\n" % host: 400 for host in HOSTS}
    for status, forwarded in ((400, FORWARDED), (200, HARMLESS)):
        for name, values in forwarded.items():
            for value in values:
                # With two proxies, each has added a value.
                received = b", ".join([value] * max(proxies, 1))
                header = b"Host: a:8080\r\nX-Forwarded-%b: %b\r\n" % (name, received[:8100])
                expected[header] = status if proxies else 200
    with Service(root, tmp_path, **variables) as service:
        before = counted(service)
        traces = set()
        for headers, status in expected.items():
            answered, document = ask(service.url, headers)
            assert answered == status, headers
            if status == 400:
                traces.add(document["trace"])
        assert counted(service) - before == len(expected)
        service.terminate()
        assert service.wait() == 0
        logged = {line["trace"] for line in service.log() if line["name"] == "gunicorn.access"}
    assert len(traces) == list(expected.values()).count(400)
    assert traces <= logged


def ask(url: str, headers: bytes) -> tuple[int, dict[str, str]]:
    """Asks for the contract, and returns the status and the document."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nConnection: close\r\n%b\r\n" % headers)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def counted(service: Service) -> float:
    """How many requests for the contract have been counted."""
    name = 'http_requests_total{method="GET",path="/openapi.json"'
    return sum(value for series, value in service.metrics().items() if series.startswith(name))
