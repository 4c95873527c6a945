"""What stands for another service in tests keeps to its contract."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import pytest
import requests
from tests.chassis.fixtures.fake_calls import Fake, FakeCalls

from chassis.http_client import UpstreamError, UpstreamUnavailableError

CONTRACT = Path(__file__).parents[1] / "domain" / "called.yaml"
ID = UUID("94ba52af-74ff-4b25-a6cc-2f2b04d13bb2")
THING: dict[str, Any] = {"id": ID, "price": Decimal("1.10")}


class FakeThings(Fake):
    """Things that a test sets."""

    def __init__(self) -> None:
        self._fake = FakeCalls("things", CONTRACT)

    def get(self, name: str, kinds: list[str] | None = None) -> Any:
        query = {"day": None, "kinds": kinds, "sizes": None}
        return self._fake.call(
            "GET /things/{name}", path={"name": name}, query=query, headers={"X-Exact": None}
        )

    def put(self, name: str, body: dict[str, Any]) -> None:
        self._fake.call("PUT /things/{name}", path={"name": name}, body=body)

    def note(self) -> Any:
        return self._fake.call("GET /note")

    operations: ClassVar = {get: "GET /things/{name}", put: "PUT /things/{name}", note: "GET /note"}


@pytest.fixture
def things() -> FakeThings:
    return FakeThings()


def test_an_answer_is_given_until_it_is_set_again(things: FakeThings) -> None:
    things.answer(FakeThings.get, THING)
    assert things.get("one") == things.get("two", ["a"]) == THING
    assert [one.query for one in things.asked] == [[], [("kinds", "a")]]
    things.answer(FakeThings.get, "There is none.", status=404)
    with pytest.raises(requests.HTTPError):
        things.get("one")
    things.fail(FakeThings.get, UpstreamUnavailableError("things"))
    with pytest.raises(UpstreamUnavailableError):
        things.get("one")


def test_what_is_read_only_is_not_sent(things: FakeThings) -> None:
    things.answer(FakeThings.put)
    things.put("one", THING)
    assert things.asked[0].body == b'{"price":"1.10"}'


def test_an_answer_for_any_status_may_be_a_failure(things: FakeThings) -> None:
    things.answer(FakeThings.note, "Note")
    assert things.note() == "Note"
    things.answer(FakeThings.note, "Note", status=500)
    with pytest.raises(UpstreamError):
        things.note()


def test_what_the_contract_does_not_allow_is_refused(things: FakeThings) -> None:
    refusals: dict[str, Callable[[], None]] = {
        "things does not answer GET /things/{name} with 200: body #/price is required": lambda: (
            things.answer(FakeThings.get, {"id": ID})
        ),
        "things does not answer GET /things/{name} with 201: the contract has no such status": (
            lambda: things.answer(FakeThings.get, THING, status=201)
        ),
        "things does not answer PUT /things/{name} with 200 and a body: the contract has none": (
            lambda: things.answer(FakeThings.put, THING)
        ),
        "things does not take PUT /things/{name}: body #/price is required": (
            lambda: things.put("one", {})
        ),
        "set an answer of things to PUT /things/{name}": lambda: things.put("one", THING),
    }
    for message, call in refusals.items():
        with pytest.raises(AssertionError) as refused:
            call()
        assert str(refused.value).splitlines()[0] == message
