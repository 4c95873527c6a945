"""Types: the service's own type check passes."""

import os
import subprocess
import tomllib
from collections.abc import Iterator

from .memory import digest, unless_clean
from .service import Service


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
    """Lets mypy look; it goes on from what it has learned with such settings in this process."""
    shared = {name: value for name, value in settings.items() if name != "overrides"}
    cache = service.environment / "mypy" / f"{digest(shared)}-{os.getpid()}"
    run = subprocess.run(
        [service.environment / "bin" / "mypy", "--no-error-summary", "--cache-dir", cache],
        cwd=service.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if not run.returncode:
        return []
    found = [*run.stderr.splitlines(), *run.stdout.splitlines()]
    return found or ["mypy: failed without a word"]
