"""Style: the code is born as the formatter would leave it, and the linter has nothing to say."""

import re
import subprocess
import sys
from collections.abc import Iterator

from ..conditions import refined
from .family import Family
from .programs import Program, Reading, tool_settings
from .service import Service

CHECKS = (("check",), ("format", "--check"))


def program(family: Family) -> Program:
    """Each module is seen alone, with the settings that there are for it."""
    settings = tool_settings(family, "ruff")
    parts = [
        part
        for path, file in family.files.items()
        if path.endswith(".py")
        for part in refined(file.texts.values(), settings.values())
    ]
    return Program(family, read, parts)


def read(path: str) -> Reading:
    """Ruff reads the code, and its settings."""
    is_read = path.endswith(".py") or path == "pyproject.toml"
    return Reading.TEXT if is_read else Reading.NOTHING


def faults(service: Service) -> Iterator[str]:
    """Finds what ruff finds with the service's own settings."""
    for check in CHECKS:
        command = [sys.executable, "-m", "ruff", *check, "--no-cache"]
        command += ["--output-format", "concise", "."]
        run = subprocess.run(command, cwd=service.root, capture_output=True, text=True, check=False)
        if run.returncode:
            lines = [*run.stderr.splitlines(), *run.stdout.splitlines()]
            found = [line for line in lines if not re.match(r"Found \d|\d+ files? |\[\*\]", line)]
            yield from found or [f"ruff {check[0]}: failed without a word"]
