"""An operation that is new in the contract is traced, measured and logged, and nothing had to be said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .collectors import OtlpCollector
from .conftest import Bake
from .live import Service, run, wait_for

CONTRACT = """\
  /greetings/{name}:
    get:
      operationId: greet
      x-openapi-router-controller: color_palette.greetings
      parameters:
        - name: name
          in: path
          required: true
          schema:
            type: string
            maxLength: 10
      responses:
        "200":
          description: A greeting
          content:
            application/json:
              schema:
                type: object
        default:
          $ref: "#/components/responses/Problem"

components:
"""
HANDLER = """\
import logging


def greet(name: str) -> dict[str, str]:
    logging.getLogger(__name__).info("greeting %s", name)
    return {"greeting": f"Hello {name}"}
"""


@pytest.mark.timeout(120)
def test_a_new_operation_is_observed_like_the_others(
    bake: Bake, install: Bake, copy: Callable[[Path], Path], tmp_path: Path
) -> None:
    root = copy(bake())
    (root / ".venv").symlink_to(install() / ".venv")
    package = root / "src" / "color_palette"
    contract = package / "openapi.yaml"
    text = contract.read_text(encoding="utf-8")
    assert text.count("\ncomponents:\n") == 1
    contract.write_text(text.replace("\ncomponents:\n", f"\n{CONTRACT}"), encoding="utf-8")
    (package / "greetings.py").write_text(HANDLER, encoding="utf-8")
    with OtlpCollector(tmp_path) as collector:
        variables = {
            "APP_ENVIRONMENT": "development",
            "APP_DATABASE__URL": f"sqlite:///{tmp_path / 'test.db'}",
            "PYTHONPATH": str(root / "src"),
            **collector.variables,
        }
        assert run(root, "color-palette", "db", "upgrade", **variables).returncode == 0
        with Service(root, tmp_path, **variables) as service:
            assert service.get("/v1/greetings/Zoe").json() == {"greeting": "Hello Zoe"}
            refused = service.get("/v1/greetings/much-too-long")
            assert refused.status_code == 400
            metrics = service.metrics()
            logged = [line for line in service.log() if line["message"] == "greeting Zoe"]
            (trace,) = [line["trace"] for line in logged]
            for trace_id in (trace, refused.json()["trace"]):
                wait_for(lambda t=trace_id: collector.spans(t), f"a span of {trace_id}")
                (span,) = [span for span in collector.spans(trace_id) if not span.parent]
                assert span.name == "GET /v1/greetings/{name}"
    counter = 'http_requests_total{method="GET",path="/v1/greetings/{name}",status="%s"}'
    assert [metrics[counter % status] for status in (200, 400)] == [1, 1]
    access = [line for line in service.log() if line["name"] == "gunicorn.access"]
    assert trace in {line["trace"] for line in access if "greetings" in line["message"]}
