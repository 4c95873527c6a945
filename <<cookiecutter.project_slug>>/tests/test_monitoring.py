"""The monitoring: what the rules, the dashboard and the documents name is what is exported."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
<% if cookiecutter.http_client %>
from prometheus_client import REGISTRY, Metric
<% else %>
from prometheus_client import Metric
<% endif %>
from prometheus_client.parser import text_string_to_metric_families
from promql_parser import Expr, VectorSelector, parse, walk
<% if cookiecutter.http_client %>

from chassis.http_client.metrics import MeasuredSession
from chassis.settings.upstreams import UpstreamSettings
<% endif %>

<% if cookiecutter.database == 'postgresql' %>
# These take seconds: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)

<% endif %>
ROOT = Path(__file__).parents[1]
PATH = "/openapi.json"
# Prometheus adds these by itself.
TARGET_METRICS = {"up": {"job", "instance"}}
TARGET_LABELS = {"job", "instance"}


def rules() -> list[dict[str, Any]]:
    content = yaml.safe_load((ROOT / "deploy/prometheus/rules.yaml").read_text(encoding="utf-8"))
    return [rule for group in content["groups"] for rule in group["rules"]]


def rule_expressions() -> list[str]:
    return [rule["expr"] for rule in rules()]


def dashboard_expressions() -> list[str]:
    text = (ROOT / "deploy/grafana/dashboard.json").read_text(encoding="utf-8")
    panels = json.loads(text)["panels"]
    found = [target["expr"] for panel in panels for target in panel["targets"]]
    # Grafana puts a duration there.
    return [expression.replace("$__rate_interval", "1m") for expression in found]


def selectors(expression: str) -> Iterator[VectorSelector]:
    found: list[VectorSelector] = []

    def visit(node: Expr) -> None:
        if isinstance(node, VectorSelector):
            found.append(node)

    walk(parse(expression), visit)
    yield from found


def scrape(server: Any) -> list[Metric]:
    """Asks for the metrics after a request has been answered."""
    assert requests.get(f"{server.url}{PATH}", timeout=5).ok
    text = requests.get(server.metrics_url, timeout=5).text
    return list(text_string_to_metric_families(text))


@pytest.fixture(scope="module")
def exported(start_shared_server: Callable[..., Any]) -> list[Metric]:
<% if cookiecutter.http_client %>
    """The metrics of a server, and those of calls, which this process could make."""
    MeasuredSession("peer", UpstreamSettings(url="http://peer:8080"))
    calls = [family for family in REGISTRY.collect() if family.name.startswith("http_client_")]
    return [*scrape(start_shared_server()), *calls]
<% else %>
    """The metrics of a server."""
    return scrape(start_shared_server())
<% endif %>


def test_what_rules_and_dashboard_ask_for_is_exported(exported: list[Metric]) -> None:
    labels = {**TARGET_METRICS, **{rule["record"]: {"job"} for rule in rules() if "record" in rule}}
    for family in exported:
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    for expression in rule_expressions() + dashboard_expressions():
        found = list(selectors(expression))
        assert found, expression
        for selector in found:
            assert selector.name in labels, expression
            asked = {matcher.name for matcher in selector.matchers.matchers}
            assert asked <= labels[selector.name] | TARGET_LABELS, expression


def test_each_exported_metric_is_documented_and_no_other(exported: list[Metric]) -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    section = page.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    documented = dict(re.findall(r"^\| `(\w+)` \|([^|]*)\|", section, re.MULTILINE))
    families = {
        f"{family.name}_total" if family.type == "counter" else family.name: family
        for family in exported
    }
    assert set(documented) == set(families)
    for name, family in families.items():
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        assert set(re.findall(r"`(\w+)`", documented[name])) == labels, name
