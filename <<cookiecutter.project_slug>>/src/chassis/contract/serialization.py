"""JSON by orjson: it writes dates, UUIDs and dataclasses, and refuses NaN and lone surrogates."""

from typing import Any

import orjson
from flask import Flask
from flask.json.provider import JSONProvider


class OrjsonProvider(JSONProvider):
    """Flask's JSON, several times faster; timestamps are written in UTC with a Z (RFC 3339)."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return orjson.dumps(obj, option=orjson.OPT_UTC_Z).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return orjson.loads(s)


def init_app(app: Flask) -> None:
    """Makes the application read and write JSON by orjson."""
    app.json = OrjsonProvider(app)
