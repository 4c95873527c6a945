"""`make contract` of a service: the code follows the contract, and no line changes that somebody has written."""

import os
import re
import subprocess
from collections.abc import Callable
from difflib import ndiff
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Bake
from .live import Service, environment, run
from .samples import todays

PETSTORE = Path(__file__).with_name("petstore.yaml")
RANDOM_EDITS = Path(__file__).with_name("random_edits.py")
EXAMPLES = "60" if os.environ.get("TEST_ALL") else "8"
VARIABLES = {"PYTHONPATH": "src"}
MakeService = Callable[..., Path]


@pytest.fixture
def make_service(bake: Bake, install: Bake, copy: Callable[[Path], Path]) -> MakeService:
    """Makes a service of one's own, in an environment that is shared."""

    def make(**answers: str) -> Path:
        root = copy(bake(**answers))
        (root / ".venv").symlink_to(install() / ".venv")
        return root

    return make


@pytest.fixture
def service(make_service: MakeService) -> Path:
    return make_service(database="none")


def contract(root: Path, *arguments: str, status: int = 0) -> list[str]:
    """Runs the command, and returns the lines that it prints."""
    result = execute(root, "python", "-m", "tools.contract", *arguments)
    assert result.returncode == status, result.stdout + result.stderr
    return (result.stdout + result.stderr).splitlines()


def must(root: Path, command: str) -> None:
    """Runs a command of the environment, which has to succeed."""
    result = execute(root, *command.split())
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"


def execute(root: Path, program: str, *arguments: str) -> Any:
    """Runs a command of the environment, which may take long."""
    return subprocess.run(
        [root / ".venv" / "bin" / program, *arguments],
        cwd=root,
        env=environment(**VARIABLES),
        capture_output=True,
        text=True,
        check=False,
    )


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


def contents(root: Path) -> dict[Path, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".venv" not in path.parts)
    return {path: path.read_bytes() for path in files if path.suffix in (".py", ".yaml")}


def blocks(root: Path, language: str) -> list[str]:
    page = (root / "docs" / "contract.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_an_operation_is_added_as_the_page_tells(service: Path) -> None:
    document = service / "src" / "color_palette" / "openapi.yaml"
    edit(document, "\ncomponents:\n", f"{blocks(service, 'yaml')[0]}\ncomponents:\n")
    first, *written, second, nothing = blocks(service, "console")[0].splitlines()
    assert first == second == "$ make contract"
    assert contract(service, "--check", status=1) == written
    assert contract(service) == written
    assert contract(service, "--check") == contract(service) == [nothing]
    stub, test = blocks(service, "python")
    code = service / "src" / "color_palette" / "rates.py"
    assert code.read_text(encoding="utf-8").endswith(f"\n\n{stub}")
    tests = service / "tests" / "test_rates.py"
    assert tests.read_text(encoding="utf-8").endswith(f"\n\n{test}")
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        must(service, command)
    must(
        service,
        "pytest -q tests/test_rates.py tests/contract --deselect tests/contract/test_fuzz.py",
    )
    edit(code, "    raise OperationNotImplementedError\n", "    return name\n")
    result = execute(service, "pytest", "-q", "tests/test_rates.py")
    assert "assert 200 == 501" in result.stdout


def test_what_does_not_fit_is_named(service: Path) -> None:
    package = service / "src" / "color_palette"
    edit(
        package / "openapi.yaml", "      operationId: delete_color\n", "      operationId: erase\n"
    )
    edit(package / "colors" / "api.py", "    sort: str,\n", "    order: str,\n")
    edit(
        package / "colors" / "api.py", "    category: str | None = None,\n", "    category: str,\n"
    )
    text = (package / "colors" / "api.py").read_text(encoding="utf-8")
    lines = {
        name: text[: text.index(f"def {name}(")].count("\n") + 1
        for name in ("list_colors", "delete_color")
    }
    moved = 1  # the import of the stub
    place = "src/color_palette/colors/api.py"
    found = f"{place}:{lines['list_colors'] + moved}: list_colors"
    assert contract(service, status=1) == [
        "APPEND src/color_palette/colors/api.py +11",
        "APPEND tests/colors/test_api.py +6",
        f"{found} needs the argument order, which no request has (GET /colors)",
        f"{found} needs a default for category, which a request may leave out (GET /colors)",
        f"{found} does not take the argument sort (GET /colors)",
        f"{place}:{lines['delete_color'] + moved}: no operation has the function delete_color",
    ]


def test_lines_stay_whatever_the_edits(service: Path) -> None:
    result = execute(service, "python", str(RANDOM_EDITS), EXAMPLES)
    assert result.stdout == "done\n", result.stdout + result.stderr


def test_files_are_written_together_or_not_at_all(service: Path) -> None:
    before = contents(service)
    # A file is where the directory of another one would be.
    code = (
        "from pathlib import Path\n"
        "from tools.contract.files import Files\n"
        "files = Files(Path.cwd())\n"
        "files.write(Path.cwd() / 'src' / 'new.py', 'x')\n"
        "files.remove(Path.cwd() / 'src' / 'color_palette' / 'cli.py')\n"
        "files.write(Path.cwd() / 'src' / 'color_palette' / 'app.py', 'x')\n"
        "files.write(Path.cwd() / 'README.md' / 'new.py', 'x')\n"
        "files.save()\n"
    )
    result = execute(service, "python", "-c", code)
    assert "FileExistsError" in result.stderr or "NotADirectoryError" in result.stderr
    assert contents(service) == before
    assert not list(service.rglob(".*.new"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database", todays(["postgresql", "sqlite", "none"], 3))
def test_another_document_replaces_the_first_resource(
    make_service: MakeService, tmp_path: Path, database: str
) -> None:
    root = make_service(database=database)
    package = root / "src" / "color_palette"
    printed = contract(root, "--from", str(PETSTORE))
    assert "REMOVE src/color_palette/colors/api.py" in printed
    assert f"the operations of {PETSTORE} are served under /api/v3" in printed
    assert [line for line in printed if line.startswith("README.md:")]
    assert contract(root) == ["nothing to do"]
    text = (package / "openapi.yaml").read_text(encoding="utf-8")
    lines = PETSTORE.read_text(encoding="utf-8").splitlines()
    changed = [line for line in ndiff(lines, text.splitlines()) if line.startswith("- ")]
    assert [line.split(":")[0].split()[1] for line in changed] == [
        "operationId",
        "x-openapi-router-controller",
        "get",
        "api_key",
    ]
    assert not list(root.glob("*/**/colors"))
    assert (package / "user" / "api.py").is_file()
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        must(root, command)
    must(root, "pytest -q --cov=color_palette --ignore=tests/chassis")
    variables = {**VARIABLES, "APP_ENVIRONMENT": "development"}
    if database != "none":
        variables["APP_DATABASE__URL"] = f"sqlite:///{tmp_path / 'test.db'}"
        assert run(root, "color-palette", "db", "upgrade", **variables).returncode == 0
    with Service(root, tmp_path, **variables) as served:
        assert served.get("/openapi.json").json() == yaml.safe_load(text)
        assert served.get("/ui/").status_code == 200
        stub = served.get("/api/v3/health")
        assert (stub.status_code, stub.json()["title"]) == (401, "Unauthorized")
        stub = served.get("/api/v3/pet/findByStatus?status=sold")
        assert (stub.status_code, stub.json()["title"]) == (501, "Not Implemented")
        assert served.get("/api/v3/pet/findByStatus?status=lost").status_code == 400


def test_a_resource_that_was_touched_stays(service: Path) -> None:
    code = service / "src" / "color_palette" / "colors" / "service.py"
    code.write_text(f"{code.read_text(encoding='utf-8')}\n\nLIMIT = 3\n", encoding="utf-8")
    document = service / "src" / "color_palette" / "openapi.yaml"
    before = yaml.safe_load(document.read_text(encoding="utf-8"))
    printed = contract(service, "--from", str(PETSTORE))
    assert f"the operations of {PETSTORE} are served beside those of openapi.yaml" in printed
    assert not [line for line in printed if line.startswith("REMOVE")]
    after = yaml.safe_load(document.read_text(encoding="utf-8"))
    added: dict[str, Any] = yaml.safe_load(PETSTORE.read_text(encoding="utf-8"))
    assert after["servers"] == before["servers"]
    assert list(after["paths"]) == [*before["paths"], *added["paths"]]
    assert after["paths"]["/pet"]["post"]["security"] == [{"token": []}]
    assert list(after["components"]["schemas"]) == [
        *before["components"]["schemas"],
        *added["components"]["schemas"],
    ]
    assert contract(service) == ["nothing to do"]
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        must(service, command)
    must(
        service,
        "pytest -q tests/pet tests/user tests/colors tests/contract --deselect tests/contract/test_fuzz.py",
    )
    assert contract(service, "--from", str(PETSTORE), status=1) == [
        f"{PETSTORE}: openapi.yaml has the path /pet, too"
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            'swagger: "2.0"\npaths: {}\n',
            "it is Swagger 2.0; convert it to OpenAPI 3.0, for example by `npx swagger2openapi`",
        ),
        ("openapi: 3.1.0\npaths: {}\n", "its version of OpenAPI is 3.1.0; Connexion serves 3.0"),
        ("openapi: 3.0.0\npaths: {}\n", "it has no paths"),
        ("hello", "not an OpenAPI document"),
        (None, "there is no such file"),
    ],
)
def test_a_document_that_cannot_be_served_is_refused(
    service: Path, tmp_path: Path, text: str | None, reason: str
) -> None:
    source = tmp_path / "source.yaml"
    if text is not None:
        source.write_text(text, encoding="utf-8")
    before = contents(service)
    assert contract(service, "--from", str(source), status=1) == [f"{source}: {reason}"]
    assert contents(service) == before
