"""`make contract-check` and `make contract-release` of a service: no change breaks clients unless somebody accepts it."""

import re
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from .conftest import Bake
from .test_contract_command import edit, execute

RULES = Path(__file__).with_name("gate")
NOTHING = "contract/released.yaml is not there: `make contract-release` writes it, and changes are compared with it then"
# The part of the fuzz that asks as clients of the released contract do.
ASK = """\
from tests.contract.test_fuzz import ask_as_released


def test_clients_are_answered_as_before(start_server, tmp_path):
    ask_as_released(start_server().url, tmp_path)
"""


@pytest.fixture
def service(bake: Bake, install: Bake, copy: Callable[[Path], Path]) -> Path:
    """A service of one's own, in an environment that is shared."""
    root = copy(bake(database="none"))
    (root / ".venv").symlink_to(install() / ".venv")
    return root


def check(root: Path, *arguments: str, status: int = 0) -> list[str]:
    """Runs the gate, and returns the lines that it prints."""
    result = execute(root, "python", "-m", "tools.gate", *arguments)
    assert result.returncode == status, result.stdout + result.stderr
    return (result.stdout + result.stderr).splitlines()


def accept(root: Path, entries: str) -> None:
    (root / "contract" / "accepted.yaml").write_text(textwrap.dedent(entries), encoding="utf-8")


def document(root: Path) -> Path:
    return root / "src" / "color_palette" / "openapi.yaml"


def blocks(root: Path, language: str) -> list[str]:
    page = (root / "docs" / "contract.md").read_text(encoding="utf-8")
    page = page[page.index("## Clients of the last release") :]
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_each_rule_finds_what_it_is_for(service: Path) -> None:
    shutil.copytree(RULES, service / "tests" / "gate")
    result = execute(service, "pytest", "-q", "tests/gate/check_rules.py")
    assert result.returncode == 0, result.stdout


def test_a_new_service_has_no_clients_yet(service: Path) -> None:
    assert check(service) == [NOTHING]
    result = execute(service, "pytest", "-q", "tests/contract/test_released.py")
    assert result.returncode == 0, result.stdout


def test_a_break_is_found_and_accepted_as_the_page_tells(service: Path) -> None:
    release, found = (block.splitlines() for block in blocks(service, "console"))
    assert release[0] == "$ make contract-release"
    assert check(service, "--release") == release[1:]
    assert check(service, "--release") == ["nothing to do"]
    assert check(service) == []
    text = document(service).read_text(encoding="utf-8")
    edit(document(service), "      maxLength: 40\n", "      maxLength: 30\n")
    assert found[:2] == ["$ make contract-check", "nothing to do"]
    assert check(service, status=1) == found[2:]
    assert check(service, "--release", status=1) == found[2:]
    result = execute(service, "pytest", "-q", "tests/contract/test_released.py")
    assert result.returncode == 1
    assert "see `make contract-check`" in result.stdout
    accepted, by_asking = blocks(service, "yaml")
    accept(service, accepted)
    assert [line.rpartition(". Accepted: ")[0] for line in check(service)[2:]] == found[4:-1]
    result = execute(service, "pytest", "-q", "tests/contract/test_released.py")
    assert result.returncode == 0, result.stdout
    document(service).write_text(text, encoding="utf-8")
    unused = "contract/accepted.yaml: entry {} ({}) accepts nothing: remove it"
    entries = yaml.safe_load(accepted)
    assert check(service, status=1) == [
        unused.format(number, entry["rule"]) for number, entry in enumerate(entries, 1)
    ]
    accept(service, by_asking)
    assert check(service) == []
    assert check(service, "--release") == ["REMOVE contract/accepted.yaml"]


def test_a_mistake_is_told_in_one_line(service: Path) -> None:
    check(service, "--release")
    accept(service, "- {rule: x, place: body}")
    assert check(service, status=1) == ["contract/accepted.yaml: entry 1 has no reason"]
    (service / "contract" / "released.yaml").write_text("hello", encoding="utf-8")
    assert check(service, status=1) == ["contract/released.yaml: not an OpenAPI document"]
    (service / "contract" / "accepted.yaml").unlink()
    text = document(service).read_text(encoding="utf-8")
    (service / "contract" / "released.yaml").write_text(text, encoding="utf-8")
    document(service).write_text(text.replace("ColorNameField:", "Name:"), encoding="utf-8")
    assert check(service, status=1) == ["$ref: there is no #/components/schemas/ColorNameField"]


@pytest.mark.timeout(300)
def test_clients_ask_for_what_no_rule_finds(service: Path) -> None:
    check(service, "--release")
    (service / "tests" / "contract" / "test_asking.py").write_text(ASK, encoding="utf-8")
    default = "          default: 0\n"
    edit(document(service), default, f"{default}          multipleOf: 5\n")
    # What is new in responses was not known to clients, who are open to it.
    released = service / "contract" / "released.yaml"
    content = yaml.safe_load(released.read_text(encoding="utf-8"))
    schema = content["components"]["schemas"]["Color"]
    schema["required"].remove("updated_at")
    del schema["properties"]["updated_at"]
    released.write_text(yaml.safe_dump(content), encoding="utf-8")
    told = check(service)
    assert told[0] == "### Other changes"
    assert {line.split("`")[1] for line in told[2:]} == {"response-required-property-added"}
    result = execute(service, "pytest", "-q", "tests/contract/test_asking.py")
    assert result.returncode == 1, result.stdout
    assert "is not a multiple of 5" in result.stdout
    accept(
        service,
        """\
        - {rule: answered-otherwise, operation: POST /v1/colors, reason: Fives only}
        - {rule: answered-otherwise, operation: "PUT /v1/colors/{identifier}", reason: Fives only}
        """,
    )
    assert check(service) == told
    result = execute(service, "pytest", "-q", "tests/contract/test_asking.py")
    assert result.returncode == 0, result.stdout
