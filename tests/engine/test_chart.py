"""The chart: what Helm renders of it is really run, from the image that is really built."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools import helm
from tools.checker.chart import CHART

from ..conftest import Bake
from ..live import Site, free_address, wait_for
from .conftest import Build
from .engine import DOCKER, Engine
from .podman import Podman

ANSWERS = {"database": "sqlite"}
VALUES = ["--set=image.repository=localhost/color-palette", "--set=image.tag=test"]
# What a pod needs. Podman knows no Services, policies and claims of others.
KINDS = ("ConfigMap", "PersistentVolumeClaim", "Deployment")

Object = dict[str, Any]


def render(service: Path) -> dict[str, Object]:
    """The objects that a pod needs, by their kinds."""
    result = helm.run("template", "color", str(service / CHART), *VALUES)
    assert result.returncode == 0, result.stderr
    objects = [one for one in yaml.safe_load_all(result.stdout) if one]
    return {one["kind"]: one for one in objects if one["kind"] in KINDS}


def adapt(deployment: Object, address: str) -> dict[str, Object]:
    """Publishes the API, and takes the probes away: podman would ask by curl, in the container.

    Returns the probes, by their names.
    """
    host, _, port = address.partition(":")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    (http,) = [one for one in container["ports"] if one["name"] == "http"]
    http |= {"hostIP": host, "hostPort": int(port)}
    names = [name for name in container if name.endswith("Probe")]
    return {name: container.pop(name)["httpGet"] for name in names}


@pytest.fixture(scope="module")
def pod(engine: Engine, build: Build, bake: Bake) -> Iterator[dict[str, Any]]:
    """The pod of a service with SQLite, whose migrations are an init container of it."""
    objects = render(bake(**ANSWERS))
    address = free_address()
    probes = adapt(objects["Deployment"], address)
    with Podman() as podman:
        engine.run("tag", build(**ANSWERS), "localhost/color-palette:test")
        save = [DOCKER, "save", "localhost/color-palette:test"]
        with subprocess.Popen(save, env=engine.environment, stdout=subprocess.PIPE) as saving:
            podman.run("load", stdin=saving.stdout)
        podman.play([objects[kind] for kind in KINDS])
        site = Site(f"http://{address}")
        containers = podman.run("ps", "--all", "--format={{.Names}}").stdout.split()
        (api,) = [name for name in containers if name.endswith("-api")]
        try:
            wait_for(site.ready, "start of the pod", 60)
        except AssertionError:
            print(podman.run("logs", api, check=False).stdout)
            raise
        yield {"podman": podman, "site": site, "api": api, "probes": probes, **objects}


def test_the_pod_answers_what_is_asked_of_it_and_of_its_probes(pod):
    created = pod["site"].post("/v1/colors", name="Red", category="warm")
    assert created.status_code == 201
    assert pod["site"].get("/v1/colors").json()["items"] == [created.json()]
    assert sorted(pod["probes"]) == ["livenessProbe", "readinessProbe", "startupProbe"]
    for probe in pod["probes"].values():
        assert pod["site"].status(probe["path"]) == 200


def test_the_pod_has_no_rights(pod):
    def run(command: str) -> str:
        result = pod["podman"].run("exec", pod["api"], "sh", "-c", command, check=False)
        return str(result.stdout)

    assert run("id -u; id -g").split() == ["10001", "10001"]
    assert "Read-only file system" in run("touch /x")
    status = dict(line.split(":\t") for line in run("cat /proc/1/status").splitlines())
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


def test_the_settings_of_the_values_are_those_of_the_service(pod):
    shown = pod["podman"].run("exec", pod["api"], "color-palette", "show-config").stdout
    (path,) = [
        one["mountPath"]
        for one in pod["Deployment"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
        if one["name"] == "settings"
    ]
    assert f"server.drain_delay = 5  # file {path}/settings.yaml" in shown


def test_the_pod_ends_within_its_time(pod):
    seconds = pod["Deployment"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    pod["podman"].run("stop", f"--time={seconds}", pod["api"])
    state = pod["podman"].run("inspect", "--format={{.State.ExitCode}}", pod["api"])
    assert state.stdout.strip() == "0"
