"""Types of enumerations on PostgreSQL."""

from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy.dialects import postgresql

from chassis.database import enum_types


def size() -> sa.Enum:
    return sa.Enum("s", "l", name="size", schema="other", create_constraint=True)


def written(op: ops.UpgradeOps | ops.DowngradeOps) -> list[str]:
    """Returns the lines that say something about a type."""
    code = render_python_code(
        op,
        render_item=enum_types.render_item,
        migration_context=MigrationContext.configure(dialect_name="postgresql"),
    )
    return [line.strip() for line in code.splitlines() if "sa.Enum" in line]


def managed(
    added: ops.MigrateOperation, reverse: ops.MigrateOperation, *columns: sa.Column[Any]
) -> tuple[list[str], list[str]]:
    """Returns what a migration says about types, there and back; the columns are the table's after it."""
    metadata = sa.MetaData()
    sa.Table("things", metadata, *columns)
    upgrade = ops.UpgradeOps([ops.ModifyTableOps("things", [added])])
    downgrade = ops.DowngradeOps([ops.ModifyTableOps("things", [reverse])])
    enum_types.manage(upgrade, downgrade, metadata)
    return written(upgrade), written(downgrade)


KIND = "sa.Enum('s', 'l', name='size', schema='other', create_constraint=True)"
CREATE = f"{KIND}.create(op.get_bind())"
DROP = f"{KIND}.drop(op.get_bind())"
COLUMN = "create_type=False, schema='other', create_constraint=True)"


def test_a_type_comes_and_goes_with_the_first_column_that_has_it() -> None:
    column: sa.Column[Any] = sa.Column("size", size())
    there, back = managed(
        ops.AddColumnOp("things", column),
        ops.DropColumnOp("things", "size"),
        sa.Column("size", size()),
    )
    assert there[0] == CREATE
    assert COLUMN in there[1]
    assert back == [DROP]


def test_a_type_goes_and_comes_with_the_last_column_that_has_it() -> None:
    column: sa.Column[Any] = sa.Column("size", size())
    there, back = managed(ops.DropColumnOp("things", "size"), ops.AddColumnOp("things", column))
    assert there == [DROP]
    assert back[0] == CREATE


def test_a_type_that_another_column_has_stays() -> None:
    column: sa.Column[Any] = sa.Column("size", size())
    other: sa.Column[Any] = sa.Column("sizes", postgresql.ARRAY(size()))
    there, back = managed(
        ops.AddColumnOp("things", column),
        ops.DropColumnOp("things", "size"),
        sa.Column("size", size()),
        other,
    )
    assert len(there) == 1
    assert COLUMN in there[0]
    assert back == []


def test_a_type_comes_with_a_table_and_with_a_column_that_changes() -> None:
    metadata = sa.MetaData()
    table = sa.Table("things", metadata, sa.Column("size", size()))
    upgrade = ops.UpgradeOps([ops.CreateTableOp.from_table(table)])
    enum_types.manage(upgrade, ops.DowngradeOps([]), metadata)
    assert written(upgrade)[0] == CREATE
    change = ops.AlterColumnOp("things", "size", existing_type=sa.String(), modify_type=size())
    back = ops.AlterColumnOp("things", "size", existing_type=size(), modify_type=sa.String())
    there, _ = managed(change, back, sa.Column("size", size()))
    assert there[0] == CREATE
