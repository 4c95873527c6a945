"""The operations that openapi.yaml names; requests arrive here validated and converted."""

from uuid import UUID

from injector import Inject

from chassis.resources import Page, Query

from .. import schemas
from .model import << cookiecutter.__resource_class >>
from .service import << cookiecutter.__resource_class >>Service


def list_<< cookiecutter.resource_plural >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    sort: str,
    limit: int,
    category: str | None = None,
    cursor: str | None = None,
) -> Page[<< cookiecutter.__resource_class >>]:
    """GET /<< cookiecutter.__resource_path >>"""
    return service.page(Query(sort, limit, cursor, {"category": category}))


def create_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    body: schemas.<< cookiecutter.__resource_class >>Fields,
) -> tuple[<< cookiecutter.__resource_class >>, int, dict[str, str]]:
    """POST /<< cookiecutter.__resource_path >>"""
    created = service.create(body)
    return created, 201, {"Location": f"<< cookiecutter.__resource_path >>/{created.id}"}


def get_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: UUID,
) -> << cookiecutter.__resource_class >>:
    """GET /<< cookiecutter.__resource_path >>/{identifier}"""
    return service.get(identifier)


def replace_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: UUID,
    body: schemas.<< cookiecutter.__resource_class >>Fields,
) -> << cookiecutter.__resource_class >>:
    """PUT /<< cookiecutter.__resource_path >>/{identifier}"""
    return service.replace(identifier, body)


def update_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: UUID,
    body: schemas.<< cookiecutter.__resource_class >>Changes,
) -> << cookiecutter.__resource_class >>:
    """PATCH /<< cookiecutter.__resource_path >>/{identifier}"""
    return service.update(identifier, body)


def delete_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: UUID,
) -> None:
    """DELETE /<< cookiecutter.__resource_path >>/{identifier}"""
    service.delete(identifier)
