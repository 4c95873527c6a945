"""The operations that openapi.yaml names; requests arrive here validated."""

from typing import Any
from uuid import UUID

from injector import Inject

from .service import RelatedService


def list_related(
    service: Inject[RelatedService],
    identifier: str,
) -> dict[str, Any]:
    """GET /<< cookiecutter.__resource_path >>/{identifier}/related"""
    return {"items": service.of(UUID(identifier))}
