"""Monitoring: a real Prometheus scrapes a service, and understands its rules and its dashboard."""

import json
import math
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Bake
from .live import Process, Service, Site, asking, free_address, run, wait_for

COLORS = "/v1/colors"
SERVICES = [{}, {"database": "none", "project_slug": "light-bulb"}]
RULES, CASES = "deploy/prometheus/rules.yaml", "deploy/prometheus/rules_test.yaml"
DASHBOARD = "deploy/grafana/dashboard.json"
# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "10s", "$job": "color-palette", "$instance": ".*"}
CONFIGURATION = """\
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: ["{rules}"]
scrape_configs:
  - job_name: color-palette
    static_configs: [{{targets: ["{target}"]}}]
"""


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """Finds a command of Prometheus."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if not path:
            pytest.fail("This test needs the Debian package prometheus.", False)
        return path

    return find


@pytest.fixture
def promtool(tool: Callable[[str], str]) -> Callable[..., str]:
    """Runs promtool, which has to find nothing wrong, and returns what it says."""

    def check(*arguments: str, **options: Any) -> str:
        result = subprocess.run(
            [tool("promtool"), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **options,
        )
        assert result.returncode == 0, result.stdout
        return result.stdout

    return check


@pytest.fixture
def service(install_caller: Bake, tmp_path: Path) -> Iterator[Service]:
    """The default service with two workers and an SQLite file, and another one that it could call."""
    root = install_caller()
    variables = {
        "APP_ENVIRONMENT": "development",
        "APP_DATABASE__URL": f"sqlite:///{tmp_path / 'test.db'}",
    }
    assert run(root, "color-palette", "db", "upgrade", **variables).returncode == 0
    with Service(root, tmp_path, **variables) as service:
        wait_for(lambda: len(service.workers()) == 2, "two workers")
        yield service


@pytest.fixture
def prometheus(
    tool: Callable[[str], str], install: Bake, service: Service, tmp_path: Path
) -> Iterator[Site]:
    """A Prometheus that scrapes the service and evaluates its rules each second."""
    configuration = tmp_path / "prometheus.yaml"
    target = service.metrics_site.url.removeprefix("http://")
    configuration.write_text(CONFIGURATION.format(rules=install() / RULES, target=target))
    address = free_address()
    command = [
        tool("prometheus"),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={tmp_path / 'data'}",
        f"--web.listen-address={address}",
    ]
    with Process(command, tmp_path, tmp_path) as process:
        site = Site(f"http://{address}")

        def ready() -> bool:
            process.check()
            return site.status("/-/ready") == 200

        wait_for(ready, "start of Prometheus", 60)
        yield site


def ask(prometheus: Site, path: str, **params: str) -> Any:
    answer = prometheus.request("GET", f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, (params, answer.text)
    return answer.json()["data"]


def values(prometheus: Site, expression: str) -> list[float]:
    """What an expression says now, without what is not a number."""
    result = ask(prometheus, "query", query=expression)["result"]
    found = [float(series["value"][1]) for series in result]
    return [value for value in found if not math.isnan(value)]


def expressions(root: Path) -> dict[str, str]:
    """The expressions of the dashboard, by the title of their panel."""
    found = {}
    for panel in json.loads((root / DASHBOARD).read_text(encoding="utf-8"))["panels"]:
        for target in panel["targets"]:
            expression = target["expr"]
            for variable, value in VARIABLES.items():
                expression = expression.replace(variable, value)
            found[f"{panel['title']} {target['refId']}"] = expression
    return found


@pytest.mark.parametrize("answers", SERVICES, ids=["default", "no database"])
def test_the_rules_are_right_and_every_alert_fires_when_it_shall(
    bake: Bake, promtool: Callable[..., str], answers: dict[str, object]
) -> None:
    root = bake(**answers)
    assert " rules found" in promtool("check", "rules", "--lint-fatal", RULES, cwd=root)
    assert "SUCCESS" in promtool("test", "rules", CASES, cwd=root)


@pytest.mark.parametrize("answers", SERVICES, ids=["default", "no database"])
def test_the_panels_of_the_dashboard_lie_side_by_side(
    bake: Bake, answers: dict[str, object]
) -> None:
    dashboard = json.loads((bake(**answers) / DASHBOARD).read_text(encoding="utf-8"))
    assert "__inputs" not in dashboard
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    bottom = max(y for _, y in taken) + 1
    assert set(taken) == {(x, y) for x in range(24) for y in range(bottom)}
    for panel in panels:
        assert panel["description"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert all(target["legendFormat"] for target in panel["targets"])


@pytest.mark.timeout(300)
def test_prometheus_scrapes_the_service_and_can_evaluate_all_that_is_asked(
    service: Service, prometheus: Site, promtool: Callable[..., str], install: Bake
) -> None:
    assert service.status("/metrics") == 404
    with asking(lambda: (service.status(COLORS), service.status("/unknown")), at_once=2):
        wait_for(lambda: values(prometheus, "up") == [1], "first scrape", 30)
        for title, expression in expressions(install()).items():
            wait_for(lambda e=expression: values(prometheus, e), f"a value for {title}", 30)
        recorded = 'job:http_errors:ratio_rate5m{job="color-palette"}'
        wait_for(lambda: values(prometheus, recorded) == [0], "a recorded value", 30)
    for group in ask(prometheus, "rules")["groups"]:
        for rule in group["rules"]:
            assert (rule["health"], rule.get("lastError", "")) == ("ok", ""), rule
            assert rule.get("state", "inactive") == "inactive", rule
    scrape = service.metrics_site.get("/metrics").text
    promtool("check", "metrics", input=scrape)
