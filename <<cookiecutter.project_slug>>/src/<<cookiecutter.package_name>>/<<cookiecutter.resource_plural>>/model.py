"""What << 'an' if cookiecutter.resource[0] in 'aeiou' else 'a' >> << cookiecutter.__resource_label >> is."""

from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from uuid import UUID

from ..paging import Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class << cookiecutter.__resource_class >>:
    """Immutable: a change makes a new one with the same id."""

    id: UUID
    name: str
    category: str
    description: str | None = None
    priority: int = 0
    created_at: datetime
    updated_at: datetime


_FIELDS = fields(<< cookiecutter.__resource_class >>)
DEFAULTS = {field.name: field.default for field in _FIELDS if field.default is not MISSING}
"""What a field is that a client leaves out."""

SORTS = {
    "name": Sort("name", str),
    "-name": Sort("name", str, descending=True),
    "priority": Sort("priority", int),
    "-priority": Sort("priority", int, descending=True),
    "created_at": Sort("created_at", datetime),
    "-created_at": Sort("created_at", datetime, descending=True),
}
