"""The architecture: the domain knows no framework, the chassis knows no service, rooms have front doors."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import chassis

import << cookiecutter.package_name >>.app as composition

ROOT = Path(composition.__file__).parent
HOUSE = Path(str(chassis.__file__)).parent
SOURCES = HOUSE.parent
SERVICE = [*sorted(ROOT.rglob("*.py")), SOURCES.parent / "gunicorn.conf.py"]
CHASSIS = sorted(HOUSE.rglob("*.py"))
MODULES = [module for module in (*SERVICE, *CHASSIS) if module.is_relative_to(SOURCES)]
DOMAINS = [path.parent for path in SERVICE if path.name == "service.py"]
FRAMEWORKS = ("flask", "connexion", "werkzeug", "gunicorn")
RULES = {"service.py", "model.py", "repository.py"}


def dotted(module: Path) -> str:
    """Returns the name of a module."""
    if not module.is_relative_to(SOURCES):
        return module.name
    return ".".join(module.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__")


def imports(module: Path) -> set[tuple[str, str]]:
    """Returns the full names of modules that one imports from, each with what it takes; that may be nothing."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            name = node.module or ""
            if node.level:
                around = module.parents[node.level - 1].relative_to(SOURCES).parts
                name = ".".join([*around, *filter(None, [node.module])])
            found |= {(name, alias.name) for alias in node.names}
    return found


def packages(module: Path) -> set[str]:
    """Returns the outermost packages that a module imports."""
    return {name.split(".")[0] for name, _ in imports(module)}


def listed(module: Path) -> set[str] | None:
    """Returns what a module of the chassis lists for others; None if it is internal."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


DOORS = {dotted(module): names for module in CHASSIS if (names := listed(module)) is not None}
ROOMS = {dotted(module) for module in CHASSIS if module.name == "__init__.py"} - {"chassis"}


def room(name: str) -> str:
    """Returns the room of a module; one that stands in none is a room by itself."""
    return max((one for one in ROOMS if f"{name}.".startswith(f"{one}.")), key=len, default=name)


def entered(module: Path) -> dict[str, bool]:
    """Returns the rooms of the chassis that a module takes something from, and whether by a door."""
    found = {}
    for name, taken in imports(module):
        if name.split(".")[0] == "chassis":
            inner = f"{name}.{taken}"
            target = inner if inner in DOORS else name
            if room(target) != room(dotted(module)):
                found[inner] = inner in DOORS or taken in DOORS.get(name, ())
    return found


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: path.name)
def test_the_domain_knows_no_framework(domain: Path) -> None:
    for module in domain.glob("*.py"):
        assert not [name for name in packages(module) if name.startswith(FRAMEWORKS)], module


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: path.name)
def test_rules_know_neither_the_storage_nor_the_rest_of_the_chassis(domain: Path) -> None:
    for module in RULES & {path.name for path in domain.glob("*.py")}:
        known = imports(domain / module)
        assert "sqlalchemy" not in packages(domain / module), module
        assert {name for name, _ in known if name.startswith("chassis")} <= {"chassis.resources"}


@pytest.mark.parametrize("module", CHASSIS, ids=dotted)
def test_the_chassis_knows_no_service(module: Path) -> None:
    assert ROOT.name not in packages(module)


@pytest.mark.parametrize("module", [*SERVICE, *CHASSIS], ids=dotted)
def test_rooms_are_entered_by_their_doors(module: Path) -> None:
    assert [name for name, by_a_door in entered(module).items() if not by_a_door] == []


def test_each_room_has_a_front_door() -> None:
    assert ROOMS
    assert DOORS.keys() >= ROOMS


def test_no_two_rooms_need_each_other() -> None:
    needed: dict[str, set[str]] = {}
    for module in CHASSIS:
        for name in entered(module):
            door = name if name in DOORS else name.rpartition(".")[0]
            needed.setdefault(room(dotted(module)), set()).add(room(door))
    assert needed["chassis.logs"] >= {"chassis.settings", "chassis.tracing"}
    TopologicalSorter(needed).prepare()


def test_every_module_can_be_imported_first() -> None:
    names = [dotted(module) for module in MODULES if module.stem != "wsgi"]
    foreign = {name for module in MODULES for name, _ in imports(module)}
    foreign = {name for name in foreign if name.split(".")[0] not in (ROOT.name, "chassis")}
    # A fork for each module: what one import leaves behind must not help the next.
    script = (
        "import importlib, os, sys\n"
        "from contextlib import suppress\n"
        "foreign, own = (names.split() for names in sys.argv[1:])\n"
        "for name in foreign:  # they take long, and are not what is tested\n"
        "    with suppress(ImportError):\n"
        "        importlib.import_module(name)\n"
        "for name in own:\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        importlib.import_module(name)\n"
        "        os._exit(0)\n"
        "    if os.waitpid(child, 0)[1]:\n"
        "        sys.exit(name)\n"
    )
    command = [sys.executable, "-c", script, " ".join(sorted(foreign)), " ".join(names)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 0, result.stderr
