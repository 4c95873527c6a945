"""Dependencies: what is declared is used, and what is used is declared."""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..lock import group
from .service import Service

# What is used without an import, and the text that shows it.
WITHOUT_IMPORT = {
    "flask-swagger-ui": r'files\("flask_swagger_ui"\)',
    "gunicorn": r"\$\(BIN\)/gunicorn",
    # Not used, but held back.
    "jsonschema": r"# Connexion 2 uses parts of jsonschema",
    "psycopg": r"postgresql\+psycopg:",
    "pytest-cov": r",--cov=chassis\)",
    # Not used, but missing otherwise.
    "six": r"# jaeger-client imports it",
    "tox-uv": r"uv_python_preference",
    "types-gevent": r"\bgevent\b",
    "uv-build": r'build-backend = "uv_build"',
}


def faults(service: Service) -> Iterator[str]:
    """Finds packages that are declared and not used, or used and not declared."""
    try:
        project = tomllib.loads(service.texts["pyproject.toml"])
        runtime = names(project["project"]["dependencies"])
        development = names(group(project["dependency-groups"], "dev"))
    except (KeyError, tomllib.TOMLDecodeError):
        return
    yield from runtime_faults(service)
    for name in development:
        if name in runtime:
            yield f"pyproject.toml: {name} is declared twice"
        elif not is_used_in_development(service, name):
            yield f"pyproject.toml: nothing uses the development package {name}"
    declared = {*runtime, *development}
    for name, shown_by in WITHOUT_IMPORT.items():
        if name in declared and not service.search(shown_by):
            yield f"pyproject.toml: nothing uses the package {name}"


def names(requirements: list[str]) -> list[str]:
    """The packages that requirements name."""
    return [canonicalize_name(Requirement(requirement).name) for requirement in requirements]


def runtime_faults(service: Service) -> Iterator[str]:
    """Lets deptry compare the imports of what is installed with what is declared."""
    modules = ",".join(
        f"{name}={'|'.join(provided)}" for name, provided in packages(service.environment).items()
    )
    command = [sys.executable, "-m", "deptry", ".", "--no-ansi"]
    command += ["--known-first-party", service.answers["package_name"]]
    command += ["--known-first-party", "chassis", "--extend-exclude", "^tools/"]
    command += ["--package-module-name-map", modules]
    command += ["--per-rule-ignores", f"DEP002={'|'.join(WITHOUT_IMPORT)}"]
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        command += ["--json-output", str(report)]
        run = subprocess.run(command, cwd=service.root, capture_output=True, text=True, check=False)
        if not report.exists():
            yield f"deptry: {run.stderr.strip()}"
            return
        for found in json.loads(report.read_text(encoding="utf-8")):
            place = found["location"]
            line = f":{place['line']}" if place["line"] else ""
            yield f"{place['file']}{line}: {found['error']['message']}"


def is_used_in_development(service: Service, name: str) -> bool:
    """Whether the tests import a package, a command of it is run, or it has types of an import."""
    if name in WITHOUT_IMPORT:
        return True
    modules = packages(service.environment).get(name, [])
    stubs = [module.removesuffix("-stubs") for module in modules if module.endswith("-stubs")]
    imported = "|".join(map(re.escape, [*modules, *stubs]))
    if imported and service.search(rf"^\s*(from|import) ({imported})\b"):
        return True
    commands = "|".join(map(re.escape, commands_of(service.environment).get(name, [])))
    used = rf'\$\(BIN\)/({commands})\b|commands = \[\["({commands})"'
    return bool(commands) and any(
        path in ("Makefile", "pyproject.toml") for path, _, _ in service.search(used)
    )


@cache
def distributions(environment: Path) -> dict[str, metadata.Distribution]:
    """The installed packages of an environment."""
    (site,) = environment.glob("lib/python*/site-packages")
    installed = metadata.distributions(path=[str(site)])
    return {canonicalize_name(distribution.name): distribution for distribution in installed}


@cache
def packages(environment: Path) -> dict[str, list[str]]:
    """The modules that each installed package brings."""
    found = {}
    for name, package in distributions(environment).items():
        tops = {path.parts[0] for path in package.files or [] if len(path.parts) > 1}
        tops |= {p.name.partition(".")[0] for p in package.files or [] if len(p.parts) == 1}
        modules = {top for top in tops if re.fullmatch(r"\w+(-stubs)?", top)}
        found[name] = sorted(modules)
    return found


@cache
def commands_of(environment: Path) -> dict[str, list[str]]:
    """The commands that each installed package brings."""
    return {
        name: [entry.name for entry in package.entry_points.select(group="console_scripts")]
        or [path.name for path in package.files or [] if path.parent.name == "bin"]
        for name, package in distributions(environment).items()
    }
