"""JSON by orjson: it writes dates and UUIDs, and refuses lone surrogates."""

from decimal import Decimal
from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider


class OrjsonProvider(JSONProvider):
    """Flask's JSON, several times faster."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return dump(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


def dump(value: Any) -> bytes:
    """Writes JSON; times in UTC have a Z (RFC 3339), decimals are numbers with their digits.

    Objects of the domain are refused, dataclasses too: what leaves of them, a schema has to name.

    Raises:
        TypeError: JSON has no form for the value.
    """
    return orjson.dumps(value, _number, orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS)


def init_app(app: Flask) -> None:
    """Makes the application read and write JSON by orjson."""
    app.json = OrjsonProvider(app)


def _number(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
