"""Bindings: a test replaces one without touching the code, and applications are independent."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from injector import Binder

<% if cookiecutter.__has_database %>
from chassis.resources import Page, Query
<% else %>
from chassis.contract import example_body, read_contract
from chassis.resources import Page, Query
<% endif %>

<% if not cookiecutter.__has_database %>
from << cookiecutter.package_name >> import app as composition
<% endif %>
from << cookiecutter.package_name >>.<< cookiecutter.resource_plural >> import model, service

PATH = "/v1/<< cookiecutter.__resource_path >>"


class EmptyService(service.<< cookiecutter.__resource_class >>Service):
    """Has nothing, and needs no storage for it."""

    def __init__(self) -> None:
        pass

    def page(self, query: Query) -> Page[model.<< cookiecutter.__resource_class >>]:
        return Page([], f"limit {query.limit}")


def test_a_binding_can_be_replaced(settings: Any, make_app: Callable[..., Flask]) -> None:
    def replace(binder: Binder) -> None:
        binder.bind(service.<< cookiecutter.__resource_class >>Service, to=EmptyService)

    client = make_app(settings, [replace]).test_client()
    response = client.get(f"{PATH}?limit=3")
    assert response.get_json() == {"items": [], "next_cursor": "limit 3"}


def test_two_applications_share_nothing(settings: Any, make_app: Callable[..., Flask]) -> None:
    first, second = make_app(settings), make_app(settings)
    interface = service.<< cookiecutter.__resource_class >>Service
    bound = [app.extensions["injector"].get(interface) for app in (first, second)]
    assert bound[0] is not bound[1]
<% if cookiecutter.__has_database %>
    assert first.extensions["sqlalchemy"] is not second.extensions["sqlalchemy"]
<% else %>
    document = read_contract(composition.CONTRACT)
    body = example_body(document, "create_<< cookiecutter.resource >>")
    assert first.test_client().post(PATH, json=body).status_code == 201
    assert second.test_client().get(PATH).get_json()["items"] == []
<% endif %>
