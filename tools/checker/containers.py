"""Containers: the image and the Compose file are right, and fit each other and the service."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from .. import documents
from .family import Family
from .memory import unless_clean
from .programs import Program, reader, whole
from .service import Service

TOOLS = Path(sys.executable).parent
# An image that keeps data: nobody but its neighbours may reach it.
STORES = ("postgres:",)
DATABASE_SECRETS = ".secrets/"

SCRAPES = "deploy/compose/prometheus.yaml"
READ = ("Dockerfile", ".dockerignore", "compose.yaml", SCRAPES)
# What is copied or mounted.
NAMED = (
    "LICENSE",
    "README.md",
    "config/",
    "deploy/",
    "gunicorn.conf.py",
    "migrations/",
    "pyproject.toml",
    "requirements",
)


def program(family: Family) -> Program:
    """Image and Compose are seen together."""
    read = reader(READ, (*NAMED, f"{family.package}/__init__.py"))
    return whole(family, read, family.where("Dockerfile"))


def faults(service: Service) -> Iterator[str]:
    """Finds what hadolint, Compose and its schema find, and what they do not look at."""
    if "Dockerfile" not in service.texts:
        return
    yield from tool_faults(service)
    yield from dockerfile_faults(service)
    try:
        compose = documents.load(service.texts["compose.yaml"])
        yield from compose_faults(service, compose)
        yield from scrape_faults(service, compose)
    except (AttributeError, KeyError, TypeError, yaml.YAMLError) as error:
        yield f"compose.yaml: cannot be understood: {error!r}"


def tool_faults(service: Service) -> Iterator[str]:
    """Lets the well-known tools look, unless the file that they read was clean."""
    schema = ["--builtin-schema", "vendor.compose-spec"]
    for command in (
        ["hadolint", "--no-color", "Dockerfile"],
        ["check-jsonschema", "--color=never", *schema, "compose.yaml"],
        ["docker-compose", "--file", "compose.yaml", "config", "--quiet"],
    ):
        key = (*command, *(service.texts.get(word) for word in command))
        yield from unless_clean(service.memory, key, partial(run, service, command))


def run(service: Service, command: list[str]) -> Iterator[str]:
    """Runs one of them."""
    result = subprocess.run(
        [str(TOOLS / command[0]), *command[1:]],
        cwd=service.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        yield f"{command[0]}: {' '.join((result.stdout + result.stderr).split())}"


def instructions(text: str, name: str) -> list[str]:
    """The arguments of each instruction of a Dockerfile that has this name."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return re.findall(rf"^\s*{name} (.+)$", joined, re.MULTILINE)


def dockerfile_faults(service: Service) -> Iterator[str]:
    """Finds files that are not there or left out, privileges, and processes behind a shell."""
    text = service.texts["Dockerfile"]
    ignore = service.texts.get(".dockerignore", "").splitlines()
    let_through = tuple(line[1:] for line in ignore if line.startswith("!"))
    for arguments in instructions(text, "COPY"):
        *sources, _ = [argument for argument in arguments.split() if not argument.startswith("--")]
        if "--from=" in arguments:
            continue
        for source in sources:
            if not any(f"{path}/".startswith(f"{source}/") for path in service.texts):
                yield f"Dockerfile: copies {source}, which is not there"
            if not any(f"{source}/".startswith(f"{path}/") for path in let_through):
                yield f".dockerignore: keeps out {source}, which the Dockerfile copies"
    for image in instructions(text, "FROM"):
        if not re.match(r"[\w./-]+:\d[\w.-]+( |$)", image):
            yield f"Dockerfile: starts from {image}, which is no version"
    (*_, user) = instructions(text, "USER") or [""]
    if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", user):
        yield f"Dockerfile: runs as {user or 'root'}, which is not a user by number"
    for name in ("ENTRYPOINT", "CMD", "HEALTHCHECK"):
        for arguments in instructions(text, name) or [""]:
            try:
                json.loads(arguments.partition("[")[1] + arguments.partition("[")[2])
            except ValueError:
                yield f"Dockerfile: {name} is not a list of words"


def compose_faults(service: Service, compose: dict[str, Any]) -> Iterator[str]:
    """Finds what the schema of Compose does not know."""
    slug, services = service.answers["project_slug"], compose["services"]
    exposed = " ".join(instructions(service.texts["Dockerfile"], "EXPOSE")).split()
    used: set[str] = set()
    for name, container in services.items():
        place, is_service = f"compose.yaml: {name}", container["image"] == slug
        if not is_service and not re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*", container["image"]):
            yield f"{place}: has the image {container['image']}, which is no version"
        for port in container.get("ports", []):
            address, _, inside = port.rpartition(":")
            if not address.startswith("127.0.0.1:") or container["image"].startswith(STORES):
                yield f"{place}: publishes {port}"
            if is_service and inside not in exposed:
                yield f"{place}: publishes {inside}, which the Dockerfile does not expose"
        for volume in container.get("volumes", []):
            source = volume.partition(":")[0]
            used.add(source)
            path = source.removeprefix("./")
            if path != source and not any(f"{t}/".startswith(f"{path}/") for t in service.texts):
                yield f"{place}: mounts {path}, which is not there"
        used |= set(container.get("secrets", []))
        if is_service:
            yield from privileges(place, container)
        conditions = container.get("depends_on", {})
        for other in conditions if isinstance(conditions, dict) else ():
            healthy = conditions[other]["condition"] == "service_healthy"
            if healthy and "test" not in services[other].get("healthcheck", {}):
                yield f"{place}: waits for the health of {other}, which has no check"
    for kind in ("volumes", "secrets"):
        for name in compose.get(kind, {}):
            if name not in used:
                yield f"compose.yaml: nothing uses {name} of {kind}"
    for name, secret in compose.get("secrets", {}).items():
        if not secret["file"].startswith(DATABASE_SECRETS):
            yield f"compose.yaml: the secret {name} is a file of the repository"


def privileges(place: str, container: dict[str, Any]) -> Iterator[str]:
    """Finds what a container of the service may do without need."""
    wanted = {
        "read_only": True,
        "tmpfs": ["/tmp"],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
    }
    for key, value in wanted.items():
        if container.get(key) != value:
            yield f"{place}: {key} is not {value}"


def scrape_faults(service: Service, compose: dict[str, Any]) -> Iterator[str]:
    """Finds a scrape job that the rules do not know, and targets that are no services."""
    if SCRAPES not in service.texts:
        return
    (job,) = documents.load(service.texts[SCRAPES])["scrape_configs"]
    if job["job_name"] != service.answers["project_slug"]:
        yield f"{SCRAPES}: the job {job['job_name']} is not named after the service"
    for target in (address for config in job["static_configs"] for address in config["targets"]):
        host, _, port = target.partition(":")
        exposed = " ".join(instructions(service.texts["Dockerfile"], "EXPOSE")).split()
        if host not in compose["services"] or port not in exposed:
            yield f"{SCRAPES}: asks {target}, where nothing is"
