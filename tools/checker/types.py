"""Types: the service's own type check passes."""

import hashlib
import os
import subprocess
import tomllib
from collections.abc import Iterator

from .service import Service


def faults(service: Service) -> Iterator[str]:
    """Finds what mypy finds with the service's own settings.

    The packages are those of the environment. What mypy learns of them is kept there for other
    services, and which code was clean: many services differ in other files only.
    """
    try:
        settings = tomllib.loads(service.texts["pyproject.toml"])["tool"]["mypy"]
    except (KeyError, tomllib.TOMLDecodeError):
        return
    code = [(path, text) for path, text in service.texts.items() if path.endswith(".py")]
    memory = service.environment / "mypy"
    clean = memory / f"clean-{digest(settings, code)}"
    if clean.exists():
        return
    del settings["overrides"]
    cache = memory / f"{digest(settings)}-{os.getpid()}"
    run = subprocess.run(
        [service.environment / "bin" / "mypy", "--no-error-summary", "--cache-dir", cache],
        cwd=service.root,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        found = [*run.stderr.splitlines(), *run.stdout.splitlines()]
        yield from found or ["mypy: failed without a word"]
    else:
        clean.touch()


def digest(*content: object) -> str:
    """Tells one content from another."""
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]
