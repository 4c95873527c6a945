"""JSON by orjson: it writes dates, UUIDs and dataclasses, and refuses NaN and lone surrogates."""

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
    """Writes JSON; times are in UTC with a Z (RFC 3339), decimals that no schema describes are text.

    Raises:
        TypeError: JSON has no form for the value.
    """
    return orjson.dumps(value, _text, orjson.OPT_UTC_Z)


def init_app(app: Flask) -> None:
    """Makes the application read and write JSON by orjson."""
    app.json = OrjsonProvider(app)


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
