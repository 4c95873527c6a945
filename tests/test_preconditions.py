"""Conditional requests of a service are what its contract declares: they are switched on and off there alone."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Bake
from .live import Service
from .test_contract_command import execute, must

CONTRACT = Path("src", "color_palette", "openapi.yaml")
# Each stands for itself: a parameter, a header of an answer, and the answers to conditions.
DECLARED = re.compile(
    r"""
    ^\ {6}parameters:\n\ {8}-\ \$ref:\ "\#/components/parameters/If(?:None)?Match"\n
    | ^\ {12}ETag:\n\ {14}\$ref:\ "\#/components/headers/ETag"\n
    | ^\ {8}"(?:304|412)":\n\ {10}\$ref:\ .*\n
    | ^\ {10}headers:\n(?=\ {12}ETag:\n.*\n\ {10}content:)
    """,
    re.MULTILINE | re.VERBOSE,
)
TESTS = "pytest -q --no-cov tests/colors tests/contract --deselect tests/contract/test_fuzz.py"
OF_VERSIONS = "not (version_that_is_known or change_of_another_version or based_on_one_version)"


@pytest.fixture
def service(bake: Bake, install: Bake, copy: Callable[[Path], Path]) -> Path:
    """A service of one's own, in an environment that is shared."""
    root = copy(bake(database="none"))
    (root / ".venv").symlink_to(install() / ".venv")
    return root


def edit(service: Path, change: Callable[[str], tuple[str, int]], places: int) -> None:
    """Changes the contract in a number of places."""
    text, count = change((service / CONTRACT).read_text(encoding="utf-8"))
    assert count == places
    (service / CONTRACT).write_text(text, encoding="utf-8")


@pytest.mark.timeout(180)
def test_what_the_contract_does_not_declare_is_off(service: Path, tmp_path: Path) -> None:
    # Four parameters, four tags and four answers; three answers have no other header.
    edit(service, lambda text: DECLARED.subn("", text), places=15)
    made = execute(service, "python", "-m", "tools.contract")
    assert (made.returncode, made.stdout) == (0, "nothing to do\n")
    result = execute(service, *TESTS.split(), "-k", OF_VERSIONS)
    assert result.returncode == 0, result.stdout
    with Service(service, tmp_path, PYTHONPATH="src", APP_ENVIRONMENT="development") as served:
        created = served.post("/v1/colors", name="Red", category="warm")
        path = created.headers["Location"]
        assert "ETag" not in created.headers
        read = served.request("GET", path, headers={"If-None-Match": "*"})
        assert (read.status_code, "ETag" in read.headers) == (200, False)
        assert served.request("DELETE", path, headers={"If-Match": '"7"'}).status_code == 204


@pytest.mark.timeout(180)
def test_what_the_contract_demands_is_demanded(service: Path, tmp_path: Path) -> None:
    name = "      name: If-Match\n"
    required = f"{name}      required: true\n"
    edit(service, lambda text: (text.replace(name, required), text.count(name)), places=1)
    with Service(service, tmp_path, PYTHONPATH="src", APP_ENVIRONMENT="development") as served:
        created = served.post("/v1/colors", name="Red", category="warm")
        path, tag = created.headers["Location"], created.headers["ETag"]
        body = {"name": "Blue", "category": "cold"}
        for method in ("PUT", "PATCH", "DELETE"):
            answer = served.request(method, path, json=body)
            assert answer.status_code == 428
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["title"] == "Precondition Required"
        assert served.get(path).headers["ETag"] == tag
        for method, status in (("PUT", 200), ("PATCH", 412), ("DELETE", 412)):
            answer = served.request(method, path, json=body, headers={"If-Match": tag})
            assert answer.status_code == status
        assert served.request("DELETE", path, headers={"If-Match": "*"}).status_code == 204
    must(service, "pytest -q --no-cov tests/contract")
