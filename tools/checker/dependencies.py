"""Dependencies: what is declared is used, and what is used is declared."""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..conditions import NEVER, Condition
from ..lock import group
from .family import Family
from .file import Fault, Line
from .imports import imports

# What an installed service does not have.
NOT_INSTALLED = ("tests/", "tools/")
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


def faults(family: Family) -> Iterator[Fault]:
    """Finds packages that are declared and not used, or used and not declared."""
    runtime, development = declared(family, "runtime"), declared(family, "dev")
    for name, condition in development.items():
        if wrong := condition & runtime.get(name, NEVER):
            yield Fault(f"pyproject.toml: {name} is declared twice", wrong)
    for name in sorted({*runtime, *development} & WITHOUT_IMPORT.keys()):
        condition = runtime.get(name, NEVER) | development.get(name, NEVER)
        shown = conditions(line for line, _ in family.search(WITHOUT_IMPORT[name]))
        if wrong := condition & ~shown:
            yield Fault(f"pyproject.toml: nothing uses the package {name}", wrong)
    yield from runtime_faults(family, runtime)
    for name, condition in development.items():
        wrong = condition & ~runtime.get(name, NEVER) & ~use_in_development(family, name)
        if wrong and name not in WITHOUT_IMPORT:
            yield Fault(f"pyproject.toml: nothing uses the development package {name}", wrong)


def declared(family: Family, group_name: str) -> dict[str, Condition]:
    """The packages that are declared for running a service or in a group, and where."""
    found: dict[str, Condition] = {}
    for text, condition in family.texts("pyproject.toml").items():
        try:
            project = tomllib.loads(text)
            requirements = (
                project["project"]["dependencies"]
                if group_name == "runtime"
                else group(project["dependency-groups"], group_name)
            )
        except (KeyError, tomllib.TOMLDecodeError):
            continue
        for requirement in requirements:
            name = name_of(requirement)
            found[name] = found.get(name, NEVER) | condition
    return found


@cache
def name_of(requirement: str) -> str:
    """The package that a requirement names."""
    return canonicalize_name(Requirement(requirement).name)


def conditions(lines: Iterable[Line]) -> Condition:
    """Where there is any of some lines."""
    there = NEVER
    for line in lines:
        there |= line.condition
    return there


def runtime_faults(family: Family, runtime: dict[str, Condition]) -> Iterator[Fault]:
    """Compares the imports of what is installed with what is declared."""
    providers: dict[str, list[str]] = {}
    for name, modules in packages(family.environment).items():
        for module in modules:
            providers.setdefault(module, []).append(name)
    first_party = {family.names["package_name"], "chassis", *sys.stdlib_module_names}
    used: dict[str, Condition] = {}
    for module in family.modules:
        if module.path.startswith(NOT_INSTALLED):
            continue
        for line, imported, _ in imports(module.path, module.tree):
            top = imported.partition(".")[0]
            if top in first_party:
                continue
            there = NEVER
            for name in providers.get(top, [canonicalize_name(top)]):
                there |= runtime.get(name, NEVER)
                used[name] = used.get(name, NEVER) | module.condition
            if wrong := module.condition & ~there:
                sentence = f"{top!r} imported, but no package that is declared has it"
                yield Fault(f"{module.path}:{line}: {sentence}", wrong)
    for name, condition in runtime.items():
        wrong = condition & ~used.get(name, NEVER)
        if wrong and name not in WITHOUT_IMPORT:
            yield Fault(f"pyproject.toml: {name!r} declared, but nothing imports it", wrong)


def use_in_development(family: Family, name: str) -> Condition:
    """Where the tests import a package, a command of it is run, or it has types of an import."""
    modules = packages(family.environment).get(name, [])
    stubs = [module.removesuffix("-stubs") for module in modules if module.endswith("-stubs")]
    imported = "|".join(map(re.escape, [*modules, *stubs]))
    there = NEVER
    if imported:
        there |= conditions(line for line, _ in family.search(rf"^\s*(from|import) ({imported})\b"))
    commands = "|".join(map(re.escape, commands_of(family.environment).get(name, [])))
    if commands:
        used = rf'\$\(BIN\)/({commands})\b|commands = \[\["({commands})"'
        there |= conditions(
            line for line, _ in family.search(used) if line.path in ("Makefile", "pyproject.toml")
        )
    return there


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
