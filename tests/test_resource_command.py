"""`make resource` and `make field` of a service: what they write is clean, tested and complete, or nothing is written."""

import ast
import importlib
import importlib.util
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tools import first_resource
from tools.template import TEMPLATE

from .conftest import Bake
from .live import environment, wait_for

PAGE = Path("docs", "resources.md")
EVERY_KIND = (
    "title:string(30)! code:string(20)!? email:string note:string(500)? type:enum(on,off)"
    " size:enum(small,large)=small rank:integer(0..9)=1 pieces:integer total:integer(0..99999999999999999999)?"
    " ratio:number credit:decimal price:decimal(15,3)=0.125 paid:boolean=false born:date? due_at:datetime"
    " owner:uuid labels:list(9)? color:ref(colors) other:ref(colors)? parent:ref(order_lines)?"
)
LIMIT = 600


@pytest.fixture
def make_service(bake: Bake, install: Bake, copy: Callable[[Path], Path]) -> Callable[..., Path]:
    """Makes a service of one's own, in an environment that is shared."""

    def make(**answers: str) -> Path:
        root = copy(bake(**answers))
        (root / ".venv").symlink_to(install() / ".venv")
        return root

    return make


def variables() -> dict[str, str]:
    """What `make` sets, and where the package is."""
    return environment(PYTHONPATH="src", APP_CONFIG_FILE="config/development.yaml")


def execute(root: Path, *command: str, **more: str) -> Any:
    """Runs a command of the environment."""
    program, *arguments = command
    return subprocess.run(
        [root / ".venv" / "bin" / program, *arguments],
        cwd=root,
        env=variables() | more,
        capture_output=True,
        text=True,
        check=False,
    )


def must(root: Path, command: str) -> str:
    """Runs a command that has to succeed, and returns what it prints."""
    result = execute(root, *shlex.split(command))
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return str(result.stdout)


def must_test(root: Path, paths: str) -> None:
    """Runs tests of the service; they have settings of their own."""
    result = subprocess.run(
        [root / ".venv" / "bin" / "pytest", "-q", "--no-cov", *shlex.split(paths)],
        cwd=root,
        env=environment(PYTHONPATH="src"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def assignments(command: str) -> dict[str, str]:
    """Returns the variables of a call of make."""
    return dict(word.split("=", 1) for word in shlex.split(command)[2:])


def arguments_of(command: str) -> list[str]:
    """Returns the arguments of the tool that a call of make has, as the Makefile passes them."""
    given = assignments(command)
    if "RESOURCE" in given:
        return ["field", "--", given["RESOURCE"], given["FIELD"]]
    plural = ["--plural", given["PLURAL"]] if "PLURAL" in given else []
    return ["add", *plural, "--", given["NAME"], given["FIELDS"]]


def tell(root: Path, command: str, **more: str) -> tuple[int, list[str]]:
    """Runs a call of make, and returns its status and its lines."""
    result = execute(root, "python", "-m", "tools.resource", *arguments_of(command), **more)
    return result.returncode, (result.stdout + result.stderr).splitlines()


def transcripts(root: Path) -> list[tuple[str, list[str]]]:
    """Returns the calls of make that the page shows, with what they print."""
    page = (root / PAGE).read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    calls = [call.splitlines() for block in blocks for call in block.split("$ ")[1:]]
    return [(command, lines) for command, *lines in calls]


def without_revisions(lines: list[str]) -> list[str]:
    return [re.sub(r"/\d{14}_[0-9a-f]{12}_", "/REVISION_", line) for line in lines]


def contents(root: Path) -> dict[Path, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and ".venv" not in path.parts)
    unwanted = {"__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}
    return {
        path: path.read_bytes()
        for path in files
        if not unwanted & set(path.parts) and ".db" not in path.name
    }


def must_be_added(root: Path) -> None:
    """Adds what the page adds, and expects what the page shows."""
    for command, lines in transcripts(root):
        if lines[0].startswith("APPEND"):
            status, printed = tell(root, command)
            assert (status, without_revisions(printed)) == (0, without_revisions(lines))


@pytest.mark.timeout(LIMIT)
def test_resources_are_right_at_once(make_service: Callable[..., Path]) -> None:
    root = make_service()
    status, printed = tell(root, f'make resource NAME=order_line FIELDS="{EVERY_KIND}"')
    assert status == 0, printed
    for command in ("ruff check .", "ruff format --check .", "mypy"):
        must(root, command)
    # With make test-all, also random requests.
    contract = "" if os.environ.get("TEST_ALL") else "/test_fields.py tests/contract/test_code.py"
    must_test(root, f"tests/order_lines tests/test_database.py tests/contract{contract}")


@pytest.mark.timeout(LIMIT)
def test_a_resource_needs_no_database(make_service: Callable[..., Path]) -> None:
    root = make_service(database="none")
    must_be_added(root)
    must(root, "ruff check .")
    must(root, "ruff format --check .")
    must_test(root, "tests/customers tests/contract/test_fields.py tests/contract/test_code.py")


@pytest.mark.timeout(LIMIT)
def test_nothing_is_half_written(make_service: Callable[..., Path]) -> None:
    root = make_service(database="sqlite")
    before = contents(root)
    command = 'make resource NAME=customer FIELDS="name:string!"'
    status, (line,) = tell(root, command, APP_DATABASE__URL="sqlite:////nowhere/service.db")
    assert (status, line.startswith("database: sqlite")) == (1, True), line
    assert contents(root) == before
    # The migration is refused when all other files are written.
    status, (line,) = tell(root, 'make field RESOURCE=color FIELD="pieces:integer"')
    assert (status, "existing rows need a value for colors.pieces" in line) == (1, True), line
    assert contents(root) == before
    process = subprocess.Popen(
        [root / ".venv/bin/python", "-m", "tools.resource", *arguments_of(command)],
        cwd=root,
        env=variables(),
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for((root / "tests" / "customers" / "test_service.py").exists, "files", 60)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "interrupted: nothing has changed\n")
    assert contents(root) == before
    must_be_added(root)
    must_test(root, "tests/customers tests/test_migrations.py")


RUN = """
import sys
from pathlib import Path
from chassis.contract import read_contract
from tools.contract import project
from tools.contract.files import Files
from tools.resource import additions
from tools.resource.names import RefusedError

service = project.find(Path.cwd())
document = read_contract(service.contract)
for line in sys.stdin.read().splitlines():
    kind, *arguments = line.split("|")
    files = Files(service.root)
    try:
        getattr(additions, kind)(service, files, document, *arguments)
        print("not refused")
    except RefusedError as error:
        print(error)
"""
REFUSED = {
    "add_resource|color|colors|name:string": "src/color_palette/colors is there already",
    "add_resource|app|app|name:string": "src/color_palette/app.py is there already",
    "add_resource|thing|chassis|name:string": "tests/chassis is there already",
    "add_resource|color|hues|name:string": "openapi.yaml has the schema ColorNameField already",
    "add_resource|thing|things|other:ref(others)": "other: openapi.yaml has no path /others",
    "add_resource|thing|things|parent:ref(things)": "parent: add ? to it, because the first has no other",
    "add_resource|session|sessions|name:string": "NAME 'session' is a name that the generated code uses itself",
    "add_resource|page|pages|name:string": "NAME 'page' is a name that the generated code uses itself",
    "add_resource|thing|pg_things|name:string": "PLURAL 'pg_things' begins as names of tables that databases have",
    "add_field|customer|phone:string": "there is no resource 'customer': no model.py has the class Customer",
    "add_field|color|name:string": "openapi.yaml has the schema ColorNameField already",
    "add_field|color|other:ref(colors)": "other: add ? to it, because the first has no other",
    "add_field|color|other:ref(others)?": "other: openapi.yaml has no path /others",
}


def test_what_cannot_be_is_refused(make_service: Callable[..., Path]) -> None:
    root = make_service()
    before = contents(root)
    expected = REFUSED | {
        "|".join(
            ["add_resource", given["NAME"], given.get("PLURAL", "things"), given["FIELDS"]]
        ): line
        for command, (line, *_) in transcripts(root)
        if not line.startswith("APPEND") and (given := assignments(command))
    }
    result = subprocess.run(
        [root / ".venv/bin/python", "-c", RUN],
        cwd=root,
        env=variables(),
        input="\n".join(expected),
        capture_output=True,
        text=True,
        check=False,
    )
    assert dict(zip(expected, result.stdout.splitlines(), strict=True)) == expected, result.stderr
    assert contents(root) == before


RENDER = """
import json, sys
from tools.resource import fields, names, texts

name, plural, described = sys.argv[1:4]
found = fields.read(described)
context = texts.context(names.resource(name, plural), found, "/v1")
if "table.py" in sys.argv:
    from tools.resource import tables

    context |= tables.context(found)
print(json.dumps({name: texts.render(name, context) for name in sys.argv[4:]}))
"""


def test_the_first_resource_of_the_template_is_what_the_command_writes(bake: Bake) -> None:
    for name, text in first_resource.texts(bake()).items():
        assert (TEMPLATE / name).read_text(encoding="utf-8") == text, "run make first-resource"


@pytest.mark.parametrize("database", ["postgresql", "sqlite", "none"])
@pytest.mark.parametrize(
    ("name", "plural"),
    [("color", "colors"), ("invoice", "invoices"), ("line_entry", "line_entries")],
)
def test_the_first_resource_of_a_service_is_what_its_command_writes(
    bake: Bake, database: str, name: str, plural: str
) -> None:
    root = bake(database=database, resource=name)
    places = {
        file: path.replace("<<cookiecutter.package_name>>", "color_palette").replace(
            "<<cookiecutter.resource_plural>>", plural
        )
        for file, path in first_resource.FILES.items()
        if file != "table.py" or database != "none"
    }
    result = subprocess.run(
        [sys.executable, "-c", RENDER, name, plural, first_resource.FIELDS, *places],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    for file, text in json.loads(result.stdout).items():
        assert (root / places[file]).read_text(encoding="utf-8") == text, file


def module(name: str) -> Any:
    """Imports a module of the command from the template; it imports none but those beside it."""
    directory = TEMPLATE / "tools" / "resource"
    package = "resource_command"
    if package not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            package, directory / "__init__.py", submodule_search_locations=[str(directory)]
        )
        assert spec
        sys.modules[package] = importlib.util.module_from_spec(spec)
    # What is compiled would be a file of the template.
    with patch.object(sys, "dont_write_bytecode", True):
        return importlib.import_module(f"{package}.{name}")


@pytest.mark.parametrize(
    ("name", "plural", "reason"),
    [
        ("Customer", "customers", "NAME 'Customer' is not lower-case words"),
        ("../x", "customers", "NAME '../x' is not lower-case words"),
        ("customer", "cust omers", "PLURAL 'cust omers' is not lower-case words"),
        ("", "customers", "NAME '' is not lower-case words"),
        ("class", "classes", "NAME 'class' is a Python keyword"),
        ("list", "lists", "NAME 'list' is a Python built-in"),
        ("null", "nulls", "NAME 'null' is a value in YAML"),
        ("problem", "problems", "NAME 'problem' is a name that the generated code uses itself"),
        ("x" * 21, "customers", "is longer than 20 characters"),
        ("customer", "x" * 25, "is longer than 24 characters"),
        ("thing", "dist", "PLURAL 'dist' is a directory that tools pass over"),
    ],
)
def test_a_bad_name_is_refused(name: str, plural: str, reason: str) -> None:
    names = module("names")
    with pytest.raises(names.RefusedError) as refused:
        names.check(name, plural)
    assert reason in str(refused.value)


def test_a_name_that_is_no_first_resource_is_none_here() -> None:
    names = module("names")
    hook = importlib.util.spec_from_file_location(
        "hook", TEMPLATE.parent / "hooks/pre_gen_project.py"
    )
    assert hook
    assert hook.loader
    questions = importlib.util.module_from_spec(hook)
    hook.loader.exec_module(questions)
    tables = (TEMPLATE / "tools" / "resource" / "tables.py").read_text(encoding="utf-8")
    for word in sorted({*questions.CODE, *questions.BUILTINS, *questions.YAML_VALUES}):
        if f'"{word}"' not in tables:
            with pytest.raises(names.RefusedError):
                names.check(word, "customers")


@pytest.mark.parametrize(
    ("described", "reason"),
    [
        ("", "FIELDS is empty"),
        ("name", "'name' is no field; a field is name:type"),
        ("name:", "there is no type ''"),
        ("name:text", "there is no type 'text'; there are string,"),
        ("Name:string", "the name of the field 'Name' is not lower-case words"),
        ("class:string", "'class' is a Python keyword"),
        ("id:uuid", "'id' is a name that the generated code uses itself"),
        ("date:date", "'date' is a name that the generated code uses itself"),
        ("name:string name:date", "the field name is there twice"),
        ("name:string(0)", "other texts at least one"),
        ("code:string(3)!", "a unique text needs at least 12 characters"),
        ("name:string(x)", "write it as in string(80)"),
        ("name:string??", "a mark is there twice"),
        ("rank:integer!", "only a string can be unique"),
        ("rank:integer(9..0)", "its lower bound has to be below the upper one"),
        ("rank:integer(9)", "write its bounds as in integer(0..9)"),
        ("rank:integer(0..9)=10", "the default is no value of the type"),
        ("rank:integer?=1", "neither unique nor optional"),
        ("born:date=2026-02-03", "a field of this type has no default"),
        ("born:date(3)", "it takes nothing in parentheses"),
        ("credit:decimal(2,2)", "at most 15 digits"),
        ("credit:decimal(16,2)", "at most 15 digits"),
        ("credit:decimal=1e3", "the default is no value of the type"),
        ("credit:decimal=0.001", "the default is no value of the type"),
        ("tier:enum", "write its values as in enum(gold,silver)"),
        ("tier:enum(gold,gold)", "write its values as in enum(gold,silver)"),
        ("tier:enum(gold,a b)", "'a b' is not a word"),
        ("tier:enum(gold)=silver", "the default is no value of the type"),
        ("invoice:ref", "name the plural of a resource as in ref(invoices)"),
        ("invoice:ref(../x)", "name the plural of a resource as in ref(invoices)"),
    ],
)
def test_a_bad_field_is_refused(described: str, reason: str) -> None:
    with pytest.raises(module("names").RefusedError) as refused:
        module("fields").read(described)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text(alphabet="ab:()!?=,. 019-_stringdecimalenumref", max_size=30))
def test_any_text_is_fields_or_refused_in_a_sentence(text: str) -> None:
    with suppress(module("names").RefusedError):
        assert module("fields").read(text)


NAMES = st.from_regex(r"[a-z]{1,8}(_[a-z0-9]{1,4})?", fullmatch=True)
WORDS = st.lists(
    st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,6}", fullmatch=True), min_size=1, unique=True
)
KINDS = st.one_of(
    st.sampled_from(["string", "integer", "number", "decimal", "boolean", "date", "datetime"]),
    st.sampled_from(["uuid", "list", "ref(invoices)"]),
    st.integers(12, 9999).map("string({})!".format),
    st.integers(1, 9999).map("string({})".format),
    st.tuples(st.integers(-(10**20), 0), st.integers(1, 10**20)).map(
        lambda bounds: "integer({}..{})".format(*bounds)
    ),
    st.integers(0, 14).flatmap(
        lambda places: st.integers(places + 1, 15).map(lambda digits: f"decimal({digits},{places})")
    ),
    WORDS.map(lambda words: f"enum({','.join(words)})"),
)


@given(NAMES, KINDS, st.sampled_from(["", "?"]))
def test_a_field_is_python_and_yaml_whatever_it_is(name: str, kind: str, mark: str) -> None:
    field = module("fields").read_one(f"{name}_x:{kind}{mark}")
    ast.parse(field.model)
    schema = yaml.safe_load("\n".join(field.schema))
    assert schema.get("nullable", False) is (mark == "?")
    if "enum" in schema:
        assert schema["enum"] == [*field.kind.values, *([None] if mark else [])]
    if "maximum" in schema:
        assert schema["minimum"] <= float(schema["example"]) <= schema["maximum"]
    if "maxLength" in schema:
        assert 1 <= len(schema["example"]) <= schema["maxLength"]
    for value in [*field.kind.refused, *filter(None, [field.kind.largest])]:
        ast.parse(value, mode="eval")
