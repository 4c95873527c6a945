"""Which implementation serves which interface."""

from injector import Binder, Module, singleton

<% if cookiecutter.__has_database %>
from . import sql, unit_of_work
from .<< cookiecutter.resource_plural >>.repository import << cookiecutter.__resource_class >>Repository
from .<< cookiecutter.resource_plural >>.service import << cookiecutter.__resource_class >>Service
from .<< cookiecutter.resource_plural >>.sql import Sql<< cookiecutter.__resource_class >>Repository
<% else %>
from . import memory, unit_of_work
from .<< cookiecutter.resource_plural >>.memory import InMemory<< cookiecutter.__resource_class >>Repository
from .<< cookiecutter.resource_plural >>.repository import << cookiecutter.__resource_class >>Repository
from .<< cookiecutter.resource_plural >>.service import << cookiecutter.__resource_class >>Service
<% endif %>


class Bindings(Module):
    """The bindings of the running service; a test overrides single ones with a further module."""

    def configure(self, binder: Binder) -> None:
<% if cookiecutter.__has_database %>
        binder.bind(unit_of_work.UnitOfWork, to=sql.SqlUnitOfWork, scope=singleton)
        binder.bind(
            << cookiecutter.__resource_class >>Repository,
            to=Sql<< cookiecutter.__resource_class >>Repository,
            scope=singleton,
        )
<% else %>
        binder.bind(unit_of_work.UnitOfWork, to=memory.InMemoryUnitOfWork, scope=singleton)
        binder.bind(
            << cookiecutter.__resource_class >>Repository,
            to=InMemory<< cookiecutter.__resource_class >>Repository,
            scope=singleton,
        )
<% endif %>
        binder.bind(<< cookiecutter.__resource_class >>Service, scope=singleton)
