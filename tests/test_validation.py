"""A service accepts what Connexion's own validation accepts, refuses what it refuses, and hands on the same."""

import json
import os
import subprocess
from pathlib import Path

from tools import constructs

from .live import environment

AGREEMENT = Path(__file__).parent / "agreement"
EXAMPLES, CONTRACTS = ("500", "1000") if os.environ.get("TEST_ALL") else ("40", "40")


def compare(service: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [service / ".venv" / "bin" / "python", AGREEMENT / script, *arguments]
    return subprocess.run(
        command, cwd=service, env=environment(), capture_output=True, text=True, check=False
    )


def test_valid_and_invalid_requests_of_all_kinds_have_the_same_fate(default: Path) -> None:
    made = compare(default, "compare.py", str(AGREEMENT / "contract.yaml"), EXAMPLES)
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
    made = compare(default, "compare.py", str(contract), EXAMPLES)
    assert made.returncode == 1
    assert "/v1/forms" in made.stderr


def test_requests_of_contracts_that_are_generated_have_the_same_fate(default: Path) -> None:
    made = compare(default, "contracts.py", CONTRACTS)
    assert made.returncode == 0, made.stderr[-3000:]
    counts = json.loads(made.stdout.splitlines()[-1])
    assert min(counts["accepted"], counts["refused"]) > int(CONTRACTS)


def test_where_a_service_differs_from_connexion_is_listed_with_the_reason(default: Path) -> None:
    rows = constructs.ask(default / ".venv" / "bin" / "python")
    assert constructs.faults(rows) == []
    text = constructs.PAGE.read_text(encoding="utf-8")
    assert constructs.page(text, rows) == text, "`python -m tools.constructs` writes it anew"


def test_a_difference_needs_a_reason_and_a_reason_a_difference() -> None:
    rows = [
        constructs.Row("a", "GET /a", ["204", "get(x=1)"], ["400"], None),
        constructs.Row("b", "GET /b", ["204", "get()"], ["204", "get()"], "Why?"),
        constructs.Row("c", "GET /c", ["404"], ["404"], None),
    ]
    assert constructs.faults(rows) == [
        "a: Connexion does ['204', 'get(x=1)'], the service ['400'], and no reason is given",
        "b: both do the same, and a reason is given",
    ]
