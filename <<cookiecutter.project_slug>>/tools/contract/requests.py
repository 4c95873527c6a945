"""Requests that keep to the contract, as small as they can be."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from .operations import Operation, base_path
from .security import credentials, keys_in_query


class Request(NamedTuple):
    """A request of an operation."""

    path: str
    headers: dict[str, str]
    media_type: str | None
    body: Any
    """None if there is none."""


class Requests:
    """Finds requests for the operations of a document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        # These take seconds to load.
        import schemathesis

        self._document = document
        self._schema = schemathesis.openapi.from_dict(dict(document))
        self._base_path = base_path(document)

    def of(self, operation: Operation) -> Request:
        """Returns the smallest valid request of an operation."""
        import hypothesis
        from hypothesis import HealthCheck, Phase

        case: Any = hypothesis.find(
            self._schema[operation.path][operation.method].as_strategy(),
            lambda _: True,
            settings=hypothesis.settings(
                derandomize=True,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
        query = {**(case.query or {}), **keys_in_query(self._document, operation)}
        return Request(
            f"{self._base_path}{case.formatted_path}{'?' if query else ''}{urlencode(query, doseq=True)}",
            {**(case.headers or {}), **credentials(self._document, operation)},
            case.media_type,
            _plain(case.body),
        )


def _plain(value: Any) -> Any:
    """Returns a value with bytes for a text of a type of schemathesis, and None where it has set nothing."""
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
        case str() if type(value) is not str:
            return b""
        case str() | int() | float() | bytes():
            return value
    return None
