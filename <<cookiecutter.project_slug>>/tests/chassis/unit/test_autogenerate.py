"""What `db migrate` writes."""

import enum
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import ops
from alembic.util import CommandError

from chassis.database import autogenerate

# The database has the names of the members.
Size = enum.Enum("Size", {"SMALL": "small", "LARGE": "large"})


class Own(sa.String):
    """A type that only this module knows."""


class Moment(sa.TypeDecorator[datetime]):
    """A time that the database has in UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None


def added(*columns: sa.Column[Any]) -> ops.UpgradeOps:
    """Returns an upgrade that adds columns to a table."""
    new = [ops.AddColumnOp("things", column) for column in columns]
    return ops.UpgradeOps([ops.ModifyTableOps("things", new)])


def code(upgrade: ops.UpgradeOps) -> str:
    """Returns the Python code of an upgrade."""
    return render_python_code(
        upgrade,
        render_as_batch=True,
        render_item=autogenerate.render_item,
        migration_context=MigrationContext.configure(dialect_name="sqlite"),
    )


@pytest.mark.parametrize(
    ("kind", "text", "default"),
    [
        (sa.String(10), "it's 100%", '''"it's 100%"'''),
        (sa.Integer(), "0", "'0'"),
        (sa.BigInteger(), "9007199254740993", "'9007199254740993'"),
        (sa.Float(), "1.5", "'1.5'"),
        (sa.Numeric(12, 2), "12.50", "'12.50'"),
        (sa.Boolean(), "false", "'0'"),
        (sa.Date(), "2026-02-03", "'2026-02-03'"),
        (Moment(), "2026-02-03T04:05:06+01:00", "'2026-02-03 03:05:06.000000'"),
        (Moment(), "2026-02-03", "'2026-02-03 00:00:00.000000'"),
        (sa.Uuid(), f"{UUID(int=1)}", f"'{UUID(int=1).hex}'"),
        (sa.Enum(Size), "SMALL", "'SMALL'"),
        (sa.JSON(), '{"a": 1}', """'{"a": 1}'"""),
        (sa.JSON(), '"a"', """'"a"'"""),
    ],
)
def test_existing_rows_get_the_value_that_is_given(kind: Any, text: str, default: str) -> None:
    upgrade = added(sa.Column("new", kind, nullable=False))
    autogenerate.fill_required_columns(upgrade, [f"default={text}"])
    written = code(upgrade)
    assert f"server_default={default}, nullable=False" in written
    assert "batch_op.alter_column('new'" in written
    assert "server_default=None" in written


@pytest.mark.parametrize(
    ("value", "default"),
    [(0, "'0'"), (False, "'0'"), (Decimal("1.50"), "'1.50'"), (Size.LARGE, "'LARGE'")],
)
def test_existing_rows_get_the_default_of_the_model(value: Any, default: str) -> None:
    kinds: dict[type, Any] = {
        int: sa.Integer(),
        bool: sa.Boolean(),
        Decimal: sa.Numeric(12, 2),
        Size: sa.Enum(Size),
    }
    upgrade = added(sa.Column("new", kinds[type(value)], nullable=False, default=value))
    autogenerate.fill_required_columns(upgrade, [])
    assert f"server_default={default}" in code(upgrade)


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        (sa.String(3), "four", "at most 3 characters are possible"),
        (sa.Integer(), "x", "Input should be a valid integer"),
        (sa.Enum(Size), "small", "one of SMALL, LARGE is needed"),
        (sa.JSON(), "{", "Expecting property name"),
        (sa.LargeBinary(), "x", "write the migration by hand"),
    ],
)
def test_a_value_that_does_not_suit_its_column_is_refused(
    kind: Any, text: str, reason: str
) -> None:
    upgrade = added(sa.Column("new", kind, nullable=False))
    with pytest.raises(CommandError) as caught:
        autogenerate.fill_required_columns(upgrade, [f"default={text}"])
    assert str(caught.value).startswith(f"things.new: {text!r}: ")
    assert reason in str(caught.value)


def test_a_required_column_without_a_value_is_refused_with_the_recipe() -> None:
    upgrade = added(sa.Column("new", sa.Integer(), nullable=False))
    with pytest.raises(CommandError, match=r"things\.new: give it with -x default=VALUE, or make"):
        autogenerate.fill_required_columns(upgrade, [])
    columns = [sa.Column(name, sa.Integer(), nullable=False) for name in "ab"]
    both = "-x default.things.a=VALUE -x default.things.b=VALUE"
    for arguments in ([], ["default=0"], ["default.things.c=0"]):
        with pytest.raises(CommandError, match=both):
            autogenerate.fill_required_columns(added(*columns), arguments)
    with pytest.raises(CommandError, match="-x default: no column becomes required"):
        autogenerate.fill_required_columns(added(), ["default=0", "other=1"])


@pytest.mark.parametrize(
    "column",
    [
        lambda: sa.Column("new", sa.Integer()),
        lambda: sa.Column("new", sa.Integer(), nullable=False, server_default="1"),
    ],
)
def test_other_columns_are_left_alone(column: Callable[[], sa.Column[Any]]) -> None:
    upgrade, same = added(column()), added(column())
    autogenerate.fill_required_columns(upgrade, [])
    assert code(upgrade) == code(same)


def test_a_column_that_becomes_required_is_filled_where_it_is_empty() -> None:
    change = ops.AlterColumnOp(
        "things", "was", existing_type=sa.String(), existing_nullable=True, modify_nullable=False
    )
    upgrade = ops.UpgradeOps([ops.ModifyTableOps("things", [change])])
    autogenerate.fill_required_columns(upgrade, [])
    assert "UPDATE" not in code(upgrade)
    autogenerate.fill_required_columns(upgrade, ["default=a:b"])
    assert r"UPDATE things SET was='a\\:b' WHERE things.was IS NULL" in code(upgrade)


def test_types_and_defaults_are_written_for_each_database() -> None:
    columns: list[sa.Column[Any]] = [
        sa.Column("at", Moment()),
        sa.Column(
            "kind", sa.Enum("a", "b", name="kind", native_enum=False, create_constraint=True)
        ),
        sa.Column("open", sa.Boolean(), server_default=sa.true()),
        sa.Column("shut", sa.Boolean(), server_default=sa.false()),
        sa.Column("made", Moment(), server_default=sa.func.now()),
        sa.Column("note", sa.String(), server_default="'a'"),
    ]
    table = ops.CreateTableOp("things", columns)
    written = code(ops.UpgradeOps([table]))
    assert "sa.Column('at', sa.DateTime(timezone=True), " in written
    assert "sa.Enum('a', 'b', name='kind', native_enum=False)" in written
    assert """sa.CheckConstraint("kind IN ('a', 'b')", name='kind')""" in written
    assert "server_default=sa.true()" in written
    assert "server_default=sa.false()" in written
    assert '''server_default="'a'"''' in written


def test_the_module_of_a_type_is_imported() -> None:
    context = AutogenContext(MigrationContext.configure(dialect_name="sqlite"))
    assert autogenerate.render_item("type", Own(), context) is False
    assert context.imports == {f"import {__name__}"}


def test_the_check_of_an_enumeration_is_compared_and_that_of_a_boolean_is_not() -> None:
    kinds = {
        "size": sa.Enum(Size, native_enum=False, create_constraint=True),
        "done": sa.Boolean(create_constraint=True, name="done"),
    }
    columns: list[sa.Column[Any]] = [sa.Column(name, kind) for name, kind in kinds.items()]
    table = sa.Table("things", sa.MetaData(), *columns, sa.CheckConstraint("size <> ''", "own"))
    compared = {
        str(constraint.name)
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
        and autogenerate.include_object(constraint, "", "check_constraint", False, None)
    }
    assert compared == {"size", "own"}
    assert autogenerate.include_object(table, "things", "table", False, None)


def test_a_moment_of_the_model_is_stored_in_utc() -> None:
    moment = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    upgrade = added(sa.Column("new", Moment(), nullable=False, default=moment))
    autogenerate.fill_required_columns(upgrade, [])
    assert "server_default='2026-02-03 04:05:06.000000'" in code(upgrade)
