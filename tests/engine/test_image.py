"""The image: really built from the service as it is generated, and really run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from ..live import wait_for
from .conftest import MEMORY, SQLITE, Build
from .container import Container
from .engine import Engine

USER = "10001"
LOCKED_DOWN = ["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
# Services whose images differ, and what they need to be told.
SERVICES = {
    "sqlite": (SQLITE, ["--env=APP_DATABASE__URL=sqlite:////data/color_palette.db"]),
    "none": (MEMORY, []),
}


@contextmanager
def served(engine: Engine, image: str, *options: str, port: int = 8080) -> Iterator[Container]:
    """Runs the service with as few rights as possible, and waits until it is ready."""
    options = (*LOCKED_DOWN, "--env=OTEL_SDK_DISABLED=true", *options)
    container = Container(engine, image, *options, ports=[port])
    try:
        wait_for(container.ready, f"start of {image}", 60)
        yield container
    finally:
        container.remove()


@pytest.fixture
def volume(engine: Engine) -> Iterator[str]:
    """An empty volume for the data, as an option for containers."""
    name = f"test-{uuid4().hex[:8]}"
    yield f"--volume={name}:/data"
    engine.run("volume", "rm", name, check=False)


@pytest.mark.parametrize("kind", SERVICES)
def test_a_service_runs_without_rights_and_ends_well(engine, build: Build, volume, kind):
    answers, options = SERVICES[kind]
    image = build(**answers)
    if kind == "sqlite":
        options = [*options, volume]
        migrated = engine.run("run", "--rm", *LOCKED_DOWN, *options, image, "migrate")
        assert "Running upgrade  -> 0001" in migrated.stderr
    with served(engine, image, *options) as container:
        created = container.post("/v1/colors", name="Red", category="warm")
        assert created.status_code == 201
        assert container.get("/v1/colors").json()["items"] == [created.json()]
        assert container.run("id", "--user").strip() == USER
        wait_for(lambda: container.inspect(".State.Health.Status") == "healthy", "health", 30)
        container.stop()
        assert container.inspect(".State.ExitCode") == "0"
        for line in container.log().splitlines():
            assert json.loads(line)["service"] == "color-palette"


def test_data_outlive_the_container(engine, build: Build, volume):
    answers, options = SERVICES["sqlite"]
    image = build(**answers)
    engine.run("run", "--rm", *LOCKED_DOWN, *options, volume, image, "migrate")
    with served(engine, image, *options, volume) as container:
        created = container.post("/v1/colors", name="Blue", category="cold").json()
    with served(engine, image, *options, volume) as container:
        assert container.get(f"/v1/colors/{created['id']}").json() == created


def test_the_image_has_nothing_to_build_with(engine, build: Build):
    found = engine.run(
        "run",
        "--rm",
        build(),
        "sh",
        "-c",
        "command -v pip uv gcc cc make; ls /build /dist",
        check=False,
    )
    assert found.stdout == ""


def test_the_image_says_what_it_is(engine, build: Build, checkout):
    engine.build(checkout(), "labelled", "--build-arg=VERSION=1.2.3", "--build-arg=REVISION=abc")
    labels = json.loads(
        engine.run("inspect", "--format={{json .Config.Labels}}", "labelled").stdout
    )
    assert labels == {
        "org.opencontainers.image.title": "color-palette",
        "org.opencontainers.image.licenses": "MIT",
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.revision": "abc",
    }


def test_the_files_of_the_image_are_not_those_of_its_user(engine, build: Build):
    command = "find / -xdev -user 10001 -not -path '/proc/*'; touch /app/x"
    result = engine.run("run", "--rm", build(), "sh", "-c", command, check=False)
    assert result.stdout == ""
    assert "Permission denied" in result.stderr


def test_any_other_command_is_run_and_an_unknown_one_fails(engine, build: Build):
    version = engine.run("run", "--rm", build(), "gunicorn", "--version")
    assert version.stdout.startswith("gunicorn ")
    assert engine.run("run", "--rm", build(), "srve", check=False).returncode == 127


def test_without_its_settings_it_ends_with_one_line(engine, build: Build):
    result = engine.run("run", "--rm", build(), check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("configuration: database.url: Field required")
    assert result.stderr.count("\n") == 1


def test_the_health_check_asks_where_the_service_listens_and_no_proxy(engine, build: Build):
    answers, _ = SERVICES["none"]
    options = [f"--env={name}=http://127.0.0.1:9" for name in ("http_proxy", "HTTP_PROXY")]
    options += ["--env=APP_SERVER__BIND=0.0.0.0:8090", "--health-interval=1s"]
    with served(engine, build(**answers), *options, port=8090) as container:
        wait_for(lambda: container.inspect(".State.Health.Status") == "healthy", "health", 30)


def test_the_health_check_sees_a_service_that_hangs(engine, build: Build):
    answers, options = SERVICES["none"]
    quick = ["--health-interval=1s", "--health-timeout=2s", "--health-retries=1"]
    with served(engine, build(**answers), *options, *quick) as container:
        wait_for(lambda: container.inspect(".State.Health.Status") == "healthy", "health", 30)
        container.run("sh", "-c", "kill -STOP -1")
        wait_for(lambda: container.inspect(".State.Health.Status") == "unhealthy", "illness", 40)
