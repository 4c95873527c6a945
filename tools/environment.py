"""An environment that has the packages of every option, to look at any service with."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from .template import TEMPLATE


def provide(directory: Path) -> Path:
    """Returns a virtual environment with all that a service can lock; makes it if it is missing.

    All options are locked together, so there is one version of each package.

    Args:
        directory: the environment's own, for nothing else.
    """
    environment, complete = directory / "environment", directory / "complete"
    if not complete.exists():
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        lock = (TEMPLATE / "requirements-dev.txt").read_text(encoding="utf-8")
        requirements = directory / "every-option.txt"
        requirements.write_text(re.sub(r"^<%.*\n", "", lock, flags=re.MULTILINE), encoding="utf-8")
        uv = [sys.executable, "-m", "uv"]
        make = [*uv, "venv", "--quiet", "--python", sys.executable, environment]
        subprocess.run(make, check=True)
        install = [*uv, "pip", "install", "--quiet", "--python", environment / "bin" / "python"]
        install += ["--no-deps", "--require-hashes", "--requirement", requirements]
        subprocess.run(install, check=True)
        complete.touch()
    return environment
