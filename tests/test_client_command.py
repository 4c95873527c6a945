"""`make client` of a service: a typed client of another service, which is called for real."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Bake
from .live import Service, environment, wait_for

PETSTORE = Path(__file__).with_name("petstore.yaml")
PACKAGE = Path("src") / "color_palette"
# What its owner writes: a rule that needs the other service.
HANDLER = '''"""What the stock has."""

from typing import Any
from uuid import UUID

from injector import Inject

from .stock.client import Stock
from .stock.schemas import Item


def restock(stock: Inject[Stock], name: str) -> dict[str, Any]:
    """POST /restocked/{name}"""
    created: Item = stock.create_item({"name": name, "category": "new"})
    identifier: UUID = created["id"]
    day = stock.get_item(identifier)["created_at"].date()
    items = stock.list_items(category="new", limit=100)["items"]
    return {"id": identifier, "day": day, "names": [item["name"] for item in items]}
'''
OPERATION = """\
  /restocked/{name}:
    post:
      operationId: restock
      x-openapi-router-controller: color_palette.restocking
      parameters:
        - {name: name, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: Restocked
          content:
            application/json:
              schema:
                type: object
                required: [id, day, names]
                properties:
                  id: {type: string, format: uuid}
                  day: {type: string, format: date}
                  names: {type: array, items: {type: string}}

"""
TEST = '''"""The stock, without it."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
import requests
from tests.stock.fake import FakeStock

from chassis.http_client import UpstreamError, UpstreamUnavailableError

from color_palette.stock.client import Stock

ID = UUID("94ba52af-74ff-4b25-a6cc-2f2b04d13bb2")
NOW = datetime(2026, 2, 3, tzinfo=UTC)
ITEM = {
    "id": ID,
    "name": "Candle",
    "category": "light",
    "description": None,
    "priority": 3,
    "created_at": NOW,
    "updated_at": "2026-02-03T01:00:00+01:00",
}


def refused(message: str) -> pytest.RaisesExc[AssertionError]:
    return pytest.raises(AssertionError, match=f"^{message}$")


def test_an_answer_has_the_types_of_the_contract() -> None:
    stock = FakeStock()
    stock.answer(Stock.get_item, ITEM)
    assert stock.get_item(ID) == {**ITEM, "updated_at": NOW} == stock.get_item(ID)
    assert [request.path for request in stock.asked] == [f"/v1/items/{ID}"] * 2
    stock.answer(Stock.delete_item)
    stock.delete_item(ID)


def test_a_failed_call_is_an_error() -> None:
    stock = FakeStock()
    problem = {"type": "about:blank", "title": "Not Found", "status": 404}
    stock.answer(Stock.get_item, problem, status=404)
    with pytest.raises(requests.HTTPError):
        stock.get_item(ID)
    stock.answer(Stock.get_item, {**problem, "status": 500}, status=500)
    with pytest.raises(UpstreamError):
        stock.get_item(ID)
    stock.fail(Stock.get_item, UpstreamUnavailableError("stock"))
    with pytest.raises(UpstreamUnavailableError):
        stock.get_item(ID)


def test_the_fake_refuses_what_the_contract_does_not_allow() -> None:
    stock = FakeStock()
    with refused('stock does not answer GET /items/{identifier} with 200: body #/id is not a "uuid"'):
        stock.answer(Stock.get_item, {**ITEM, "id": "5"})
    with refused("stock does not answer DELETE /items/{identifier} with 204 and a body: the contract has none"):
        stock.answer(Stock.delete_item, {})
    with refused("stock does not take GET /items: query #/limit is less than the minimum of 1"):
        stock.list_items(limit=0)
    with refused("stock does not take POST /items: body #/name is shorter than 1 character"):
        stock.create_item({"name": "", "category": "light"})
    with refused("set an answer of stock to GET /items/{identifier}"):
        stock.get_item(ID)
'''


@pytest.fixture
def service(bake: Bake, install: Bake, copy: Callable[[Path], Path]) -> Path:
    """A service of one's own, in an environment that is shared."""
    root = copy(bake(database="none"))
    (root / ".venv").symlink_to(install() / ".venv")
    return root


@pytest.fixture
def contract(bake: Bake, tmp_path: Path) -> Path:
    """The contract of the service that is called."""
    root = bake(**peer_answers())
    document = tmp_path / "stock.yaml"
    document.write_bytes((root / "src" / "stock" / "openapi.yaml").read_bytes())
    return document


def peer_answers() -> dict[str, object]:
    return {"project_name": "Stock", "resource": "item", "database": "none"}


def client(root: Path, *arguments: str, status: int = 0) -> list[str]:
    """Runs the command, and returns the lines that it prints."""
    result = execute(root, "python", "-m", "tools.client", *arguments)
    assert result.returncode == status, result.stdout + result.stderr
    return (result.stdout + result.stderr).splitlines()


def execute(
    root: Path, program: str, *arguments: str, text: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [root / ".venv" / "bin" / program, *arguments],
        cwd=root,
        input=text,
        env=environment(PYTHONPATH="src"),
        capture_output=True,
        text=True,
        check=False,
    )


def must(root: Path, command: str) -> None:
    result = execute(root, *command.split())
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"


def contents(root: Path) -> dict[Path, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".venv" not in path.parts)
    return {path: path.read_bytes() for path in files if "cache" not in str(path)}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.timeout(300)
def test_one_service_calls_another_by_its_contract(
    service: Path, install: Bake, contract: Path, tmp_path: Path
) -> None:
    page = (service / "docs" / "http-client.md").read_text(encoding="utf-8")
    told = page.partition("$ make client FROM=stock.yaml NAME=stock\n")[2].partition("```")[0]
    assert client(service, "--from", str(contract), "--name", "stock") == told.splitlines()
    (service / PACKAGE / "restocking.py").write_text(HANDLER, encoding="utf-8")
    (service / "tests" / "stock" / "test_stock.py").write_text(TEST, encoding="utf-8")
    edit(service / PACKAGE / "openapi.yaml", "\ncomponents:\n", f"{OPERATION}\ncomponents:\n")
    must(service, "ruff format .")
    for command in ("python -m tools.contract", "ruff check .", "mypy"):
        must(service, command)
    must(service, "pytest -q --no-cov tests/stock tests/test_documentation.py")
    peer = install(**peer_answers())
    variables = {"APP_ENVIRONMENT": "development", "APP_SERVER__DRAIN_DELAY": "0"}
    with Service(peer, tmp_path, **variables) as called:
        variables |= {"APP_UPSTREAMS__STOCK__URL": called.url, "PYTHONPATH": "src"}
        with Service(service, tmp_path, **variables) as caller:
            answer = caller.post("/v1/restocked/Candle")
            assert answer.status_code == 200, answer.text
            (item,) = called.get("/v1/items").json()["items"]
            assert answer.json() == {
                "id": item["id"],
                "day": item["created_at"][:10],
                "names": ["Candle"],
            }
            # The other service refuses a name that is taken.
            assert caller.post("/v1/restocked/Candle").status_code == 502
            called.terminate()
            wait_for(lambda: caller.post("/v1/restocked/Lamp").status_code == 503, "a refusal")
    # An operation that is gone is missed by the type checker.
    document = yaml.safe_load(contract.read_text(encoding="utf-8"))
    del document["paths"]["/items/{identifier}"]["get"]
    contract.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    assert client(service, "--from", str(contract), "--name", "stock") == [
        f"WRITE {PACKAGE}/stock/client.py",
        f"WRITE {PACKAGE}/stock/http.py",
        f"WRITE {PACKAGE}/stock/openapi.yaml",
        "WRITE tests/stock/fake.py",
    ]
    missed = execute(service, "mypy")
    assert 'restocking.py:16: error: "Stock" has no attribute "get_item"' in missed.stdout


def test_a_second_run_renews_what_is_generated(service: Path, contract: Path) -> None:
    client(service, "--from", str(contract), "--name", "stock")
    settings = service / PACKAGE / "settings.py"
    edit(settings, 'url="http://stock:8080"', 'url="https://stock.example.com"')
    before = contents(service)
    assert client(service, "--name", "stock") == ["nothing to do"]
    edit(service / PACKAGE / "stock" / "http.py", "HttpStock", "Mine")
    assert client(service, "--name", "stock") == [f"WRITE {PACKAGE}/stock/http.py"]
    assert contents(service) == before


def test_a_second_service_stands_beside_the_first(service: Path, contract: Path) -> None:
    client(service, "--from", str(contract), "--name", "stock")
    printed = client(service, "--from", str(PETSTORE), "--name", "pet_shop")
    assert f"APPEND {PACKAGE}/bindings.py +4" in printed
    assert f"APPEND {PACKAGE}/settings.py +1" in printed
    assert not [line for line in printed if line.endswith("app.py")]
    assert printed[-1].startswith("to do: pet_shop asks for credentials (token, api_key):")
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        must(service, command)


def test_lines_are_told_where_there_is_no_place_for_them(service: Path, contract: Path) -> None:
    edit(service / PACKAGE / "app.py", "Bindings()", "*make_bindings()")
    edit(service / PACKAGE / "settings.py", "class UpstreamsSettings", "class OtherSettings")
    edit(
        service / "docs" / "configuration.md",
        "| `upstreams.<name>.url` | | URL of the service |",
        "| `upstreams.<name>.url` | | where it is |",
    )
    edit(
        service / "deploy" / "chart" / "values.yaml", "\nupstreams: {}\n", "\nupstreams: {a: {}}\n"
    )
    edit(
        service / PACKAGE / "bindings.py",
        "    def configure(",
        "    def __init__(self, name: str) -> None:\n        self.name = name\n\n    def configure(",
    )
    before = contents(service)
    printed = client(service, "--from", str(contract), "--name", "stock")
    added = [
        'stock: UpstreamSettings = UpstreamSettings(url="http://stock:8080")',
        "def __init__(self, settings: UpstreamsSettings) -> None:",
        "binder.bind(Stock, to=HttpStock(self._stock))",
        "injector = Injector([Bindings(settings.upstreams)])",
        "| `upstreams.stock.url` | `http://stock:8080` | URL of stock |",
        "url: http://stock:8080",
    ]
    assert [one for one in added if one not in map(str.strip, printed)] == []
    assert before.items() <= contents(service).items()


NAMES = {
    "": "say what the service is called: make client FROM=openapi.yaml NAME=stock",
    "Stock": "NAME has to be of small letters, digits and underscores, such as stock: 'Stock' is not",
    "class": "class is a keyword of Python: choose another NAME",
    "json": "json is a module of Python: choose another NAME",
    "chassis": "chassis is a package of this service: choose another NAME",
    "model_fields": "model_fields cannot be the name of a setting: choose another NAME",
    "colors": "there is src/color_palette/colors already: choose another NAME",
    "color": "src/color_palette/bindings.py has the name Color already: choose another NAME",
}
HEAD = "openapi: 3.0.0\ninfo: {title: A, version: '1'}\n"
DOCUMENTS = {
    "hello": "{}: not an OpenAPI document",
    "openapi: 3.1.0\npaths: {}\n": "{}: its version of OpenAPI is 3.1.0; Connexion serves 3.0",
    "openapi: 3.0.0\npaths: {/a: {}}\n": "contract: {}: 'info' is a required property",
    HEAD + "paths: {/a: {get: {responses: {'400': {description: A}}}}}\n": (
        "{}: no operation can be called: GET /a has no answer for success"
    ),
}
# The command takes seconds to load.
SEVERAL = """
import sys
from tools.client.__main__ import main
for line in sys.stdin.read().splitlines():
    sys.argv = ["client", *line.split("\\t")]
    assert main() == 1
"""


def test_what_cannot_be_done_is_refused_with_one_sentence(service: Path, tmp_path: Path) -> None:
    calls = {f"--from\t{PETSTORE}\t--name\t{name}": reason for name, reason in NAMES.items()}
    for number, (text, reason) in enumerate(DOCUMENTS.items()):
        source = tmp_path / f"{number}.yaml"
        source.write_text(text, encoding="utf-8")
        calls[f"--from\t{source}\t--name\tstock"] = reason.format(source)
    calls["--from\tnone.yaml\t--name\tstock"] = "none.yaml: there is no such file"
    calls["--name\tstock"] = (
        "there is no src/color_palette/stock/openapi.yaml: bring the OpenAPI document of stock by FROM"
    )
    before = contents(service)
    result = execute(service, "python", "-c", SEVERAL, text="\n".join(calls))
    assert result.stderr.splitlines() == list(calls.values())
    assert (result.returncode, result.stdout) == (0, "")
    assert contents(service) == before


def test_what_cannot_be_called_is_left_out(service: Path, tmp_path: Path) -> None:
    document: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "Odd", "version": "1"},
        "paths": {
            "/good": {"get": answering()},
            "/form": {"post": answering() | {"requestBody": body("multipart/form-data")}},
            "/cookie": {"get": answering() | {"parameters": [parameter("cookie", "string")]}},
            "/object": {"get": answering() | {"parameters": [parameter("query", "object")]}},
        },
    }
    source = tmp_path / "odd.yaml"
    source.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    printed = client(service, "--from", str(source), "--name", "odd")
    assert [line for line in printed if line.startswith("left out")] == [
        "left out: POST /form takes a form",
        "left out: GET /cookie takes the cookie a",
        "left out: GET /object takes the parameter a, which is no plain value or list",
    ]
    text = (service / PACKAGE / "odd" / "client.py").read_text(encoding="utf-8")
    assert text.count("@abstractmethod") == 1


def answering() -> dict[str, Any]:
    return {"responses": {"204": {"description": "Done"}}}


def body(media_type: str) -> dict[str, Any]:
    return {"content": {media_type: {"schema": {"type": "object"}}}}


def parameter(place: str, kind: str) -> dict[str, Any]:
    return {"name": "a", "in": place, "schema": {"type": kind}}
