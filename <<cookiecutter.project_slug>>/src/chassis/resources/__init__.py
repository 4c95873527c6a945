"""Resources: what they have in common, whatever they are and wherever they are stored.

Neither Flask nor SQLAlchemy is loaded by this front door: rules that use it can be tested without either.
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
