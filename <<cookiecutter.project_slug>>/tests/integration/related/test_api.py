"""What goes with one of ours, by the whole application and a real peer."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from injector import Binder

from << cookiecutter.package_name >>.related.recommendations import (
    Recommendation,
    Recommendations,
)
from << cookiecutter.package_name >>.settings import Settings, UpstreamsSettings

PATH = "/v1/<< cookiecutter.__resource_path >>"


@pytest.fixture
def asking(
    settings: Settings,
    make_app: Callable[..., Flask],
    peer: Any,
    settings_for_peer: Callable[..., Any],
) -> FlaskClient:
    upstreams = UpstreamsSettings(recommendations=settings_for_peer(peer.url))
    client: FlaskClient = make_app(
        settings.model_copy(update={"upstreams": upstreams})
    ).test_client()
    return client


def created(client: FlaskClient) -> str:
    body = {"name": "First", "category": "common"}
    return str(client.post(PATH, json=body).get_json()["id"])


def test_the_other_service_is_asked_for_the_category(asking: FlaskClient, peer: Any) -> None:
    answer = asking.get(f"{PATH}/{created(asking)}/related")
    (item,) = json.loads(peer.body)["items"]
    assert answer.get_json() == {"items": [{"id": item["id"], "name": item["name"]}]}
    assert peer.asked[0].path == "/v1/recommendations?category=common&limit=5"


def test_for_what_we_do_not_have_nobody_is_asked(asking: FlaskClient, peer: Any) -> None:
    assert asking.get(f"{PATH}/{uuid4()}/related").status_code == 404
    assert not peer.asked


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"items": [{"id": "5"}]}'])
def test_an_answer_of_another_form_is_a_problem(
    asking: FlaskClient, peer: Any, body: bytes
) -> None:
    peer.body = body
    answer = asking.get(f"{PATH}/{created(asking)}/related")
    assert (answer.status_code, answer.mimetype) == (502, "application/problem+json")


def test_a_service_that_is_down_is_a_problem(asking: FlaskClient, peer: Any) -> None:
    path = f"{PATH}/{created(asking)}/related"
    peer.status = 503
    assert asking.get(path).status_code == 502
    peer.behave("hang")
    assert asking.get(path).status_code == 504


class FixedRecommendations(Recommendations):
    """Recommends without asking anybody."""

    def find(self, *, category: str, limit: int) -> list[Recommendation]:
        return [Recommendation(uuid4(), f"{limit} of {category}")]


def test_a_test_needs_no_other_service(settings: Settings, make_app: Callable[..., Flask]) -> None:
    def replace(binder: Binder) -> None:
        binder.bind(Recommendations, to=FixedRecommendations)

    client = make_app(settings, [replace]).test_client()
    (item,) = client.get(f"{PATH}/{created(client)}/related").get_json()["items"]
    assert item["name"] == "5 of common"
