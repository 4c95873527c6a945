"""Code: every module, function and test of a service is there for something."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import PurePath
from typing import NamedTuple

from vulture import Vulture

from ..conditions import NEVER, Condition
from .family import Family
from .file import Fault
from .imports import dotted, imports

CONTRACT_OF_TESTS = "tests/chassis/domain/openapi.yaml"
# What a framework calls or reads by its name.
FRAMEWORKS = {
    "gunicorn": [
        "when_ready",
        "on_starting",
        "pre_fork",
        "post_fork",
        "post_worker_init",
        "child_exit",
        "worker_exit",
        "write_error",
        "handle_request",
        "load_wsgi",
        "server_class",
        "alive",
    ],
    "prometheus_client": ["ValueClass"],
    "gevent": ["max_accept", "print_exception"],
    "gunicorn's settings": [
        "wsgi_app",
        "worker_class",
        "keepalive",
        "graceful_timeout",
        "control_socket_disable",
        "logconfig_dict",
        "accesslog",
        "access_log_format",
        "workers",
        "max_requests",
        "max_requests_jitter",
        "worker_connections",
        "backlog",
        "limit_request_line",
        "limit_request_fields",
        "limit_request_field_size",
    ],
    "Connexion": [
        "_add_operation_internal",
        "add_operation",
        "connexion_context",
    ],
    "Werkzeug": ["merge_slashes", "form_data_parser_class"],
    "Flask's JSON": ["kwargs"],
    "logging": ["logThreads", "logProcesses", "logMultiprocessing"],
    "python-json-logger": ["add_fields", "jsonify_log_record"],
    "OpenTelemetry's SDK": ["export"],
    "inspect": ["__signature__", "__annotations__"],
    "pydantic": ["model_config", "settings_customise_sources", "dotenv_settings"],
    "SQLAlchemy": [
        "type_annotation_map",
        "load_dialect_impl",
        "bind_processor",
        "result_processor",
        "coltype",
        "impl",
        "cache_ok",
        "process_bind_param",
        "process_result_value",
        "dialect",
        "proxy",
    ],
    "SQLAlchemy's pool": ["_queue_class", "put_nowait", "qsize"],
    "context managers": ["traceback"],
    "pytest": ["pytest_plugins", "pytestmark", "pytest_collection_modifyitems"],
    "hypothesis": ["setup"],
    "http.server": [
        "do_HEAD",
        "do_GET",
        "do_POST",
        "log_message",
        "protocol_version",
        "daemon_threads",
        "handle_error",
    ],
    "requests": ["trust_env", "verify", "_content"],
    "urllib3": ["pool_classes_by_scheme"],
    "jaeger-client": ["set_process", "report_span"],
}
# What registers a function by being over it.
DECORATORS = ["@*.command", "@pytest.fixture", "@*field_validator*", "@provider"]
# Where a service is entered.
ENTRANCES = ("wsgi", "cli")


def faults(family: Family) -> Iterator[Fault]:
    """Finds code that nothing uses, modules that nothing imports, and tests that are none."""
    yield from unused_code(family)
    yield from unused_modules(family)
    yield from vanished_tests(family)


def unused_code(family: Family) -> Iterator[Fault]:
    """Finds functions, classes, attributes and variables that no other code names, `__all__` included.

    What defines a name implies what uses it: each condition of a definition one of a use.
    """
    looked_at = [(module, look(module.path, module.text)) for module in family.modules]
    used = operations(family)
    for module, (_, names) in looked_at:
        for name in names:
            used[name] = used.get(name, NEVER) | module.condition
    for module, (items, _) in looked_at:
        for item in items:
            if wrong := module.condition & ~used.get(item.name, NEVER):
                place = f"{module.path}:{item.line}"
                if not is_found_by_name(place, item.kind, item.name, item.text):
                    yield Fault(f"{place}: nothing uses the {item.kind} {item.name}", wrong)


class Item(NamedTuple):
    """Something that a module defines."""

    kind: str
    name: str
    line: int
    text: str


@cache
def look(path: str, text: str) -> tuple[list[Item], set[str]]:
    """What a module defines and does not use itself, and the names that it uses."""
    names = [name for names in FRAMEWORKS.values() for name in names]
    finder = Vulture(ignore_names=names, ignore_decorators=DECORATORS)
    finder.scan(text, filename=PurePath(path))
    lines = text.splitlines()
    items = [
        Item(item.typ, item.name, item.first_lineno, lines[item.first_lineno - 1])
        for item in finder.get_unused_code()
    ]
    return items, set(finder.used_names)


def operations(family: Family) -> dict[str, Condition]:
    """The functions that the contracts name, and where."""
    found: dict[str, Condition] = {}
    for path in (contract(family), CONTRACT_OF_TESTS):
        for text, condition in family.lines(path).items():
            for name in re.findall(r"operationId: (\w+)", text):
                found[name] = found.get(name, NEVER) | condition
    return found


def is_found_by_name(place: str, kind: str, name: str, line: str) -> bool:
    """Whether pytest finds a test, Alembic what a migration says, or a test stands in for code."""
    if "/schemas.py:" in place:
        return True  # it has the types of all that the contract has
    is_field = line.startswith(f"    {name}: ")
    if "/model.py:" in place or "/table.py:" in place:
        return is_field  # responses are written by the names that the contract has
    if place.startswith("tests/"):
        return name.startswith("test_") or kind == "attribute" or is_field
    return place.startswith("migrations/versions/")


def unused_modules(family: Family) -> Iterator[Fault]:
    """Finds modules of the package that are not reached from where it is entered."""
    package = family.names["package_name"]
    imported = {f"{package}.{name}": family.space.always for name in ENTRANCES}
    for module in family.modules:
        if not module.path.startswith("tests/"):
            for _, name, inner in imports(module.path, module.tree):
                for full in filter(None, [name, inner and f"{name}.{inner}"]):
                    imported[full] = imported.get(full, NEVER) | module.condition
    for text, condition in family.lines(contract(family)).items():
        if found := re.search(r"x-openapi-router-controller: ([\w.]+)", text):
            imported[found[1]] = imported.get(found[1], NEVER) | condition
    for module in family.modules:
        path = module.path
        is_module = path.startswith("src/") and not path.endswith("__init__.py")
        wrong = module.condition & ~imported.get(dotted(path), NEVER)
        if is_module and wrong and not is_front_door(path, module.tree):
            yield Fault(f"{path}: no other module imports it", wrong)


def is_front_door(path: str, tree: ast.Module) -> bool:
    """Whether a module of the chassis lists what is for use; a new service need not use all of that."""
    return path.startswith("src/chassis/") and any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for node in tree.body
    )


def vanished_tests(family: Family) -> Iterator[Fault]:
    """Finds tests that stand in the text, but that Python does not see, or sees twice."""
    for module in family.modules:
        if module.path.startswith("tests/"):
            written = re.findall(r"def (test_\w+)\(", module.text)
            functions = [
                node for node in ast.walk(module.tree) if isinstance(node, ast.FunctionDef)
            ]
            seen = {node.name for node in functions if node.name.startswith("test_")}
            for name in written:
                if written.count(name) > 1 or name not in seen:
                    yield Fault(f"{module.path}: the test {name} does not run", module.condition)


def contract(family: Family) -> str:
    """The path of the service's OpenAPI document."""
    return f"{family.package}/openapi.yaml"
