"""The engine, its images and the images of services: each made once."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tools.template import TEMPLATE

from ..conftest import Bake
from .engine import Engine

Build = Callable[..., str]

# Services that have another image than the default one.
SQLITE = {"database": "sqlite"}
MEMORY = {"database": "none", "tracing": "none", "metrics": False, "http_client": False}


def base_image() -> str:
    """The image that the Dockerfile starts from."""
    text = (TEMPLATE / "Dockerfile").read_text(encoding="utf-8")
    (name,) = set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))
    return name


@pytest.fixture(scope="session")
def engine(bake: Bake) -> Iterator[Engine]:
    """An engine that has what the services need; no registry is asked."""
    compose = yaml.safe_load((bake() / "compose.yaml").read_text(encoding="utf-8"))
    named = {name: service["image"] for name, service in compose["services"].items()}
    with Engine() as engine:
        engine.make_stand_ins(
            {
                "python": base_image(),
                "postgres": named["database"],
                "prometheus": named["prometheus"],
            }
        )
        for name in ("jaeger", "grafana"):
            engine.run("tag", named["prometheus"], named[name])
        yield engine


@pytest.fixture(scope="session")
def checkout(bake: Bake, tmp_path_factory: pytest.TempPathFactory) -> Bake:
    """Copies a generated service as a checkout under umask 077 has it: for nobody but its owner."""

    def closed(**answers: object) -> Path:
        service = bake(**answers)
        copy = tmp_path_factory.getbasetemp() / "checkouts" / service.parent.name / service.name
        if not copy.exists():
            shutil.copytree(service, copy, symlinks=True)
            for path in [copy, *copy.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode & 0o700)
        return copy

    return closed


@pytest.fixture(scope="session")
def build(engine: Engine, checkout: Bake) -> Build:
    """Builds the image of the service for some answers, once; returns its name."""
    built: dict[Path, str] = {}

    def build(**answers: object) -> str:
        service = checkout(**answers)
        if service not in built:
            name = f"{service.name}:{len(built)}"
            start = time.monotonic()
            engine.build(service, name)
            seconds = time.monotonic() - start
            built[service] = name
            size = int(engine.run("inspect", "--format={{.Size}}", name).stdout)
            base = int(engine.run("inspect", "--format={{.Size}}", base_image()).stdout)
            print(
                f"\n{name} {answers}: built in {seconds:.0f} s, {size / 1e6:.0f} MB, "
                f"of which {base / 1e6:.0f} MB are the stand-in of {base_image()}"
            )
        return built[service]

    return build
