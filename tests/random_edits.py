"""Random edits of a service's contract and code, each followed by what `make contract` does.

Runs in the root of a copy of a service, with the Python of its environment: `python random_edits.py EXAMPLES`.
"""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path.cwd()))
from tools.contract import project, style
from tools.contract.files import Files
from tools.contract.plan import plan

SERVICE = project.find(Path.cwd())
PACKAGE = SERVICE.sources / SERVICE.package
CONTRACT = SERVICE.contract.read_text(encoding="utf-8")
CODE = (PACKAGE / "colors" / "api.py").read_text(encoding="utf-8")
TESTS = SERVICE.root / "tests"

NAMES = [
    "limit",
    "petId",
    "class",
    "id",
    "x-y",
    "date",
    "UUID",
    "sort",
    "filter[a]",
    "type",
    "body",
]
SCHEMAS: list[dict[str, Any]] = [
    {"type": "integer"},
    {"type": "string", "format": "uuid"},
    {"type": "string", "format": "date"},
    {"type": "string", "format": "date-time", "nullable": True},
    {"type": "string", "enum": ["a", "it's", 'a "b"']},
    {"type": "array", "items": {"type": "boolean"}},
    {"type": "number", "format": "decimal"},
]
BODIES = [
    {"$ref": "#/components/schemas/ColorFields"},
    {"type": "object"},
    {"oneOf": [{"$ref": "#/components/schemas/Color"}, {"type": "string"}]},
]
FUNCTIONS = ["rename", "getPet", "list", "create_color", "a.b"]
MODULES = ["colors.api", "greetings", "deep.inside.api", "colors.service"]
SUMMARIES = ["", "Rename it", "A \\d and a ‘quote’", 'Three """ quotes"']  # noqa: RUF001
# What an owner may have in a module: each part with the imports that it uses.
PARTS = [
    "from typing import Final\n\nLARGEST: Final = 3\n",
    "import uuid\n\nNONE = uuid.UUID(int=0)\n",
    "from datetime import datetime\n\nSTART = datetime.min\n",
    "import datetime\n\nEND = datetime.date.max\n",
    "from .. import settings\n\nSETTINGS = settings.Settings\n",
    "from color_palette import schemas as types\n\nColor = types.Color\n",
    "from chassis.contract.stubs import OperationNotImplementedError as Stub\n\nSTUB = Stub\n",
    "# The last word.\n",
    "def helper(value: int) -> int:\n    return value\n",
]


@st.composite
def operations(draw: Any) -> tuple[str, str, dict[str, Any]]:
    """Makes an operation, with its path and method."""
    path = "/" + draw(st.sampled_from(["pets", "pets/{petId}", "colors/{id}/rename", "{class}"]))
    method = draw(st.sampled_from(["get", "post", "put", "delete"]))
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "query", "schema": draw(st.sampled_from(SCHEMAS))}
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=3))
        if f"{{{name}}}" not in path
    ]
    for name in ("petId", "id", "class"):
        if f"{{{name}}}" in path:
            schema = draw(st.sampled_from(SCHEMAS[:3]))
            parameters.append({"name": name, "in": "path", "required": True, "schema": schema})
    status = draw(st.sampled_from(["200", "201", "204", "default"]))
    schema = draw(st.sampled_from(BODIES))
    content = {} if status == "204" else {"content": {"application/json": {"schema": schema}}}
    operation = {
        "operationId": draw(st.sampled_from(FUNCTIONS)),
        "x-openapi-router-controller": f"{SERVICE.package}.{draw(st.sampled_from(MODULES))}",
        "summary": draw(st.sampled_from(SUMMARIES)),
        "parameters": parameters,
        "responses": {status: {"description": "An answer", **content}},
    }
    if method in ("post", "put") and draw(st.booleans()):
        media = {"application/json": {"schema": draw(st.sampled_from(BODIES))}}
        operation["requestBody"] = {"required": draw(st.booleans()), "content": media}
    return path, method, operation


def contract(added: list[tuple[str, str, dict[str, Any]]]) -> str:
    """Returns the contract with further operations, each function once."""
    document = yaml.safe_load(CONTRACT)
    named = set()
    for path, method, operation in added:
        name = operation["x-openapi-router-controller"], operation["operationId"]
        if name not in named and method not in document["paths"].get(path, {}):
            document["paths"].setdefault(path, {})[method] = operation
            named.add(name)
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def restore(before: dict[Path, str]) -> None:
    """Makes the files what they were."""
    for path in python_files() - before.keys():
        path.unlink()
    for path, text in before.items():
        path.write_text(text, encoding="utf-8")


def python_files() -> set[Path]:
    return {path for root in (PACKAGE, TESTS) for path in root.rglob("*.py")}


def faults(paths: set[Path]) -> str:
    """Returns what ruff finds in files."""
    found = ""
    for command in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        arguments = [sys.executable, "-m", "ruff", *command, *map(str, sorted(paths))]
        found += subprocess.run(arguments, capture_output=True, text=True, check=False).stdout
    return found


def follow() -> tuple[list[str], set[Path]]:
    """Makes the code follow the contract, and returns what was done, and the files that there are."""
    files = Files(SERVICE.root)
    plan(SERVICE, files)
    report = files.report()
    files.save()
    return report, python_files()


BEFORE = {path: path.read_text(encoding="utf-8") for path in python_files()}


@settings(
    max_examples=int(sys.argv[1]),
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(
    st.lists(operations(), max_size=4),
    st.lists(st.sampled_from(PARTS), unique=True, max_size=4),
    st.booleans(),
)
def test(added: list[Any], parts: list[str], is_formatted: bool) -> None:
    """Lines stay, the result is Python without faults, and there is nothing more to do."""
    restore(BEFORE)
    SERVICE.contract.write_text(contract(added), encoding="utf-8")
    code = PACKAGE / "colors" / "api.py"
    text = CODE + "".join(f"\n\n{part}" for part in parts)
    if is_formatted:
        text = style.formatted(style.sorted_imports(text, code), code)
    code.write_text(text, encoding="utf-8")
    edited = {path: path.read_text(encoding="utf-8") for path in python_files()}
    had_faults = faults({code})
    report, paths = follow()
    new = {path: path.read_text(encoding="utf-8") for path in paths}
    for path, before in edited.items():
        if path != SERVICE.types:
            assert style.has_all_lines(new[path], before), f"{path} has lost a line"
    for path, text in new.items():
        ast.parse(text, str(path))
    if not had_faults:
        changed = {path for path in paths if new[path] != edited.get(path)}
        assert not changed or not (found := faults(changed)), found
    assert follow()[0] == [], report


if __name__ == "__main__":
    test()
    print("done")
