"""The commands: `python -m tools.resource add NAME FIELDS` and `python -m tools.resource field RESOURCE FIELD`."""

import argparse
import signal
import sys
<% if cookiecutter.__has_database %>
from contextlib import ExitStack
<% endif %>
from pathlib import Path
from typing import Any

from chassis.contract import read_contract
from chassis.start import StartError

from ..contract import project
from ..contract.files import Files
from ..contract.plan import plan
from ..contract.project import Project
from . import additions
from .names import RefusedError, plural_of
<% if cookiecutter.__has_database %>
from .tables import Migration
<% endif %>


def main() -> int:
    """Adds a resource or a field; returns the exit status."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    arguments = _arguments()
    try:
        print(*_add(project.find(Path.cwd()), arguments), sep="\n")
    except (RefusedError, StartError, SyntaxError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: nothing has changed", file=sys.stderr)
        return 130
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.resource")
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="add a resource")
    add.add_argument("name")
    add.add_argument("fields")
    add.add_argument("--plural", help="its plural, if it is not the usual one")
    field = commands.add_parser("field", help="add a field to a resource")
    field.add_argument("resource")
    field.add_argument("field")
<% if cookiecutter.__has_database %>
    field.add_argument("--default", help="the value of existing rows in a required column")
<% endif %>
    return parser.parse_args()


def _add(service: Project, arguments: argparse.Namespace) -> list[str]:
    """Makes the changes, all or none, and returns what to print."""
    files, document = Files(service.root), read_contract(service.contract)
<% if cookiecutter.__has_database %>
    values: list[str] = []
<% endif %>
    if arguments.command == "add":
        plural = arguments.plural or plural_of(arguments.name)
<% if cookiecutter.__has_database %>
        label = additions.add_resource(
            service, files, document, arguments.name, plural, arguments.fields
        )
        message = f"Create {label}"
<% else %>
        additions.add_resource(service, files, document, arguments.name, plural, arguments.fields)
<% endif %>
    else:
<% if cookiecutter.__has_database %>
        field, label = additions.add_field(
            service, files, document, arguments.resource, arguments.field
        )
        message = f"Add {field.label} to {label}"
        default = field.default if arguments.default is None else arguments.default
        if default is not None:
            values = [f"default={default}"]
<% else %>
        additions.add_field(service, files, document, arguments.resource, arguments.field)
<% endif %>
    found = plan(service, files)
    changes = files.report()
<% if cookiecutter.__has_database %>
    migration = Migration(service)
    migration.upgrade()
    with ExitStack() as stack:
        stack.enter_context(files.saved())
        written = stack.enter_context(migration.written(message, values))
        changes += [f"CREATE {path.relative_to(service.root)}" for path in written]
<% else %>
    files.save()
<% endif %>
    notes = _notes(document) if arguments.command == "add" else []
    return [*changes, *notes, *map(str, found)]


def _notes(document: dict[str, Any]) -> list[str]:
    """Returns what the owner of the new code should know."""
    if not document.get("security"):
        return []
    return ["openapi.yaml demands credentials of all operations: add them to the requests of tests"]


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
