"""Types: the service's own type check passes."""

import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from ..conditions import refined
from .family import Family
from .imports import dotted, imports
from .memory import digest, unless_clean
from .programs import Program, tool_settings
from .service import Service
from .style import read


def program(family: Family) -> Program:
    """Each module is seen with all that it imports, once for each set of texts that these have."""
    narrowed = family.since("pyproject.toml", "[tool.ruff]")
    settings = tool_settings(family, "mypy", but="files")
    imported = own_imports(family)
    parts = []
    for path in imported:
        seen = refined([family.where(path)], settings.values())
        for other in closure(path, imported):
            seen = refined(seen, family.texts(other).values())
        parts += seen
    return Program(narrowed, read, parts)


def own_imports(family: Family) -> dict[str, set[str]]:
    """The files of the service that each module imports, in any of its texts."""
    paths: dict[str, str] = {dotted(path): path for path in family.files if path.endswith(".py")}
    found: dict[str, set[str]] = {path: set() for path in paths.values()}
    for module in family.modules:
        for _, name, inner in imports(module.path, module.tree):
            for full in (name, f"{name}.{inner}"):
                if full in paths:
                    found[module.path].add(paths[full])
    return found


def closure(path: str, imported: dict[str, set[str]]) -> set[str]:
    """A module with all that it leads to."""
    found: set[str] = set()
    ends = [path]
    while ends:
        if (end := ends.pop()) not in found:
            found.add(end)
            ends += imported[end]
    return found


def faults(service: Service) -> Iterator[str]:
    """Finds what mypy finds with the service's own settings.

    The packages are those of the environment. What mypy learns of them is kept there for other
    services; many of them differ in other files only.
    """
    try:
        settings = tomllib.loads(service.texts["pyproject.toml"])["tool"]["mypy"]
    except (KeyError, tomllib.TOMLDecodeError):
        return
    code = [(path, text) for path, text in service.texts.items() if path.endswith(".py")]
    yield from unless_clean(
        service.memory, ("types", settings, code), lambda: find(service, settings)
    )


def find(service: Service, settings: dict[str, object]) -> list[str]:
    """Lets mypy look; it goes on from what it has learned with such settings."""
    shared = {name: value for name, value in settings.items() if name != "overrides"}
    learned = service.environment / "mypy" / digest(shared)
    cache = learned.with_name(f"{learned.name}-{os.getpid()}")
    if learned.exists() and not cache.exists():
        shutil.copytree(learned, cache)
    run = subprocess.run(
        [service.environment / "bin" / "mypy", "--no-error-summary", "--cache-dir", cache],
        cwd=service.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if not learned.exists():
        # Whoever is the first one lets the other processes begin there.
        with suppress(OSError), tempfile.TemporaryDirectory(dir=learned.parent) as directory:
            Path(shutil.copytree(cache, Path(directory, "cache"))).rename(learned)
    if not run.returncode:
        return []
    found = [*run.stderr.splitlines(), *run.stdout.splitlines()]
    return found or ["mypy: failed without a word"]
