"""Code: every module, function and test of a service is there for something."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath

import yaml
from vulture import Vulture

from .. import documents
from .service import Service

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
        "_set_jsonifier",
        "_add_operation_internal",
        "add_operation",
        "jsonifier",
        "connexion_context",
    ],
    "Werkzeug": ["merge_slashes"],
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
    "SQLAlchemy's pool": ["_queue_class", "put_nowait", "get_nowait", "qsize"],
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


def faults(service: Service) -> Iterator[str]:
    """Finds code that nothing uses, modules that nothing imports, and tests that are none."""
    yield from unused_code(service)
    yield from unused_modules(service)
    yield from vanished_tests(service)


def unused_code(service: Service) -> Iterator[str]:
    """Finds functions, classes, attributes and variables that no other code names, `__all__` included."""
    names = [name for names in FRAMEWORKS.values() for name in names]
    for path in (contract(service), CONTRACT_OF_TESTS):
        names += re.findall(r"operationId: (\w+)", service.texts.get(path, ""))
    finder = Vulture(ignore_names=names, ignore_decorators=DECORATORS)
    for path in service.modules:
        finder.scan(service.texts[path], filename=PurePath(path))
    for item in finder.get_unused_code():
        place = f"{item.filename.as_posix()}:{item.first_lineno}"
        line = service.texts[item.filename.as_posix()].splitlines()[item.first_lineno - 1]
        if not is_found_by_name(place, item.typ, item.name, line):
            yield f"{place}: nothing uses the {item.typ} {item.name}"


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


def unused_modules(service: Service) -> Iterator[str]:
    """Finds modules of the package that are not reached from where it is entered."""
    package = service.answers["package_name"]
    imported = {f"{package}.{name}" for name in ENTRANCES}
    for path, tree in service.modules.items():
        if not path.startswith("tests/"):
            imported |= imports(path, tree)
    try:
        for item in documents.load(service.texts[contract(service)])["paths"].values():
            operations = [operation for operation in item.values() if isinstance(operation, dict)]
            imported |= {
                operation.get("x-openapi-router-controller", "") for operation in operations
            }
    except (KeyError, yaml.YAMLError):
        pass
    for path, tree in service.modules.items():
        is_module = path.startswith("src/") and not path.endswith("__init__.py")
        if is_module and not is_front_door(path, tree) and dotted(path) not in imported:
            yield f"{path}: no other module imports it"


def is_front_door(path: str, tree: ast.Module) -> bool:
    """Whether a module of the chassis lists what is for use; a new service need not use all of that."""
    return path.startswith("src/chassis/") and any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for node in tree.body
    )


def vanished_tests(service: Service) -> Iterator[str]:
    """Finds tests that stand in the text, but that Python does not see, or sees twice."""
    for path, tree in service.modules.items():
        if path.startswith("tests/"):
            written = re.findall(r"def (test_\w+)\(", service.texts[path])
            functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
            seen = {node.name for node in functions if node.name.startswith("test_")}
            for name in written:
                if written.count(name) > 1 or name not in seen:
                    yield f"{path}: the test {name} does not run"


def contract(service: Service) -> str:
    """The path of the service's OpenAPI document."""
    return f"{service.package}/openapi.yaml"


def dotted(path: str) -> str:
    """The name of the module at a path."""
    return ".".join(PurePath(path.removeprefix("src/")).with_suffix("").parts)


def imports(path: str, tree: ast.Module) -> set[str]:
    """The modules that a module imports, and what it imports from them, by their full names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            around = dotted(path).split(".")
            base = around[: len(around) - node.level] if node.level else []
            module = ".".join([*base, *filter(None, [node.module])])
            found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return found
