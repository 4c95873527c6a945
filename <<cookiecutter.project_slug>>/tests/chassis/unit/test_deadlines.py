"""Deadlines: the sooner of the service's and of the caller's."""

import pytest
from flask import Flask

from chassis.calls import deadlines


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, 10),
        ("500", 0.5),
        ("0", 0),
        ("60000", 10),
        ("soon", 10),
        ("-5", 10),
        ("", 10),
        ("NaN", 10),
        ("inf", 10),
        ("1e400", 10),
        ("0x10", 10),
        ("1_000", 10),
        ("\u00b2", 10),
        ("9" * 400, 10),
    ],
)
def test_a_request_has_as_long_as_the_sooner_of_both(header: str | None, expected: float) -> None:
    app = Flask(__name__)
    deadlines.init_app(app, 10)
    app.add_url_rule("/left", "left", lambda: str(deadlines.remaining()))
    headers = {} if header is None else {deadlines.HEADER: header}
    left = float(app.test_client().get("/left", headers=headers).text)
    assert expected - 1 < left <= expected


def test_outside_of_a_request_there_is_none() -> None:
    assert deadlines.remaining() is None
