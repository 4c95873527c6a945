"""The alerts: each says what to do, is documented, and has cases for promtool."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROMETHEUS = ROOT / "deploy" / "prometheus"


@pytest.fixture
def alerts() -> dict[str, dict[str, Any]]:
    content = yaml.safe_load((PROMETHEUS / "rules.yaml").read_text(encoding="utf-8"))
    rules = [rule for group in content["groups"] for rule in group["rules"]]
    return {rule["alert"]: rule for rule in rules if "alert" in rule}


def test_each_alert_tells_what_to_do(alerts: dict[str, dict[str, Any]]) -> None:
    assert alerts
    for alert in alerts.values():
        assert alert["labels"]["severity"] in ("page", "ticket")
        assert set(alert["annotations"]) == {"summary", "description", "action"}
        assert "<< cookiecutter.project_slug >>" in alert["annotations"]["description"]


def test_each_alert_is_documented_with_its_severity(alerts: dict[str, dict[str, Any]]) -> None:
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    section = page.partition("\n## Alerts\n")[2].partition("\n## ")[0]
    documented = re.findall(r"^\| `(\w+)` \| (\w+) \|", section, re.MULTILINE)
    declared = [(name, alert["labels"]["severity"]) for name, alert in alerts.items()]
    assert documented == declared


def test_each_alert_fires_in_one_case_and_not_in_another(
    alerts: dict[str, dict[str, Any]],
) -> None:
    content = yaml.safe_load((PROMETHEUS / "rules_test.yaml").read_text(encoding="utf-8"))
    tests = [test for case in content["tests"] for test in case["alert_rule_test"]]
    assert {test["alertname"] for test in tests if test["exp_alerts"]} == set(alerts)
    assert {test["alertname"] for test in tests if not test["exp_alerts"]} == set(alerts)
