"""The rules of << cookiecutter.__resource_plural_label >>, without HTTP and without a storage that lasts."""

from typing import Any

import pytest

from chassis.contract import example_body, read_contract
from chassis.resources import NotFoundError
from chassis.resources.memory import MemoryRepository, MemoryUnitOfWork

from << cookiecutter.package_name >> import app
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >> import model, service

BODY: Any = example_body(read_contract(app.CONTRACT), "create_<< cookiecutter.resource >>")


@pytest.fixture
def rules() -> service.<< cookiecutter.__resource_class >>Service:
    unit_of_work = MemoryUnitOfWork()
    repository = MemoryRepository(
        model.<< cookiecutter.__resource_class >>,
        unit_of_work,
        unique=["name"],
    )
    return service.<< cookiecutter.__resource_class >>Service(repository, unit_of_work)


def test_a_change_makes_a_new_version(
    rules: service.<< cookiecutter.__resource_class >>Service,
) -> None:
    old = rules.create(BODY)
    new = rules.update(old.id, {"name": "a"})
    assert (old.version, new.version) == (1, 2)
    assert rules.get(old.id) == new


def test_what_is_deleted_is_gone(
    rules: service.<< cookiecutter.__resource_class >>Service,
) -> None:
    created = rules.create(BODY)
    rules.delete(created.id)
    with pytest.raises(NotFoundError):
        rules.get(created.id)
