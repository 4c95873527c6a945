"""What goes with << cookiecutter.__resource_plural_label >>, as the service of recommendations knows it."""

from uuid import UUID

from injector import inject

from .. import unit_of_work
from ..<< cookiecutter.resource_plural >>.service import << cookiecutter.__resource_class >>Service
from .recommendations import Recommendation, Recommendations

LIMIT = 5


class RelatedService:
    """Knows what is ours, and whom to ask about the rest."""

    @inject
    def __init__(
        self,
        ours: << cookiecutter.__resource_class >>Service,
        recommendations: Recommendations,
        transaction: unit_of_work.UnitOfWork,
    ) -> None:
        self._ours = ours
        self._recommendations = recommendations
        self._transaction = transaction

    def of(self, identifier: UUID) -> list[Recommendation]:
        """Returns what is recommended for the category of one.

        Raises:
            NotFoundError: there is none with this id.
            InvalidAnswerError: the answer of the other service cannot be read.
        """
        # It ends before the call, which may take long: nothing is held meanwhile.
        with self._transaction:
            category = self._ours.get(identifier).category
        return self._recommendations.find(category=category, limit=LIMIT)
