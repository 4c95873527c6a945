"""The running service keeps to openapi.yaml, whatever it is asked and in whatever order."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

<% if cookiecutter.database == 'postgresql' %>
# It takes long: once is enough, with the database of production.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

<% endif %>
CONFIG = Path(__file__).with_name("schemathesis.toml")
# The same requests each time; `make fuzz` asks for more, and for others each time.
ASKED_FOR = int(os.environ.get("FUZZ_EXAMPLES", "0"))
EXAMPLES = ASKED_FOR or 25
SECONDS = 500 + 10 * ASKED_FOR


def test_every_answer_keeps_to_the_contract(
    start_server: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Where schemathesis may leave files.
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", str(tmp_path))
    url = start_server().url
    ask_in_sequences(url)
    ask_each_operation(url, tmp_path)


def ask_in_sequences(url: str) -> None:
    """Lets requests use what earlier ones have made, changed and deleted."""
    import hypothesis
    import schemathesis

    config = schemathesis.Config.from_path(CONFIG)
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)
    machine = schema.as_state_machine()

    class Sequence(machine):  # type: ignore[misc, valid-type]
        def setup(self) -> None:
            # What an earlier sequence has left would change the outcome of this one.
            collection = f"{url}/v1/<< cookiecutter.__resource_path >>"
            for item in requests.get(collection, timeout=60).json()["items"]:
                requests.delete(f"{collection}/{item['id']}", timeout=60)

    Sequence.run(
        settings=hypothesis.settings(
            machine.TestCase.settings, max_examples=EXAMPLES, derandomize=not ASKED_FOR
        )
    )


def ask_each_operation(url: str, directory: Path) -> None:
    """Sends the examples of the contract, the limits of its types, and random requests."""
    command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={CONFIG}", "run"]
    command += ["--checks=all", "--phases=examples,coverage,fuzzing", f"--max-examples={EXAMPLES}"]
    if not ASKED_FOR:
        command.append("--generation-deterministic")
    command.append(f"{url}/openapi.json")
    result = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert result.returncode == 0, result.stdout + result.stderr
