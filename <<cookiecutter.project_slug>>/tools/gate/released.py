"""The contract of the last release."""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import yaml

from chassis.contract import ContractError, read_contract

from ..contract.files import Files
from ..contract.project import Project
from . import accepted
from .asking import asked
from .compare import changes
from .operations import operations
from .verdict import Verdict, judge

_HEADER = "# The contract of the last release, written by `make contract-release`.\n"


class Released:
    """The files in the directory `contract` of a service."""

    def __init__(self, project: Project) -> None:
        """Reads nothing yet.

        Args:
            project: the service.
        """
        self._project = project
        self.accepted = project.root / "contract" / "accepted.yaml"
        """The breaks that are accepted."""

    def files(self) -> list[Path]:
        """Returns the documents of the last release: one for each version of the API, none before the first release."""
        return sorted(self.accepted.parent.glob("released*.yaml"))

    def documents(self) -> list[dict[str, Any]]:
        """Returns what was released.

        Raises:
            ContractError: it cannot be read.
        """
        return [_read(self._project, path) for path in self.files()]

    def contracts(self) -> list[dict[str, Any]]:
        """Returns what the service has today.

        Raises:
            ContractError: it cannot be read.
        """
        return [_read(self._project, one.contract) for one in self._project.versions()]

    def verdict(self) -> Verdict:
        """Returns what has changed since the last release; before the first one nothing has.

        Raises:
            ContractError: a document cannot be read, or what is accepted.
        """
        documents = self.documents()
        found = list(changes(documents, self.contracts())) if documents else []
        names = {operation.name for operation in operations(documents).values()}
        return judge(found, accepted.read(self.accepted), names)

    def asked(self, stubs: Collection[str]) -> list[dict[str, Any]]:
        """Returns the released documents by which clients ask, without what they may no longer rely on.

        Args:
            stubs: the operationIds of today's operations that are still to be written.

        Raises:
            ContractError: a document cannot be read, or what is accepted.
        """
        without = self.verdict().left_out
        return [asked(one, self.contracts(), without, stubs) for one in self.documents()]

    def release(self, files: Files) -> None:
        """Releases the contract of today: each document in one file.

        Args:
            files: get the changes.

        Raises:
            ContractError: it cannot be read.
        """
        texts = {
            version.released: _text(content)
            for version, content in zip(self._project.versions(), self.contracts(), strict=True)
        }
        for path, text in texts.items():
            files.write(path, text)
        for path in {self.accepted, *self.files()} - texts.keys():
            if path.exists():
                files.remove(path)


def _text(content: dict[str, Any]) -> str:
    # By way of JSON: then there are neither anchors nor aliases.
    plain = json.loads(json.dumps(content))
    return _HEADER + yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def _read(project: Project, path: Path) -> dict[str, Any]:
    try:
        return read_contract(path)
    except ContractError as error:
        raise ContractError(f"{path.relative_to(project.root)}: {error}") from error
