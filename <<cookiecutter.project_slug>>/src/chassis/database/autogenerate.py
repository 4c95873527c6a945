"""How `db migrate` writes a migration: types of the database, and values for existing rows."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa
from alembic.autogenerate import render
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.util import CommandError
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.dialects import sqlite

__all__ = ["PLUGINS", "fill_required_columns", "include_object", "render_item"]

PLUGINS = ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"]
"""The plug-ins that compare: all defaults of Alembic, and check constraints."""

OPTION = "default"
"""The argument of `db migrate -x` that has a value for existing rows."""

PLAIN = (str, int, float, Decimal, bool, date, datetime, time, UUID)
"""The types of Python whose values every database reads from the same text."""


def render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Renders items that would not run as Alembic renders them, or not on another database.

    https://alembic.sqlalchemy.org/en/latest/autogenerate.html#affecting-the-rendering-of-types-themselves

    Args:
        kind: the kind of the item: `type`, `server_default` or another.
        item: a part of a table.
        context: collects the imports of the migration.

    Returns:
        Python code, or False to leave the item to Alembic.
    """
    if kind == "server_default" and isinstance(item, sa.DefaultClause):
        return _render_default(item.arg)
    if kind == "check" and _checks_enum(item):
        text = render._render_potential_expr(item.sqltext, context, wrap_in_element=False)
        # The naming convention is applied when the migration runs.
        return f"sa.CheckConstraint({text}, name={str(item.name)!r})"
    if kind != "type" or item._variant_mapping:
        return False
    if _is_checked_enum(item):
        without_check = item.copy()
        without_check.create_constraint = False
        return f"sa.{without_check!r}"
    if isinstance(item, sa.types.TypeDecorator):
        # The database knows only the type below; the class may be renamed or removed later.
        return render._repr_type(stored_type(item), context)
    module = type(item).__module__
    if not module.startswith("sqlalchemy."):
        context.imports.add(f"import {module}")
    return False


def include_object(item: Any, _: str | None, kind: str, *__: object) -> bool:
    """Leaves out the constraints that come and go with a type, by Alembic's signature.

    The constraints of enumerations without a type in the database are written like any other constraint: SQLite
    could not add them together with a column.
    """
    is_type_bound = kind == "check_constraint" and getattr(item, "_type_bound", False)
    return not is_type_bound or _checks_enum(item)


def _checks_enum(constraint: Any) -> bool:
    return constraint._type_bound and any(_is_checked_enum(c.type) for c in constraint.columns)


def _is_checked_enum(kind: Any) -> bool:
    return isinstance(kind, sa.Enum) and not kind.native_enum and kind.create_constraint


def stored_type(kind: Any) -> Any:
    """Returns the type that the database knows."""
    return kind.impl_instance if isinstance(kind, sa.types.TypeDecorator) else kind


def _render_default(default: Any) -> str | Literal[False]:
    if isinstance(default, str):
        return repr(default)
    # Alembic renders them for the database at hand, as 0 and 1 for SQLite.
    if isinstance(default, type(sa.true())):
        return "sa.true()"
    if isinstance(default, type(sa.false())):
        return "sa.false()"
    return False


@dataclass(frozen=True)
class Required:
    """A column that becomes required in an existing table."""

    name: str
    """The names of the table and of the column, with a dot between."""
    kind: Any
    """The type of the column."""
    default: Any
    """The default of the model's column."""
    new: bool
    """Whether the column is added, rather than changed."""


def fill_required_columns(upgrade: ops.UpgradeOps, arguments: Sequence[str]) -> None:
    """Gives existing rows a value in each column that becomes required.

    The value comes from the arguments, or else from the scalar `default` of the model's column. A new column has the
    value as its server default while it is added, and no server default afterwards.

    Args:
        upgrade: the operations of the upgrade, which are changed.
        arguments: the arguments of `db migrate -x`: `default=VALUE` if one column becomes required,
            `default.TABLE.COLUMN=VALUE` for each of several.

    Raises:
        alembic.util.CommandError: a new column has no value, a value does not suit its column, or an
            argument names no column that becomes required.
    """
    tables = [op for op in upgrade.ops if isinstance(op, ops.ModifyTableOps)]
    required = {
        column.name: column for table in tables for op in table.ops if (column := _required(op))
    }
    values = {
        column.name: _stored(column.kind, column.default.arg)
        for column in required.values()
        if column.default is not None and column.default.is_scalar
    }
    for name, text in _given(arguments, list(required)).items():
        kind = stored_type(required[name].kind)
        values[name] = _stored(kind, _parse(name, kind, text))
    missing = [name for name, column in required.items() if column.new and name not in values]
    if missing:
        raise CommandError(_recipe(missing))
    upgrade.ops = [filled for op in upgrade.ops for filled in _fill(op, values)]


def _required(op: ops.MigrateOperation) -> Required | None:
    if isinstance(op, ops.AddColumnOp):
        column = op.column
        if column.nullable or column.server_default is not None:
            return None
        return Required(f"{op.table_name}.{column.name}", column.type, column.default, new=True)
    if isinstance(op, ops.AlterColumnOp) and op.modify_nullable is False:
        kind = op.modify_type or op.existing_type
        return Required(f"{op.table_name}.{op.column_name}", kind, default=None, new=False)
    return None


def _given(arguments: Sequence[str], required: list[str]) -> dict[str, str]:
    given = {}
    for argument in arguments:
        key, _, text = argument.partition("=")
        option, _, name = key.partition(".")
        if option != OPTION:
            continue
        if not name and len(required) == 1:
            (name,) = required
        if name not in required:
            reason = _recipe(required) if required else "no column becomes required"
            raise CommandError(f"-x {key}: {reason}")
        given[name] = text
    return given


def _recipe(names: list[str]) -> str:
    keys = [OPTION] if len(names) == 1 else [f"{OPTION}.{name}" for name in names]
    options = " ".join(f"-x {key}=VALUE" for key in keys)
    return (
        f"existing rows need a value for {', '.join(names)}: "
        f"give it with {options}, or make the column nullable"
    )


def _parse(name: str, kind: Any, text: str) -> Any:
    """Reads a value of the command line for a column of a type."""
    try:
        if isinstance(kind, sa.Enum):
            if text not in kind.enums:
                raise ValueError(f"one of {', '.join(kind.enums)} is needed")
            return text
        if isinstance(kind, sa.JSON):
            return json.loads(text)
        if isinstance(kind, sa.ARRAY):
            return text
        if kind.python_type not in PLAIN:
            raise ValueError(f"no text stands for a {kind!r}; write the migration by hand")
        value = TypeAdapter(kind.python_type).validate_python(text)
        length = getattr(kind, "length", None)
        if isinstance(value, str) and length is not None and len(value) > length:
            raise ValueError(f"at most {length} characters are possible")
    except ValidationError as error:
        raise CommandError(f"{name}: {text!r}: {error.errors()[0]['msg']}") from None
    except ValueError as error:
        raise CommandError(f"{name}: {text!r}: {error}") from None
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    return value


def _stored(kind: Any, value: Any) -> str:
    """Returns a value as SQLite stores it, which the other databases accept as a literal, too."""
    if isinstance(value, Decimal) or isinstance(kind, sa.ARRAY):
        return str(value)
    dialect = sqlite.dialect()
    process = kind.dialect_impl(dialect).bind_processor(dialect)
    return str(process(value) if process else value)


def _fill(table: ops.MigrateOperation, values: dict[str, str]) -> Iterator[ops.MigrateOperation]:
    if not isinstance(table, ops.ModifyTableOps):
        yield table
        return
    kept: list[ops.MigrateOperation] = []
    afterwards: list[ops.MigrateOperation] = []
    for op in table.ops:
        column = _required(op)
        if column is None or column.name not in values:
            kept.append(op)
        elif isinstance(op, ops.AddColumnOp):
            kept.append(_with_default(op, values[column.name]))
            afterwards.append(_without_default(op))
        elif isinstance(op, ops.AlterColumnOp):
            yield ops.ExecuteSQLOp(_update(op, values[column.name]))
            kept.append(op)
    yield ops.ModifyTableOps(table.table_name, kept, schema=table.schema)
    if afterwards:
        yield ops.ModifyTableOps(table.table_name, afterwards, schema=table.schema)


def _with_default(op: ops.AddColumnOp, value: str) -> ops.AddColumnOp:
    model = op.column
    column = sa.Column(
        model.name,
        model.type,
        nullable=False,
        server_default=value,
        comment=model.comment,
    )
    return ops.AddColumnOp(op.table_name, column, schema=op.schema)


def _without_default(op: ops.AddColumnOp) -> ops.AlterColumnOp:
    return ops.AlterColumnOp(
        op.table_name,
        op.column.name,
        schema=op.schema,
        existing_type=op.column.type,
        modify_server_default=None,
    )


def _update(op: ops.AlterColumnOp, value: str) -> str:
    column: sa.ColumnClause[Any] = sa.column(op.column_name, sa.String())
    table = sa.table(op.table_name, column, schema=op.schema)
    statement = sa.update(table).where(column.is_(None)).values({column: value})
    # In a text, a colon begins a parameter.
    return str(statement.compile(compile_kwargs={"literal_binds": True})).replace(":", r"\:")
