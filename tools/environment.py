"""An environment that has the packages of every option, to look at any service with."""

import re
import subprocess
import sys
from pathlib import Path

from .template import TEMPLATE


def create(directory: Path) -> Path:
    """Makes a virtual environment with all that a service can lock, and returns it.

    All options are locked together, so there is one version of each package.
    """
    lock = (TEMPLATE / "requirements-dev.txt").read_text(encoding="utf-8")
    directory.mkdir(parents=True)
    requirements = directory / "every-option.txt"
    requirements.write_text(re.sub(r"^<%.*\n", "", lock, flags=re.MULTILINE), encoding="utf-8")
    uv = [sys.executable, "-m", "uv"]
    environment = directory / "environment"
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    install = [*uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python"]
    install += ["--no-deps", "--require-hashes", "--requirement", requirements]
    subprocess.run(install, check=True)
    return environment
