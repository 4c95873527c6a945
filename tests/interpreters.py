"""The Pythons of this machine."""

import os
import subprocess
from pathlib import Path


def find_python(version: str) -> Path | None:
    """Finds a Python on the PATH, such as 3.13, that runs: a shim of pyenv may not."""
    for directory in os.get_exec_path():
        python = Path(directory, f"python{version}")
        command = [python, "-c", ""]
        if (
            os.access(python, os.X_OK)
            and not subprocess.run(command, capture_output=True).returncode
        ):
            return python
    return None
