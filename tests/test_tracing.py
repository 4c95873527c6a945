"""Traces go from service to service, whichever client each has, and reach real collectors."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .collectors import JaegerAgent, OtlpCollector, Span
from .conftest import Bake
from .live import Service, run, wait_for
from .test_service import AWKWARD as JAEGER

PATHS = {"opentelemetry": "/v1/colors", "jaeger": "/v1/sheep"}
TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture(scope="module")
def services(install: Bake) -> dict[str, Path]:
    """An installed service for each client."""
    return {"opentelemetry": install(), "jaeger": install(**JAEGER)}


@pytest.fixture
def collectors(services: dict[str, Path], tmp_path: Path) -> Iterator[dict[str, Any]]:
    """What each client sends its spans to."""
    with (
        OtlpCollector(tmp_path) as opentelemetry,
        JaegerAgent(services["jaeger"], tmp_path) as jaeger,
    ):
        yield {"opentelemetry": opentelemetry, "jaeger": jaeger}


@pytest.fixture
def start(
    services: dict[str, Path], collectors: dict[str, Any], tmp_path: Path
) -> Callable[..., Service]:
    """Makes a service with a client, on a database of its own; `root` has other code of it."""

    def make(client: str, root: Path | None = None, **variables: str) -> Service:
        name = f"{client}{len(list(tmp_path.glob('*.db')))}.db"
        variables |= {
            "APP_ENVIRONMENT": "development",
            "APP_DATABASE__URL": f"sqlite:///{tmp_path / name}",
            "APP_SERVER__DRAIN_DELAY": "0",
        }
        slug = services[client].name
        migrated = run(services[client], slug, "db", "upgrade", **variables)
        assert migrated.returncode == 0, migrated.stderr
        return Service(
            root or services[client], tmp_path, **collectors[client].variables, **variables
        )

    return make


def calling(service: Path) -> Path:
    """Changes a copy of a service: its list asks another service first, by a plain call."""
    (api,) = [path for path in service.glob("src/*/*/api.py") if path.parent.name != "contract"]
    text = api.read_text(encoding="utf-8")
    before = "    return service.page("
    call = '    requests.get(os.environ["PEER"], timeout=5).raise_for_status()\n'
    assert text.count(before) == 1
    text = text.replace(before, call + before)
    api.write_text(text.replace("from uuid", "import os\nfrom uuid", 1), encoding="utf-8")
    text = api.read_text(encoding="utf-8")
    api.write_text(text.replace("from injector", "import requests\nfrom injector", 1))
    return service


@pytest.mark.timeout(180)
@pytest.mark.parametrize("caller", PATHS)
@pytest.mark.parametrize("called", PATHS)
def test_a_call_and_what_it_causes_are_one_trace(
    bake: Bake,
    copy: Callable[[Path], Path],
    services: dict[str, Path],
    collectors: dict[str, Any],
    start: Callable[..., Service],
    caller: str,
    called: str,
) -> None:
    root = calling(copy(bake(**JAEGER) if caller == "jaeger" else bake()))
    (root / ".venv").symlink_to(services[caller] / ".venv")
    with start(called) as peer:
        variables = {"PEER": peer.url + PATHS[called], "PYTHONPATH": str(root / "src")}
        with start(caller, root, **variables) as asked:
            headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
            answer = asked.request("GET", PATHS[caller], headers=headers)
            assert answer.status_code == 200, answer.text
            both = {caller: collectors[caller], called: collectors[called]}.values()
            wait_for(lambda: len(ways(all_spans(both))) == 2, "spans of both services")
    spans = all_spans(both)
    (first,) = [span for span in spans if span.parent == CALLER]
    (call,) = [span for span in spans if span.parent == first.span and span.name == "GET"]
    (second,) = [span for span in spans if span.parent == call.span]
    assert first.name == f"GET {PATHS[caller]}"
    assert second.name == f"GET {PATHS[called]}"
    assert (first.service, second.service) == (services[caller].name, services[called].name)
    for span in (first, second):
        assert [child for child in spans if child.parent == span.span and "SELECT" in child.name]
    ids = [(line["trace"], line["span"], line["parent"]) for line in asked.log() + peer.log()]
    assert (TRACE, first.span, CALLER) in ids
    assert (TRACE, second.span, call.span) in ids


def all_spans(collectors: Any) -> list[Span]:
    return [span for collector in collectors for span in collector.spans(TRACE)]


def ways(spans: list[Span]) -> list[Span]:
    """The spans of requests that have been answered."""
    return [span for span in spans if span.name in {f"GET {path}" for path in PATHS.values()}]
