"""Routes have the names that the contract gives them."""

import pytest
from flask import Flask

from chassis import routes


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/things", "/things"),
        ("/things/5", "/things/{identifier}"),
        ("/things/5/parts/a/b", "/things/{identifier}/parts/{rest}"),
        ("/unknown", None),
    ],
)
def test_a_route_is_named_as_in_the_contract(path: str, expected: str | None) -> None:
    app = Flask(__name__)
    for rule in ("/things", "/things/<identifier>", "/things/<int:identifier>/parts/<path:rest>"):
        app.add_url_rule(rule, rule, lambda **names: "")
    with app.test_request_context(path):
        assert routes.path_template() == expected
