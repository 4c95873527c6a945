"""A service accepts what Connexion's own validation accepts, refuses what it refuses, and hands on the same."""

import json
import os
import subprocess
from pathlib import Path

from .live import environment

AGREEMENT = Path(__file__).parent / "agreement"
EXAMPLES = "500" if os.environ.get("TEST_ALL") else "40"


def compare(service: Path, contract: Path) -> subprocess.CompletedProcess[str]:
    python = str(service / ".venv" / "bin" / "python")
    command = [python, str(AGREEMENT / "compare.py"), str(contract), EXAMPLES]
    return subprocess.run(
        command, cwd=service, env=environment(), capture_output=True, text=True, check=False
    )


def test_valid_and_invalid_requests_of_all_kinds_have_the_same_fate(default: Path) -> None:
    made = compare(default, AGREEMENT / "contract.yaml")
    assert made.returncode == 0, made.stderr[-3000:]
    counts = json.loads(made.stdout.splitlines()[-1])
    assert min(counts["accepted"], counts["refused"]) > 2 * int(EXAMPLES)


def test_a_difference_is_found(default: Path, tmp_path: Path) -> None:
    # Connexion knows no format of dates unless further packages are installed.
    text = (AGREEMENT / "contract.yaml").read_text()
    changed = text.replace(
        "name: {type: string, minLength: 1}", "name: {type: string, format: date}"
    )
    assert changed != text
    contract = tmp_path / "contract.yaml"
    contract.write_text(changed)
    made = compare(default, contract)
    assert made.returncode == 1
    assert "/v1/forms" in made.stderr
