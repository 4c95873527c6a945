"""Calls by the contract of another service, which is a real peer."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests

from chassis.http_client import UpstreamError, UpstreamSession
from chassis.http_client.operations import Calls

CONTRACT = Path(__file__).parents[1] / "domain" / "called.yaml"
ID = "94ba52af-74ff-4b25-a6cc-2f2b04d13bb2"
THING = b'{"id": "%b", "price": "1.10", "made": "2026-02-03T01:00:00+01:00"}' % ID.encode()
GET, PUT = "GET /things/{name}", "PUT /things/{name}"


@pytest.fixture
def calls(peer: Any, settings_for_peer: Callable[..., Any]) -> Calls:
    peer.headers = {"Content-Type": "application/json"}
    peer.body = THING
    return Calls(UpstreamSession("things", settings_for_peer(peer.url)), CONTRACT)


def get(calls: Calls, name: str = "one", **query: Any) -> Any:
    given = {"day": None, "kinds": None, "sizes": None, **query}
    return calls.call(GET, path={"name": name}, query=given, headers={"X-Exact": True})


def test_a_result_has_the_types_of_the_formats(calls: Calls, peer: Any) -> None:
    assert get(calls, "a/b c", day=date(2026, 2, 3), kinds=["a", "b"], sizes=["1", "2"]) == {
        "id": UUID(ID),
        "price": Decimal("1.10"),
        "made": datetime(2026, 2, 3, tzinfo=UTC),
    }
    (asked,) = peer.asked
    assert asked.path == "/base/things/a%2Fb%20c?day=2026-02-03&kinds=a&kinds=b&sizes=1%2C2"
    assert asked.headers["X-Exact"] == "true"
    assert asked.headers["Accept"] == "application/json, */*;q=0.1"


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"id": "5", "price": "1"}', b"", b"[" * 999])
def test_an_answer_of_another_form_is_an_error(calls: Calls, peer: Any, body: bytes) -> None:
    peer.body = body
    with pytest.raises(UpstreamError):
        get(calls)


@pytest.mark.parametrize("status", [201, 304])
def test_a_status_that_is_not_described_is_an_error(calls: Calls, peer: Any, status: int) -> None:
    peer.status, peer.body = status, b"" if status == 304 else THING
    with pytest.raises(UpstreamError):
        get(calls)


def test_another_media_type_is_an_error(calls: Calls, peer: Any) -> None:
    peer.headers = {"Content-Type": "text/plain"}
    with pytest.raises(UpstreamError):
        get(calls)
    peer.body = b"Note"
    assert calls.call("GET /note") == "Note"
    peer.body = b"\xff"
    with pytest.raises(UpstreamError):
        calls.call("GET /note")


def test_a_refusal_is_an_error_of_requests(calls: Calls, peer: Any) -> None:
    peer.status = 404
    with pytest.raises(requests.HTTPError):
        get(calls)


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_path_stays_that_of_its_operation(calls: Calls, peer: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^name cannot be '{name}' in a path$"):
        get(calls, name)
    with pytest.raises(ValueError, match="cannot have a comma"):
        get(calls, sizes=["1,2"])
    assert peer.asked == []
