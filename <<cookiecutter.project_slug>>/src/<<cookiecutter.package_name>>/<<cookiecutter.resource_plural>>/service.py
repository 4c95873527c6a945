"""The rules of << cookiecutter.__resource_plural_label >>, independent of HTTP and of the storage."""

from uuid import UUID

from injector import inject

from chassis.resources import Page, Query, Repository, UnitOfWork, identity

from .. import schemas
from .model import << cookiecutter.__resource_class >>


class << cookiecutter.__resource_class >>Service:
    """The operations on << cookiecutter.__resource_plural_label >>.

    Each method raises NotFoundError if there is no << cookiecutter.__resource_label >> with the id, and ConflictError if a value is
    taken that only one << cookiecutter.__resource_label >> may have.
    """

    @inject
    def __init__(
        self,
        repository: Repository[<< cookiecutter.__resource_class >>],
        unit_of_work: UnitOfWork,
    ) -> None:
        self._repository = repository
        self._unit_of_work = unit_of_work

    def page(self, query: Query) -> Page[<< cookiecutter.__resource_class >>]:
        """Returns a page of << cookiecutter.__resource_plural_label >>."""
        return self._repository.page(query)

    def get(self, identifier: UUID) -> << cookiecutter.__resource_class >>:
        """Returns << 'an' if cookiecutter.resource[0] in 'aeiou' else 'a' >> << cookiecutter.__resource_label >>."""
        return self._repository.get(identifier)

    def create(
        self,
        fields: schemas.<< cookiecutter.__resource_class >>Fields,
    ) -> << cookiecutter.__resource_class >>:
        """Stores a new << cookiecutter.__resource_label >> and returns it."""
        new = << cookiecutter.__resource_class >>(**identity(), **fields)
        with self._unit_of_work:
            return self._repository.add(new)

    def replace(
        self,
        identifier: UUID,
        fields: schemas.<< cookiecutter.__resource_class >>Fields,
    ) -> << cookiecutter.__resource_class >>:
        """Gives a client's fields new values; those left out get their defaults."""
        with self._unit_of_work:
            changes = {**<< cookiecutter.__resource_class >>.defaults(), **fields}
            return self._repository.update(identifier, changes)

    def update(
        self,
        identifier: UUID,
        changes: schemas.<< cookiecutter.__resource_class >>Changes,
    ) -> << cookiecutter.__resource_class >>:
        """Gives some fields new values; those left out stay as they are."""
        with self._unit_of_work:
            return self._repository.update(identifier, changes)

    def delete(self, identifier: UUID) -> None:
        """Deletes << 'an' if cookiecutter.resource[0] in 'aeiou' else 'a' >> << cookiecutter.__resource_label >>."""
        with self._unit_of_work:
            self._repository.delete(identifier)
