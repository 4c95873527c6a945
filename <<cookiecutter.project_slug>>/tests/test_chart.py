"""The Helm chart: what it says of the service is so. `make chart` renders it."""

import re
from pathlib import Path

import yaml
from flask import Flask

from << cookiecutter.package_name >> import SERVICE_VERSION
from << cookiecutter.package_name >>.settings import Settings

from .conftest import Command

CHART = Path(__file__).parents[1] / "deploy" / "chart"


def read(path: str) -> str:
    return (CHART / path).read_text(encoding="utf-8")


def test_the_chart_deploys_this_version() -> None:
    assert yaml.safe_load(read("Chart.yaml"))["appVersion"] == SERVICE_VERSION


def test_the_service_takes_the_settings_of_the_chart(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(read("values.yaml"))["settings"]))
    shown = command("show-config", APP_CONFIG_FILE=str(file))
    assert shown.returncode == 0, shown.stderr
    assert f"server.grace_period = 20  # file {file}" in shown.stdout


def test_the_ports_are_those_of_the_settings(settings: Settings) -> None:
    ports = re.findall(r"- name: (\w+)\n +containerPort: (\d+)", read("templates/deployment.yaml"))
    assert ports[0] == ("http", "8080")
    for name, port in ports:
        section = getattr(settings, name.replace("http", "server"))
        assert section.bind == f"0.0.0.0:{port}"


def test_the_probes_ask_what_is_served(app: Flask) -> None:
    probes = set(re.findall(r"\bpath: (/.+)", read("templates/deployment.yaml")))
    assert probes == {"/livez", "/readyz"}
    assert probes <= {rule.rule for rule in app.url_map.iter_rules()}
