"""Resources: what they have in common, whatever they are and wherever they are stored.

This front door loads no framework: rules that use it can be tested alone.
"""

from .errors import ConflictError, DomainError, NotFoundError
from .model import Identity, Resource, identity
from .paging import Page, Query, parse_sort
from .repository import Repository
from .unit_of_work import UnitOfWork

__all__ = [
    "ConflictError",
    "DomainError",
    "Identity",
    "NotFoundError",
    "Page",
    "Query",
    "Repository",
    "Resource",
    "UnitOfWork",
    "identity",
    "parse_sort",
]
