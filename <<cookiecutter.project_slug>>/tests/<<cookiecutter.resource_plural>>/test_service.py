"""The rules of << cookiecutter.__resource_plural_label >>, without HTTP and without a storage that lasts."""

from typing import Any

import pytest

from chassis.contract import example_body, read_contract
from chassis.resources import NotFoundError
from chassis.resources.memory import MemoryRepository, MemoryUnitOfWork

from << cookiecutter.package_name >>.app import CONTRACT
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >>.model import << cookiecutter.__resource_class >>
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >>.service import << cookiecutter.__resource_class >>Service

BODY: Any = example_body(read_contract(CONTRACT), "create_<< cookiecutter.resource >>")


@pytest.fixture
def service() -> << cookiecutter.__resource_class >>Service:
    unit_of_work = MemoryUnitOfWork()
    repository = MemoryRepository(
        << cookiecutter.__resource_class >>,
        unit_of_work,
        unique=["name"],
    )
    return << cookiecutter.__resource_class >>Service(repository, unit_of_work)


def test_a_change_makes_a_new_version(
    service: << cookiecutter.__resource_class >>Service,
) -> None:
    old = service.create(BODY)
    new = service.update(old.id, {"name": "Second"})
    assert (old.version, new.version) == (1, 2)
    assert service.get(old.id) == new


def test_what_is_deleted_is_gone(
    service: << cookiecutter.__resource_class >>Service,
) -> None:
    created = service.create(BODY)
    service.delete(created.id)
    with pytest.raises(NotFoundError):
        service.get(created.id)
