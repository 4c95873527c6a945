"""Style: the code is born as the formatter would leave it, and the linter has nothing to say."""

import re
import subprocess
import sys
from collections.abc import Iterator

from .service import Service

CHECKS = (("check",), ("format", "--check"))


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
