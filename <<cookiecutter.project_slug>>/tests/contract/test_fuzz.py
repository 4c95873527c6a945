"""The running service keeps to openapi.yaml, whatever it is asked and in whatever order."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from tests.contract.stubs import METHODS, stubs, without_stubs
from tools.contract import project
from tools.contract.operations import base_path
from tools.gate.released import Released

from chassis.contract import read_contract

from << cookiecutter.package_name >>.app import CONTRACTS

ROOT = Path(__file__).parents[2]
CONFIG = Path(__file__).with_name("schemathesis.toml")
CONFIG_OF_CLIENTS = Path(__file__).with_name("schemathesis-released.toml")
# The same requests each time, with FUZZ=whole more of them; `make fuzz` asks for many, and for others each time.
ASKED_FOR = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SHORT = 5
EXAMPLES = ASKED_FOR or (25 if os.environ.get("FUZZ") == "whole" else SHORT)
SECONDS = 500 + 10 * ASKED_FOR
DOCUMENTS = [read_contract(contract) for contract in CONTRACTS]
STUBS = [stub for document in DOCUMENTS for stub in stubs(document)]
WRITTEN = [without_stubs(document) for document in DOCUMENTS]


class Document(NamedTuple):
    """A document by which requests are made and answers are judged."""

    file: Path
    base_url: str
    config: Path


<% if cookiecutter.database == 'postgresql' %>
# It takes long: once is enough, with the database of production.
@pytest.mark.parametrize("new_database", ["postgresql"], indirect=True)
<% endif %>
def test_every_answer_keeps_to_the_contract(
    start_server: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not any(map(has_operations, WRITTEN)):
        pytest.skip("no operation has been written yet")
    # Where schemathesis may leave files.
    monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", str(tmp_path))
    url = start_server().url
    for document in filter(has_operations, WRITTEN):
        contract = written(document, url, tmp_path, CONFIG)
        ask_in_sequences(url, contract)
        ask_each_operation(contract, tmp_path)
    ask_as_released(url, tmp_path)


def ask_as_released(url: str, directory: Path) -> None:
    """Sends what the released contract allows, and judges answers by it; before the first release there is none."""
    for document in filter(has_operations, Released(project.find(ROOT)).asked(STUBS)):
        released = written(document, url, directory, CONFIG_OF_CLIENTS)
        ask_in_sequences(url, released)
        if EXAMPLES > SHORT:
            ask_each_operation(released, directory)


def has_operations(document: dict[str, Any]) -> bool:
    """Returns whether there is something to ask for."""
    return any(METHODS & item.keys() for item in document["paths"].values())


def written(document: dict[str, Any], url: str, directory: Path, config: Path) -> Document:
    """Writes a document into a file.

    Args:
        document: its content.
        url: of the running service.
        directory: where the file is.
        config: of schemathesis.
    """
    file = directory / "openapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return Document(file, f"{url}{base_path(document)}", config)


def ask_in_sequences(url: str, document: Document) -> None:
    """Lets requests use what earlier ones have made, changed and deleted."""
    import hypothesis
    import schemathesis

    config = schemathesis.Config.from_path(document.config)
    config.projects.default.update(base_url=document.base_url)
    schema = schemathesis.openapi.from_path(document.file, config=config)
    machine = schema.as_state_machine()

    class Sequence(machine):  # type: ignore[misc, valid-type]
        def setup(self) -> None:
            # What an earlier sequence has left would change the outcome of this one.
            empty(url)

    Sequence.run(
        settings=hypothesis.settings(
            machine.TestCase.settings, max_examples=EXAMPLES, derandomize=not ASKED_FOR
        )
    )


def empty(url: str) -> None:
    """Deletes what there is, in rounds: what something else refers to may have to wait for that."""
    found = [
        f"{url}{base_path(document)}{path}"
        for document in WRITTEN
        for path in collections(document["paths"])
    ]
    while sum(delete_page(collection) for collection in found):
        pass


def collections(paths: dict[str, Any]) -> list[str]:
    """Finds what can be listed, and whose items can be deleted."""
    of_items = {path.rpartition("/{")[0] for path, item in paths.items() if "delete" in item}
    return [path for path, item in paths.items() if "get" in item and path in of_items]


def delete_page(collection: str) -> bool:
    """Deletes the first items of a collection; tells whether there was one that could be deleted."""
    items = requests.get(collection, timeout=60).json()["items"]
    answers = [requests.delete(f"{collection}/{item['id']}", timeout=60) for item in items]
    return any(answer.ok for answer in answers)


def test_all_collections_are_emptied() -> None:
    lists: dict[str, Any] = {"get": {}}
    item: dict[str, Any] = {"get": {}, "delete": {}}
    assert collections(
        {
            "/apples": lists,
            "/apples/{identifier}": item,
            "/apples/{identifier}/peel": {"post": {}},
            "/pears": lists,
            "/pears/{number}": item,
            "/weather": lists,
            "/orders": {"post": {}},
            "/orders/{identifier}": item,
        }
    ) == ["/apples", "/pears"]


def ask_each_operation(document: Document, directory: Path) -> None:
    """Sends the examples of the contract, the limits of its types, and random requests."""
    command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={document.config}", "run"]
    command += ["--checks=all", "--phases=examples,coverage,fuzzing", f"--max-examples={EXAMPLES}"]
    if not ASKED_FOR:
        command.append("--generation-deterministic")
    command += [f"--url={document.base_url}", str(document.file)]
    result = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert result.returncode == 0, result.stdout + result.stderr
