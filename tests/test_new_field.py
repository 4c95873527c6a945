"""A field stands in the contract, the model and the table: all else follows by commands, or needs nothing."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tools.combinations import describe

from .conftest import Bake
from .live import environment, run
from .samples import todays


class Field(NamedTuple):
    """A field as an owner writes it who follows docs/development.md of the service."""

    name: str
    schema: str
    model: str
    column: str
    default: str
    """What rows get that are there already."""


REQUIRED = [
    Field(
        "title",
        "{type: string, maxLength: 30, pattern: '^[^\\x00]*$', example: A title",
        "str",
        "String(30)",
        "none",
    ),
    Field(
        "state", "{type: string, enum: [open, done]", 'Literal["open", "done"]', "String(9)", "open"
    ),
    Field("pieces", "{type: integer, minimum: 0, maximum: 99, example: 7", "int", "", "1"),
    Field(
        "total",
        "{type: integer, minimum: 0, maximum: 999999999999, example: 123456789012",
        "int",
        "BigInteger",
        "0",
    ),
    Field("ratio", "{type: number, minimum: 0, maximum: 1, example: 0.1", "float", "", "0.5"),
    Field(
        "amount",
        "{type: number, format: decimal, minimum: 0, maximum: 99999, multipleOf: 0.01, example: 12.50",
        "Decimal",
        "ExactNumeric(12, 2)",
        "0.10",
    ),
    Field(
        "fee",
        "{type: string, format: decimal, pattern: '^[0-9]{1,6}[.][0-9]{2}$', example: '0.10'",
        "Decimal",
        "ExactNumeric(12, 2)",
        "0.10",
    ),
    Field("paid", "{type: boolean, example: true", "bool", "", "false"),
    Field("day", "{type: string, format: date, example: 2026-02-03", "date", "", "2026-01-01"),
    Field(
        "due_at",
        "{type: string, format: date-time, example: 2026-02-03T04:05:06Z",
        "datetime",
        "",
        "2026-01-01T00:00:00Z",
    ),
    Field(
        "owner",
        "{type: string, format: uuid, example: 94ba52af-74ff-4b25-a6cc-2f2b04d13bb2",
        "UUID",
        "",
        "94ba52af-74ff-4b25-a6cc-2f2b04d13bb2",
    ),
    Field(
        "labels",
        "{type: array, maxItems: 3, items: {type: string, maxLength: 9, pattern: '^[^\\x00]*$', example: a}",
        "list[str]",
        "",
        "[]",
    ),
    Field(
        "box",
        "{type: object, additionalProperties: false,"
        " properties: {width: {type: integer, minimum: 1, maximum: 9, example: 5}}",
        "Mapping[str, Any]",
        "",
        "{}",
    ),
]
OPTIONAL = [
    field._replace(
        name=f"maybe_{field.name}",
        schema=f"{field.schema}, nullable: true",
        model=f"{field.model} | None",
    )
    for field in REQUIRED
    if "enum" not in field.schema
]
IMPORTS = """\
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID
"""
BY_HAND = """\
import json
from uuid import UUID

from chassis.contract import example_body, read_contract
from chassis.resources import Repository, UnitOfWork
from color_palette.app import CONTRACT, create_app
from color_palette.colors.model import Color

app = create_app()
client = app.test_client()


def send(method, path):
    return client.open(path, method=method, data=text, content_type="application/json")


body = example_body(read_contract(CONTRACT), "create_color") | {"name": "Exact"}
text = json.dumps(body).replace("12.5", "12.50")
created = send("POST", "/v1/colors")
assert created.status_code == 201, created.text
assert client.get(created.location).text == created.text
assert '"amount":12.50,' in created.text, created.text
assert {name: created.get_json()[name] for name in body} == body, created.text

seen = created.get_json()["created_at"]
with app.app_context():
    injector = app.extensions["injector"]
    colors = injector.get(Repository[Color])
    with injector.get(UnitOfWork):
        color = colors.get(UUID(created.get_json()["id"]))
        colors.update(color.id, {"seen_at": color.created_at})
for method in ("PUT", "PATCH"):
    answer = send(method, created.location)
    assert (answer.status_code, answer.get_json()["seen_at"]) == (200, seen), answer.text
assert client.patch(created.location, json={"seen_at": None}).status_code == 400
if len(client.get("/v1/colors").get_json()["items"]) > 1:
    old = client.get("/v1/colors").get_json()["items"][0]
    assert (old["amount"], old["state"], old["maybe_amount"]) == (0.10, "open", None), old
"""


@pytest.fixture(params=todays([{}, {"database": "none"}], 2), ids=describe)
def service(
    request: pytest.FixtureRequest, bake: Bake, install: Bake, copy: Callable[[Path], Path]
) -> Path:
    """A service of one's own, in an environment that is shared."""
    root = copy(bake(**request.param))
    (root / ".venv").symlink_to(install(**request.param) / ".venv")
    return root


@pytest.mark.timeout(600)
def test_fields_of_all_types_need_three_places(service: Path, tmp_path: Path) -> None:
    variables = {"PYTHONPATH": "src", "APP_ENVIRONMENT": "development"}
    has_database = (service / "migrations").exists()
    if has_database:
        variables["APP_DATABASE__URL"] = f"sqlite:///{tmp_path / 'test.db'}"
        must(service, "color-palette db upgrade", variables)
        must(service, "color-palette seed --count 3", variables)

    add_fields(service / "src" / "color_palette")

    must(service, "python -m tools.contract", variables)
    if has_database:
        migrate = "color-palette db migrate --message Add"
        refused = run(service, *migrate.split(), **variables)
        assert "existing rows need a value for colors.title" in refused.stderr
        defaults = [f" -x default.colors.{field.name}={field.default}" for field in REQUIRED]
        must(service, f"{migrate}{''.join(defaults)}", variables)
        must(service, "color-palette db upgrade", variables)
    (service / "by_hand.py").write_text(BY_HAND, encoding="utf-8")
    must(service, "python by_hand.py", variables)
    (service / "by_hand.py").unlink()

    for command in ("ruff check .", "ruff format --check .", "mypy"):
        must(service, command, variables)
    must(service, "pytest -q --no-cov --ignore=tests/chassis", {"PYTHONPATH": "src"})


def must(service: Path, command: str, variables: dict[str, str]) -> None:
    """Runs a command of the environment, which has to succeed."""
    program, *arguments = command.split()
    result = subprocess.run(
        [service / ".venv" / "bin" / program, *arguments],
        cwd=service,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"


def add_fields(package: Path) -> None:
    """Does by hand what docs/development.md tells: the contract, the model and the table."""
    fields = [*REQUIRED, *OPTIONAL]
    schemas = [f"    {camel(field.name)}Field: {field.schema}}}\n" for field in fields]
    properties = [
        f'        {field.name}: {{$ref: "#/components/schemas/{camel(field.name)}Field"}}\n'
        for field in fields
    ]
    seen = "        seen_at: {type: string, format: date-time, nullable: true}\n"
    required = ", ".join(field.name for field in REQUIRED)
    shown = ", ".join(field.name for field in fields)
    change(
        package / "openapi.yaml",
        ("required: [name, category]", f"required: [name, category, {required}]"),
        (
            "description, priority, created_at,",
            f"description, priority, {shown}, seen_at, created_at,",
        ),
        ("    ColorFields:\n", f"{''.join(schemas)}\n    ColorFields:\n"),
        ("        priority:\n", f"{''.join(properties)}        priority:\n"),
        ("        created_at:\n", f"{seen}        created_at:\n"),
    )
    lines = [f"    {field.name}: {field.model}\n" for field in REQUIRED]
    lines += [f"    {field.name}: {field.model} = None\n" for field in OPTIONAL]
    lines.append("    seen_at: datetime | None = None\n")
    imports = "from dataclasses import dataclass\n"
    by_service = '    SERVICE_FIELDS = Resource.SERVICE_FIELDS | {"seen_at"}\n'
    change(
        package / "colors" / "model.py",
        (imports, f"from collections.abc import Mapping\n{imports}{IMPORTS}"),
        ("    name: str\n", f"{by_service}\n    name: str\n"),
        ("    priority: int = 0\n", f"    priority: int = 0\n{''.join(lines)}"),
    )
    if not (package / "tables.py").exists():
        return
    lines = [column(field) for field in fields]
    lines.append("    seen_at: Mapped[datetime | None]\n")
    imports = IMPORTS.replace("Any, Literal", "Any")
    last = "    priority: Mapped[int] = mapped_column(index=True)\n"
    change(
        package / "colors" / "table.py",
        (
            "from sqlalchemy import String\n",
            f"{imports}\nfrom sqlalchemy import BigInteger, String\n",
        ),
        ("import ResourceColumns\n", "import ExactNumeric, ResourceColumns\n"),
        (last, f"{last}{''.join(lines)}"),
    )


def column(field: Field) -> str:
    kind = "str" if field.model.startswith("Literal") else field.model
    kind = kind.replace("Mapping", "dict")
    declared = f" = mapped_column({field.column})" if field.column else ""
    return f"    {field.name}: Mapped[{kind}]{declared}\n"


def camel(name: str) -> str:
    return "".join(part.title() for part in name.split("_"))


def change(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, f"{path.name}: {old}"
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
