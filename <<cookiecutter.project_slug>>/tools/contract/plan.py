"""All that `make contract` does, before it is done."""

from typing import NamedTuple

from chassis.contract import ContractError, read_contract

from . import style
from .additions import add_stubs
from .drift import Difference, differences, missing
from .files import Files
from .operations import operations
from .project import Project
from .types import types_of


class Plan(NamedTuple):
    """Changes that are not written yet, and what does not fit when they are."""

    files: Files
    differences: list[Difference]

    @property
    def is_fatal(self) -> bool:
        """Whether the service would not start, or a request would fail."""
        return any(difference.is_fatal for difference in self.differences)


def plan(project: Project) -> Plan:
    """Finds what the code lacks of the contract.

    Raises:
        ContractError: the contract cannot be read.
        SyntaxError: a module cannot be read.
    """
    files = Files(project.root)
    try:
        document = read_contract(project.contract)
    except ContractError as error:
        raise ContractError(f"{project.contract.relative_to(project.root)}: {error}") from error
    types = style.sorted_imports(types_of(document), project.types)
    files.write(project.types, style.formatted(types, project.types))
    described = list(operations(document))
    add_stubs(project, files, document, missing(project, files, described))
    return Plan(files, list(differences(project, files, described)))
