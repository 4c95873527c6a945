"""The operations that openapi.yaml names; requests arrive here validated."""

from typing import Any
from uuid import UUID

from injector import Inject

from .model import << cookiecutter.__resource_class >>
from .service import << cookiecutter.__resource_class >>Service

Json = dict[str, Any]


def list_<< cookiecutter.resource_plural >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    sort: str,
    limit: int,
    category: str | None = None,
    cursor: str | None = None,
) -> Json:
    """GET /<< cookiecutter.__resource_path >>"""
    page = service.page(category=category, sort=sort, cursor=cursor, limit=limit)
    return {"items": [_represent(one) for one in page.items], "next_cursor": page.next_cursor}


def create_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    body: Json,
) -> tuple[Json, int, dict[str, str]]:
    """POST /<< cookiecutter.__resource_path >>"""
    created = service.create(**body)
    return _represent(created), 201, {"Location": f"<< cookiecutter.__resource_path >>/{created.id}"}


def get_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: str,
) -> Json:
    """GET /<< cookiecutter.__resource_path >>/{identifier}"""
    return _represent(service.get(UUID(identifier)))


def replace_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: str,
    body: Json,
) -> Json:
    """PUT /<< cookiecutter.__resource_path >>/{identifier}"""
    return _represent(service.replace(UUID(identifier), **body))


def change_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: str,
    body: Json,
) -> Json:
    """PATCH /<< cookiecutter.__resource_path >>/{identifier}"""
    return _represent(service.change(UUID(identifier), **body))


def delete_<< cookiecutter.resource >>(
    service: Inject[<< cookiecutter.__resource_class >>Service],
    identifier: str,
) -> tuple[None, int]:
    """DELETE /<< cookiecutter.__resource_path >>/{identifier}"""
    service.delete(UUID(identifier))
    return None, 204


def _represent(one: << cookiecutter.__resource_class >>) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "category": one.category,
        "description": one.description,
        "priority": one.priority,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
    }
