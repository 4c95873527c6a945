"""The table of a resource, and the migration that creates or changes it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..contract.project import Project
from .fields import Field
from .names import RefusedError
from .texts import imports_of

CLASSES = {
    *("base", "big_integer", "cursor_result", "exact_numeric", "foreign_key", "integer"),
    *("integrity_error", "large_integer", "mapped", "resource_columns", "row", "session"),
    *("sql_repository", "sql_unit_of_work", "string", "table", "utc_date_time"),
}
"""Further classes that generated code imports."""
_CHASSIS = ("ExactNumeric", "LargeInteger")
_INT32, _INT64 = 2**31, 2**63
_LONGEST_NAME = 63


def context(fields: list[Field]) -> dict[str, Any]:
    """Returns what the template of a table uses."""
    columns = [column(field, is_listed=field.is_sorted or field.is_filter) for field in fields]
    names = {name for field in fields for name in _needs(field)}
    names |= {("chassis.resources.sql", "ResourceColumns"), ("sqlalchemy.orm", "Mapped")}
    if any("mapped_column" in one for one in columns):
        names.add(("sqlalchemy.orm", "mapped_column"))
    groups = [{one for one in names if _place(one[0]) == place} for place in range(3)]
    return {
        "columns": columns,
        "table_imports": "\n\n".join(imports_of(group) for group in groups if group),
    }


def column(field: Field, is_listed: bool) -> str:
    """Returns the line of a field in a table.

    Args:
        field: the field.
        is_listed: whether lists are sorted or filtered by it.
    """
    annotation = "str" if "Literal[" in field.annotation else field.kind.annotation
    if field.is_optional:
        annotation = f"{annotation} | None"
    arguments = [kind] if (kind := _type(field)) else []
    if field.kind.refers_to:
        arguments.append(f'ForeignKey("{field.kind.refers_to}.id")')
    if field.is_unique:
        arguments.append("unique=True")
    elif is_listed or field.kind.refers_to:
        arguments.append("index=True")
    value = f" = mapped_column({', '.join(arguments)})" if arguments else ""
    return f"{field.name}: Mapped[{annotation}]{value}"


def imports(field: Field) -> str:
    """Returns the statements that import what the line of a field needs."""
    names = set(_needs(field))
    if "mapped_column" in column(field, is_listed=False):
        names.add(("sqlalchemy.orm", "mapped_column"))
    return imports_of(names)


def check(plural: str, fields: list[Field]) -> None:
    """Refuses what a database cannot name.

    Raises:
        RefusedError: the name of the table is reserved, or that of a constraint too long.
    """
    if plural.startswith(("alembic_version", "pg_", "sqlite_")):
        raise RefusedError(f"PLURAL {plural!r} begins as names of tables that databases have")
    for field in fields:
        name = f"fk_{plural}_{field.name}_{field.kind.refers_to}"
        if field.kind.refers_to and len(name) > _LONGEST_NAME:
            raise RefusedError(f"{name}, the name of a constraint, is longer than {_LONGEST_NAME}")


class Migration:
    """The commands of the database."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._directory = project.root / "migrations" / "versions"

    def upgrade(self) -> None:
        """Brings the database to the newest migration.

        Raises:
            RefusedError: that is not possible.
        """
        self._run("db", "upgrade")

    @contextmanager
    def written(self, message: str, defaults: list[str]) -> Iterator[list[Path]]:
        """Writes a migration, and removes it if something fails later.

        Args:
            message: describes it.
            defaults: the values of existing rows in new required columns, as `db migrate -x` takes them.

        Raises:
            RefusedError: the command fails.
        """
        before = set(self._directory.glob("*.py"))
        try:
            options = [option for default in defaults for option in ("-x", default)]
            self._run("db", "migrate", "--message", message, *options)
            yield sorted(set(self._directory.glob("*.py")) - before)
        except BaseException:
            for path in set(self._directory.glob("*.py")) - before:
                path.unlink()
            raise

    def _run(self, *arguments: str) -> None:
        code = f"from {self._project.package}.cli import main; main()"
        result = subprocess.run(  # noqa: S603 it is the command of this service
            [sys.executable, "-c", code, *arguments],
            cwd=self._project.root,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            lines = result.stderr.strip().splitlines() or [f"{' '.join(arguments)} has failed"]
            raise RefusedError(lines[-1])


def _needs(field: Field) -> Iterator[tuple[str, str]]:
    """Yields the modules and the names of the types in the line of a field."""
    if field.kind.imports and field.kind.imports[0] != "typing":
        yield field.kind.imports
    if field.kind.refers_to:
        yield "sqlalchemy", "ForeignKey"
    if kind := _type(field):
        name = kind.partition("(")[0]
        yield ("chassis.resources.sql" if name in _CHASSIS else "sqlalchemy"), name


def _type(field: Field) -> str | None:
    """Returns the type of a column, where the annotation does not tell it."""
    match field.kind.annotation, field.kind.size:
        case "str", (length,):
            return f"String({length})"
        case "Decimal", (digits, places):
            return f"ExactNumeric({digits}, {places})"
        case "int", (low, high):
            largest = max(-low - 1, high)
            if largest >= _INT64:
                return "LargeInteger"
            return "BigInteger" if largest >= _INT32 else None
        case annotation, (length,) if annotation.startswith("Literal"):
            return f"String({length})"
    return None


def _place(module: str) -> int:
    """Returns the group of imports that a module belongs to."""
    if module.startswith("chassis"):
        return 2
    return 1 if module.startswith("sqlalchemy") else 0
