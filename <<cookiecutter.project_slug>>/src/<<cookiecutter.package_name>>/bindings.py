"""Which implementation serves which interface."""

from injector import Binder, Module, provider, singleton
<% if cookiecutter.__has_database %>
from sqlalchemy.orm import Session
<% endif %>

from chassis.resources import Repository, UnitOfWork
<% if cookiecutter.__has_database %>
from chassis.resources.sql import SqlRepository, SqlUnitOfWork
<% else %>
from chassis.resources.memory import MemoryRepository, MemoryUnitOfWork
<% endif %>

from .<< cookiecutter.resource_plural >>.model import << cookiecutter.__resource_class >>
from .<< cookiecutter.resource_plural >>.service import << cookiecutter.__resource_class >>Service
<% if cookiecutter.__has_database %>
from .<< cookiecutter.resource_plural >>.table import << cookiecutter.__resource_class >>Row
<% endif %>


class Bindings(Module):
    """The bindings of the running service; a test overrides single bindings with a further module."""

    def configure(self, binder: Binder) -> None:
<% if cookiecutter.__has_database %>
        binder.bind(UnitOfWork, to=SqlUnitOfWork, scope=singleton)
<% else %>
        binder.bind(MemoryUnitOfWork, scope=singleton)
        binder.bind(UnitOfWork, to=MemoryUnitOfWork)
<% endif %>
        binder.bind(<< cookiecutter.__resource_class >>Service, scope=singleton)

    @singleton
    @provider
<% if cookiecutter.__has_database %>
    def provide_<< cookiecutter.resource_plural >>(
        self,
        session: Session,
    ) -> Repository[<< cookiecutter.__resource_class >>]:
        return SqlRepository(
            << cookiecutter.__resource_class >>,
            << cookiecutter.__resource_class >>Row,
            session,
        )
<% else %>
    def provide_<< cookiecutter.resource_plural >>(
        self,
        unit_of_work: MemoryUnitOfWork,
    ) -> Repository[<< cookiecutter.__resource_class >>]:
        return MemoryRepository(
            << cookiecutter.__resource_class >>,
            unit_of_work,
            unique=["name"],
        )
<% endif %>
