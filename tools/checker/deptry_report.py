"""Dependencies again, by deptry: it sees a whole service, and the same is found without our code."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .dependencies import WITHOUT_IMPORT, packages
from .service import Service


def faults(service: Service) -> Iterator[str]:
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
