"""All that `make contract` does, before it is done."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from chassis.contract import ContractError, read_contract

from . import style
from .additions import add_security, add_stubs
from .drift import Difference, differences, missing, without_operation
from .files import Files
from .operations import Operation, operations
from .project import Project
from .security import schemes, unknown
from .types import HEADER, types_of


def plan(project: Project, files: Files, *added: Project) -> list[Difference]:
    """Plans what the code lacks of the contract, and returns what does not fit then.

    Args:
        project: the service.
        files: its files; they get the changes.
        added: versions of the API whose document is among these changes.

    Raises:
        ContractError: the contract cannot be read.
        SyntaxError: a module cannot be read.
    """
    found: list[Difference] = []
    described: list[Operation] = []
    for version in [*project.versions(), *added]:
        document = _read(version, files)
        types = types_of(document, HEADER.format(version.contract.name))
        types = style.sorted_imports(types, version.types)
        files.write(version.types, style.formatted(types, version.types))
        of_version = list(operations(document))
        add_stubs(version, files, document, missing(version, files, of_version))
        add_security(version, files, document)
        found += differences(version, files, of_version)
        found += _of_security(version, document)
        described += of_version
    found += without_operation(project, files, described)
    # Versions may share a function.
    return list(dict.fromkeys(found))


def _read(project: Project, files: Files) -> dict[str, Any]:
    """Reads the contract, which may be a change that is not written yet."""
    text = files.read(project.contract)
    try:
        if text is None or (
            project.contract.is_file() and text == project.contract.read_text("utf-8")
        ):
            return read_contract(project.contract)
        # Beside it, where references to other files lead to the same.
        with NamedTemporaryFile(dir=project.contract.parent, prefix=".", suffix=".yaml") as copy:
            copy.write(text.encode())
            copy.flush()
            return read_contract(Path(copy.name))
    except ContractError as error:
        raise ContractError(f"{project.contract.relative_to(project.root)}: {error}") from error


def _of_security(project: Project, document: Mapping[str, Any]) -> Iterator[Difference]:
    """Yields the security schemes that can let nobody in."""
    place = str(project.contract.relative_to(project.root))
    reasons = {
        scheme.name: f"has no {scheme.key}" for scheme in schemes(document) if not scheme.function
    }
    reasons |= dict.fromkeys(unknown(document), "is of a kind that Connexion does not know")
    for name, reason in reasons.items():
        text = f"the security scheme {name} {reason}, so its operations answer 401"
        yield Difference(place, text, is_fatal=False)
