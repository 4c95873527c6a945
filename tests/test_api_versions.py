"""Two versions of the API side by side: whoever follows docs/versions.md word by word has them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import recipes

from .conftest import Bake
from .live import Service
from .test_contract_command import VARIABLES, execute
from .test_gate import check

PAGE = "docs/versions.md"


@pytest.fixture
def service(bake: Bake, install: Bake, copy: Callable[[Path], Path]) -> Path:
    """A service of one's own that has been released."""
    root = copy(bake(database="none"))
    (root / ".venv").symlink_to(install() / ".venv")
    check(root, "--release")
    return root


def make_contract(root: Path, *arguments: str, status: int = 0) -> list[str]:
    """Runs `make contract`, and returns what it prints."""
    result = execute(root, "python", "-m", "tools.contract", *arguments)
    assert result.returncode == status, result.stdout + result.stderr
    return (result.stdout + result.stderr).splitlines()


@pytest.mark.timeout(300)
def test_two_versions_are_served_as_the_page_tells(service: Path, tmp_path: Path) -> None:
    page = (service / PAGE).read_text(encoding="utf-8")
    added, checked = (
        block.splitlines()[1:]
        for block in re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    )
    assert make_contract(service, "--version", "v2") == added
    recipes.follow(service, PAGE)
    assert make_contract(service) == checked
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        result = execute(service, *command.split())
        assert result.returncode == 0, result.stdout
    tests = [
        "tests/contract",
        "--deselect=tests/contract/test_fuzz.py",
        "tests/colors/test_api_v2.py",
    ]
    result = execute(service, "pytest", "-q", *tests)
    assert result.returncode == 0, result.stdout
    told = check(service)
    assert {line.split("`")[1] for line in told[2:]} == {"endpoint-added"}
    with Service(service, tmp_path, **VARIABLES, APP_ENVIRONMENT="development") as served:
        for version, path in (("v1", "/openapi.json"), ("v2", "/openapi-v2.json")):
            assert served.get(f"/{version}/colors").json()["items"] == []
            assert served.get(path).json()["servers"] == [{"url": f"/{version}"}]
            assert path in served.get("/ui/start.js").text
    assert check(service, "--release")[-1] == "CREATE contract/released_v2.yaml"
    assert check(service) == []


def test_stubs_of_a_version_have_its_types(service: Path) -> None:
    make_contract(service, "--version", "v2")
    document = service / "src" / "color_palette" / "openapi_v2.yaml"
    text = document.read_text(encoding="utf-8")
    operation = "      operationId: create_color\n"
    controller = "      x-openapi-router-controller: color_palette.colors.api"
    assert f"{operation}{controller}\n" in text
    text = text.replace(f"{operation}{controller}\n", f"{operation}{controller}_v2\n")
    document.write_text(text, encoding="utf-8")
    assert make_contract(service) == [
        "CREATE src/color_palette/colors/api_v2.py",
        "CREATE tests/colors/test_api_v2.py",
    ]
    stub = (service / "src" / "color_palette" / "colors" / "api_v2.py").read_text(encoding="utf-8")
    assert "    body: schemas_v2.ColorFields,\n" in stub
    test = (service / "tests" / "colors" / "test_api_v2.py").read_text(encoding="utf-8")
    assert '"/v2/colors"' in test


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("2", "VERSION has to be like v2, not 2"),
        ("v1", "openapi.yaml is v1 itself"),
        ("v2", "src/color_palette/openapi_v2.yaml is there already"),
    ],
)
def test_a_version_that_cannot_be_added_is_told(service: Path, name: str, line: str) -> None:
    package = service / "src" / "color_palette"
    (package / "openapi_v2.yaml").write_bytes((package / "openapi.yaml").read_bytes())
    assert make_contract(service, "--version", name, status=1) == [line]
