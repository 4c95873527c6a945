"""Compose: the file as it is generated brings up the service with all that it needs.

Jaeger and Grafana are played by containers that only stay: there are no packages of them.
"""

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ..conftest import Bake
from ..live import Site, free_addresses, wait_for
from .conftest import Build
from .engine import Engine


def other_ports(compose: Any) -> tuple[str, dict[str, str]]:
    """An override that publishes other ports, as the machine may use those of the file.

    Returns it, and the address of each service by its name.
    """
    published = {
        name: service["ports"]
        for name, service in compose["services"].items()
        if "ports" in service
    }
    addresses = dict(zip(published, free_addresses(len(published)), strict=True))
    lines = ["services:"]
    for name, (port,) in published.items():
        inside = port.rpartition(":")[2]
        lines += [f"  {name}:", f'    ports: !override ["{addresses[name]}:{inside}"]']
    return "\n".join(lines), addresses


@pytest.fixture(scope="module")
def project(
    engine: Engine, build: Build, checkout: Bake, tmp_path_factory
) -> Iterator[dict[str, Any]]:
    """The default service, up."""
    directory: Path = tmp_path_factory.mktemp("compose") / "color-palette"
    shutil.copytree(checkout(), directory, symlinks=True)
    engine.run("tag", build(), "color-palette")
    compose = yaml.safe_load((directory / "compose.yaml").read_text(encoding="utf-8"))
    override, addresses = other_ports(compose)
    (directory / "compose.override.yaml").write_text(override, encoding="utf-8")
    make_up(directory)
    engine.compose("up", "--detach", "--wait", "--no-build", directory=directory)
    try:
        yield {
            "directory": directory,
            "api": Site(f"http://{addresses['api']}"),
            "prometheus": Site(f"http://{addresses['prometheus']}"),
        }
    finally:
        engine.compose("down", "--volumes", directory=directory, check=False)


def make_up(directory: Path) -> None:
    """Does what `make up` does besides asking the engine, which is not the one of this machine."""
    docker = directory.parent / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text("#!/bin/sh\n", encoding="utf-8")
    docker.chmod(0o755)
    path = f"{docker.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["make", "up"], cwd=directory, env={**os.environ, "PATH": path}, check=True)


def inspect(engine: Engine, project: dict[str, Any], service: str) -> Any:
    """What the engine knows of the container of a service."""
    command = ("ps", "--all", "--quiet", service)
    name = engine.compose(*command, directory=project["directory"]).stdout.strip()
    return json.loads(engine.run("inspect", name).stdout)[0]


def query(engine: Engine, project: dict[str, Any], statement: str) -> str:
    """Asks the database."""
    psql = ("psql", "--username=app", "--tuples-only", "--no-align", f"--command={statement}")
    command = ("exec", "--no-TTY", "database", *psql)
    return str(engine.compose(*command, directory=project["directory"]).stdout).strip()


def test_the_api_answers_and_its_row_is_in_the_database(engine, project):
    created = project["api"].post("/v1/colors", name="Red", category="warm")
    assert created.status_code == 201
    identifier = created.json()["id"]
    assert query(engine, project, f"SELECT name FROM colors WHERE id = '{identifier}'") == "Red"


def test_a_pipeline_of_gitlab_can_ask_the_api_from_inside(engine, project, bake):
    pipeline = yaml.safe_load((bake(ci="gitlab") / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    commands = map(shlex.split, pipeline["containers"]["script"])
    (ask,) = [command[2:] for command in commands if command[:2] == ["docker", "compose"]]
    engine.compose(*ask, directory=project["directory"])
    wrong = [word.replace("/v1/colors", "/v1/colours") for word in ask]
    assert engine.compose(*wrong, directory=project["directory"], check=False).returncode != 0


def test_the_migrations_have_run_once_before_the_service(engine, project):
    migrate, api = (inspect(engine, project, name) for name in ("migrate", "api"))
    assert (migrate["State"]["Status"], migrate["State"]["ExitCode"]) == ("exited", 0)
    assert migrate["RestartCount"] == 0
    assert migrate["State"]["FinishedAt"] <= api["State"]["StartedAt"]
    assert query(engine, project, "SELECT version_num FROM alembic_version") == "0001"


def test_the_database_is_reached_by_its_neighbours_only(engine, project):
    assert not any(inspect(engine, project, "database")["NetworkSettings"]["Ports"].values())


def test_a_password_is_needed(engine, project):
    url = "postgresql+psycopg://app:wrong@database/app"
    command = ("run", "--rm", "--no-deps", "--env", f"APP_DATABASE__URL={url}", "api", "migrate")
    result = engine.compose(*command, directory=project["directory"], check=False)
    assert result.returncode != 0
    assert "password authentication failed" in result.stdout + result.stderr


def test_prometheus_scrapes_the_service_and_knows_its_rules(project):
    def up() -> bool:
        asked = project["prometheus"].get("/api/v1/query?query=up").json()["data"]["result"]
        return [(sample["metric"]["job"], sample["value"][1]) for sample in asked] == [
            ("color-palette", "1")
        ]

    wait_for(up, "a scrape", 40)
    groups = project["prometheus"].get("/api/v1/rules").json()["data"]["groups"]
    assert groups
    assert {rule["health"] for group in groups for rule in group["rules"]} <= {"ok", "unknown"}


def test_a_second_start_keeps_the_data_and_the_password(engine, project):
    project["api"].post("/v1/colors", name="Kept", category="warm")
    engine.compose("stop", directory=project["directory"])
    assert inspect(engine, project, "api")["State"]["ExitCode"] == 0
    secret = (project["directory"] / ".secrets" / "database__url").read_text()
    subprocess.run(["make", ".secrets/database__url"], cwd=project["directory"], check=True)
    assert (project["directory"] / ".secrets" / "database__url").read_text() == secret
    command = ("up", "--detach", "--wait", "--no-build", "api")
    engine.compose(*command, directory=project["directory"])
    names = [item["name"] for item in project["api"].get("/v1/colors").json()["items"]]
    assert "Kept" in names
