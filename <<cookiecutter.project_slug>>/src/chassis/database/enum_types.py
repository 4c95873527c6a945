"""Types of enumerations on PostgreSQL: a migration that adds a column of such a type also creates the type.

Alembic leaves that to the author of a migration: it creates a type together with a table, even if the type
exists, but not together with a column, and drops no type.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops

from . import autogenerate

__all__ = ["manage", "render_item"]


class EnumTypeOp(ops.MigrateOperation):
    """Creates or drops a type."""

    def __init__(self, kind: sa.Enum, action: Literal["create", "drop"]) -> None:
        self.kind = kind
        self.action = action


def _render_operation(_: AutogenContext, op: EnumTypeOp) -> str:
    return f"{_render_type(op.kind)}.{op.action}(op.get_bind())"


renderers.dispatch_for(EnumTypeOp)(_render_operation)


def render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Renders a type of the database so that no column creates the type once more.

    Arguments and result are those of `autogenerate.render_item`.
    """
    if kind == "type" and _is_type_of_database(item):
        return _render_type(item, create_type=False)
    return autogenerate.render_item(kind, item, context)


def _render_type(kind: sa.Enum, **options: Any) -> str:
    options = {"name": kind.name, **options}
    if kind.schema:
        options["schema"] = kind.schema
    if kind.create_constraint:
        options["create_constraint"] = True
    arguments = [*map(repr, kind.enums), *(f"{key}={value!r}" for key, value in options.items())]
    return f"sa.Enum({', '.join(arguments)})"


def manage(upgrade: ops.UpgradeOps, downgrade: ops.DowngradeOps, metadata: sa.MetaData) -> None:
    """Creates the types that a migration uses first, and drops the types that no table uses any more.

    Args:
        upgrade: the operations of the upgrade, which are changed.
        downgrade: the operations of the downgrade, which are changed.
        metadata: the tables after the upgrade.
    """
    added, removed = dict(_columns(upgrade)), dict(_columns(downgrade))
    new, old = _types(added.values()), _types(removed.values())
    unchanged = _types(
        column.type
        for table in metadata.tables.values()
        for column in table.columns
        if (table.name, column.name) not in added
    )
    created = [kind for name, kind in new.items() if name not in unchanged | old]
    dropped = [kind for name, kind in old.items() if name not in unchanged | new]
    upgrade.ops = [*_all("create", created), *upgrade.ops, *_all("drop", dropped)]
    downgrade.ops = [*_all("create", dropped), *downgrade.ops, *_all("drop", created)]


def _all(action: Literal["create", "drop"], kinds: list[sa.Enum]) -> list[ops.MigrateOperation]:
    return [EnumTypeOp(kind, action) for kind in kinds]


def _columns(container: ops.OpContainer) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yields the types of columns that are added or get another type, by their tables and names."""
    for op in container.ops:
        if isinstance(op, ops.OpContainer):
            yield from _columns(op)
        elif isinstance(op, ops.CreateTableOp):
            for column in op.to_table().columns:
                yield (op.table_name, column.name), column.type
        elif isinstance(op, ops.AddColumnOp):
            yield (op.table_name, op.column.name), op.column.type
        elif isinstance(op, ops.AlterColumnOp) and op.modify_type is not None:
            yield (op.table_name, op.column_name), op.modify_type


def _types(kinds: Iterable[Any]) -> dict[str, sa.Enum]:
    """Returns the types of the database among types of columns, also inside arrays."""
    found = {}
    for kind in kinds:
        stored = autogenerate.stored_type(kind)
        item = getattr(stored, "item_type", stored)
        if _is_type_of_database(item):
            found[item.name] = item
    return found


def _is_type_of_database(kind: Any) -> bool:
    return isinstance(kind, sa.Enum) and kind.native_enum and bool(kind.name)
