"""The chart: what Helm renders runs as it would in a cluster."""

import base64
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import yaml
from pydantic import ValidationError

from tools.checker import chart

from ..conftest import Bake
from ..kubernetes import Object
from ..live import PASSWORD, wait_for
from .conftest import MEMORY, SQLITE, Build
from .container import Container
from .engine import Engine
from .kubelet import Node, PodError, Replica
from .pod import PodSpec

Install = Callable[..., list[Object]]


@pytest.fixture
def node(engine: Engine, tmp_path: Path) -> Iterator[Node]:
    """A node with a network of its own."""
    network = f"test-{uuid4().hex[:8]}"
    engine.run("network", "create", network)
    yield Node(engine, network, tmp_path / "volumes")
    engine.run("network", "rm", network)


@pytest.fixture
def install(engine: Engine, build: Build, bake: Bake) -> Install:
    """Renders the chart for some answers and builds the image that it names; returns the objects."""

    def installed(**answers: object) -> list[Object]:
        objects = chart.render(bake(**answers) / chart.CHART, "default")
        (container,) = template(objects)["spec"]["containers"]
        engine.run("tag", build(**answers), container["image"])
        return objects

    return installed


@pytest.fixture
def database(engine: Engine, bake: Bake, node: Node, tmp_path: Path) -> Iterator[Container]:
    """The database of the Compose file, empty, beside the pods."""
    compose = yaml.safe_load((bake() / "compose.yaml").read_text(encoding="utf-8"))
    described = compose["services"]["database"]
    variables = described["environment"]
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    container = Container(
        engine,
        described["image"],
        f"--network={node.network}",
        f"--volume={password}:{variables['POSTGRES_PASSWORD_FILE']}:ro",
        *(f"--env={name}={value}" for name, value in variables.items()),
        ports=[5432],
    )
    try:
        ask = ("exec", container.name, *described["healthcheck"]["test"][1:])
        wait_for(lambda: engine.run(*ask, check=False).returncode == 0, "database", 60)
        yield container
    finally:
        container.remove()


def secret(**values: str) -> Object:
    """The Secret that is there before the chart is installed."""
    name = chart.REQUIRED["database"]["existingSecret"]
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"kind": "Secret", "metadata": {"name": name}, "data": data}


def url(database: Container, password: str = PASSWORD) -> str:
    """Where the pods find the database."""
    return f"postgresql+psycopg://app:{password}@{database.name}:5432/app"


def phase(objects: list[Object], hook: str = "") -> list[Object]:
    """The objects that Helm makes for one of its hooks, or for none."""
    return [
        manifest
        for manifest in objects
        if hook in manifest["metadata"].get("annotations", {}).get("helm.sh/hook", "").split(",")
    ]


def single(objects: list[Object], kind: str) -> Object:
    """The only object of a kind."""
    (found,) = [manifest for manifest in objects if manifest["kind"] == kind]
    return found


def template(objects: list[Object]) -> Object:
    """The template of the pods of the Deployment."""
    found: Object = single(objects, "Deployment")["spec"]["template"]
    return found


def migrate(node: Node, objects: list[Object], *before: Object) -> str:
    """Runs the Job while nothing of the release is there, and returns what it writes."""
    job = single(phase(objects, "pre-install"), "Job")["spec"]
    return node.complete(job["template"]["spec"], list(before), job["activeDeadlineSeconds"])


def live(node: Node, objects: list[Object], *before: Object) -> None:
    """Takes a pod of the Deployment from its start to its end; meanwhile it makes a row."""
    there = [*before, *phase(objects)]
    start = time.monotonic()
    with node.start(template(objects), there) as replica:
        assert len(replica.container.probes) == 3
        for probe in replica.container.probes:
            replica.await_success(probe)
        ready = time.monotonic() - start
        assert_restricted(replica)
        assert_settings_are_read(replica)
        created = replica.site.post("/v1/colors", name="Red", category="warm")
        assert created.status_code == 201
        found = replica.site.get(f"/v1/colors/{created.json()['id']}")
        assert found.json() == created.json()
        tests = phase(objects, "test")
        assert tests
        for pod in tests:
            assert node.complete(pod["spec"], there)
        memory = replica.site.memory()
        end = replica.end()
    assert end < replica.pod.termination_grace_period_seconds
    print(f"\nready in {ready:.1f} s, uses {memory}, ended in {end:.1f} s")


def assert_restricted(replica: Replica) -> None:
    """What the pod may not do has reached the process."""
    lines = replica.site.run("cat", "/proc/1/status").splitlines()
    status = {name: text.split() for name, _, text in (line.partition(":") for line in lines)}
    user = replica.pod.security_context
    assert set(status["Uid"]) == {str(user.run_as_user)}
    assert set(status["Gid"]) == {str(user.run_as_group)}
    assert {int(text, 16) for name in ("CapEff", "CapBnd") for text in status[name]} == {0}
    assert (status["NoNewPrivs"], status["Seccomp"]) == (["1"], ["2"])
    root = replica.site.run("cat", "/proc/mounts").splitlines()[0].split()
    assert (root[1], root[3].split(",")[0]) == ("/", "ro")


def assert_settings_are_read(replica: Replica) -> None:
    """The service names the files of the ConfigMap and of the Secret as sources."""
    shown = replica.site.run("color-palette", "show-config")
    given = [mount.mount_path for mount in replica.container.volume_mounts if mount.read_only]
    assert given
    assert [path for path in given if f" {path}/" not in shown] == []


def test_a_service_with_a_database_server_runs(node: Node, install: Install, database: Container):
    objects = install()
    # Made from what is typed, it ends with a new line.
    before = secret(url=f"{url(database)}\n")
    assert "Running upgrade  -> 0001" in migrate(node, objects, before)
    live(node, objects, before)
    psql = ("psql", "--username=app", "--tuples-only", "--no-align")
    assert database.run(*psql, "--command=SELECT name FROM colors") == "Red\n"


def test_a_service_with_a_file_as_database_runs(node: Node, install: Install):
    objects = install(**SQLITE)
    live(node, objects)
    claim = single(objects, "PersistentVolumeClaim")["metadata"]["name"]
    (file,) = node.claimed(claim).glob("*.db")
    assert sqlite3.connect(file).execute("SELECT name FROM colors").fetchall() == [("Red",)]


def test_a_service_without_a_database_runs(node: Node, install: Install):
    live(node, install(**MEMORY))


def test_a_wrong_secret_is_noticed(node: Node, install: Install, database: Container):
    objects = install()
    for wrong, fault in (
        ([], "there is no Secret database"),
        ([secret(uri=url(database))], "the Secret database has no key url"),
        ([secret(url=url(database, "wrong"))], "password authentication failed"),
    ):
        with pytest.raises(PodError, match=fault):
            migrate(node, objects, *wrong)


def test_a_container_that_ends_is_noticed(node: Node, install: Install):
    objects = install(**MEMORY)
    template(objects)["spec"]["containers"][0]["args"] = ["srve"]
    with (
        node.start(template(objects), phase(objects)) as replica,
        pytest.raises(PodError, match=r"ended with 127: .*srve: not found"),
    ):
        replica.await_success(replica.container.probes[0])


def test_too_little_memory_is_noticed(engine: Engine, node: Node, install: Install):
    if engine.run("info", "--format={{.MemoryLimit}}").stdout.strip() != "true":
        pytest.skip("this engine cannot limit memory")
    objects = install(**MEMORY)
    template(objects)["spec"]["containers"][0]["resources"]["limits"]["memory"] = "16Mi"
    with (
        node.start(template(objects), phase(objects)) as replica,
        pytest.raises(PodError, match="ended with 137"),
    ):
        replica.await_success(replica.container.probes[0])


def test_wrong_probes_and_a_short_end_are_noticed(node: Node, install: Install):
    objects = install(**MEMORY)
    spec = template(objects)["spec"]
    spec["terminationGracePeriodSeconds"] = 1
    readiness = spec["containers"][0]["readinessProbe"]
    readiness["httpGet"]["path"] += "y"
    readiness["periodSeconds"] = 1
    with node.start(template(objects), phase(objects)) as replica:
        started, *_, ready = replica.container.probes
        replica.await_success(started)
        with pytest.raises(PodError, match="/readyzy"):
            replica.await_success(ready)
        with pytest.raises(PodError, match="ended with 137"):
            replica.end()


# Where a field is put, and which; the last ones have values that are not known.
UNKNOWN = [
    ((), {"hostNetwork": True}),
    (("securityContext",), {"supplementalGroups": [1]}),
    (("volumes", 0), {"hostPath": {"path": "/"}}),
    (("containers", 0), {"lifecycle": {}}),
    (("containers", 0), {"envFrom": []}),
    (("containers", 0, "env", 0), {"valueFrom": {}}),
    (("containers", 0, "livenessProbe"), {"initialDelaySeconds": 1}),
    (("containers", 0, "resources", "limits"), {"cpu": "1"}),
    (("containers", 0, "volumeMounts", 0), {"subPath": "a"}),
    (("containers", 0, "securityContext"), {"privileged": True}),
    (("containers", 0, "securityContext"), {"readOnlyRootFilesystem": False}),
    (("containers", 0, "env", 0), {"value": "$(HOME)"}),
]


@pytest.mark.parametrize(("place", "field"), UNKNOWN, ids=str)
def test_what_is_not_known_is_refused(bake: Bake, place, field):
    spec = template(chart.render(bake() / chart.CHART, "default"))["spec"]
    PodSpec.model_validate(spec)
    part = spec
    for key in place:
        part = part[key]
    part |= field
    (name,) = field
    with pytest.raises(ValidationError) as refused:
        PodSpec.model_validate(spec)
    assert [error["loc"] for error in refused.value.errors()] == [(*place, name)]
