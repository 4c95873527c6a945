"""The architecture: the domain knows no framework, the chassis knows no domain."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import << cookiecutter.package_name >>.app as composition

ROOT = Path(composition.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
DOMAINS = [path.parent for path in MODULES if path.name == "service.py"]
CHASSIS = [path for path in MODULES if path.parent == ROOT / "chassis"]
FRAMEWORKS = ("flask", "connexion", "werkzeug", "gunicorn")


def imported(module: Path) -> set[str]:
    """Returns the modules that one imports; its own package's as paths from the package on."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = [ROOT.name, *module.parent.relative_to(ROOT).parts]
            parts = base[: len(base) - node.level + 1] if node.level else []
            name = ".".join([*parts, node.module or ""]).strip(".")
            found |= {name, *(f"{name}.{alias.name}" for alias in node.names)}
    return found


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: path.name)
def test_the_domain_knows_no_framework(domain: Path) -> None:
    for module in domain.glob("*.py"):
        names = imported(module)
        foreign = [name for name in names if name.split(".")[0] != ROOT.name]
        assert not [name for name in foreign if name.startswith(FRAMEWORKS)], module
        assert not [name for name in names if name.split(".")[:2] == [ROOT.name, "chassis"]], module


@pytest.mark.parametrize("module", CHASSIS, ids=lambda path: path.stem)
def test_the_chassis_knows_no_domain(module: Path) -> None:
    domains = {f"{ROOT.name}.{domain.name}" for domain in DOMAINS}
    assert domains
    assert not {".".join(name.split(".")[:2]) for name in imported(module)} & domains


def test_every_module_can_be_imported_first() -> None:
    names = [
        ".".join([ROOT.name, *module.relative_to(ROOT).with_suffix("").parts])
        for module in MODULES
        if module.stem not in ("__init__", "wsgi")
    ]
    foreign = {name for module in MODULES for name in imported(module)}
    foreign = {name for name in foreign if name.split(".")[0] != ROOT.name}
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
