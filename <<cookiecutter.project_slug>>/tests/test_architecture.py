"""The architecture: the domain knows no framework, the chassis knows no service, rooms are entered by their doors."""

from pathlib import Path

import pytest
from tests.chassis.fixtures.imports import (
    CHASSIS,
    SOURCES,
    dotted,
    entered,
    import_each_first,
    imports,
    packages,
)

import << cookiecutter.package_name >>.app as composition

ROOT = Path(composition.__file__).parent
SERVICE = [*sorted(ROOT.rglob("*.py")), SOURCES.parent / "gunicorn.conf.py"]
DOMAINS = [path.parent for path in SERVICE if path.name == "service.py"]
FRAMEWORKS = ("flask", "connexion", "werkzeug", "gunicorn")
RULES = {"service.py", "model.py", "repository.py"}


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: path.name)
def test_the_domain_knows_no_framework(domain: Path) -> None:
    for module in domain.glob("*.py"):
        foreign = packages(module) - {ROOT.name}
        assert not [name for name in foreign if name.startswith(FRAMEWORKS)], module


@pytest.mark.parametrize("domain", DOMAINS, ids=lambda path: path.name)
def test_rules_know_neither_the_storage_nor_the_rest_of_the_chassis(domain: Path) -> None:
    for module in RULES & {path.name for path in domain.glob("*.py")}:
        known = imports(domain / module)
<% if cookiecutter.__has_database %>
        assert "sqlalchemy" not in packages(domain / module), module
<% endif %>
        rooms = {name for name, _ in known if name.split(".")[0] == "chassis"}
        assert rooms <= {"chassis.resources"}, module


def test_the_chassis_knows_no_service() -> None:
    assert [module for module in CHASSIS if ROOT.name in packages(module)] == []


@pytest.mark.parametrize("module", SERVICE, ids=dotted)
def test_rooms_are_entered_by_their_doors(module: Path) -> None:
    assert [name for name, by_a_door in entered(module).items() if not by_a_door] == []


def test_every_module_can_be_imported_first() -> None:
    modules = [path for path in SERVICE if path.is_relative_to(ROOT) and path.stem != "wsgi"]
    assert import_each_first(modules) == ""
