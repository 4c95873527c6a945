"""Requests that keep to the contract, as small as they can be."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from .operations import base_path


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

        self._schema = schemathesis.openapi.from_dict(dict(document))
        self._base_path = base_path(document)

    def of(self, method: str, path: str) -> Request:
        """Returns the smallest valid request of an operation."""
        import hypothesis
        from hypothesis import HealthCheck, Phase
        from schemathesis.core import NOT_SET

        case: Any = hypothesis.find(
            self._schema[path][method].as_strategy(),
            lambda _: True,
            settings=hypothesis.settings(
                derandomize=True,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
        query = f"?{urlencode(case.query, doseq=True)}" if case.query else ""
        return Request(
            f"{self._base_path}{case.formatted_path}{query}",
            dict(case.headers or {}),
            case.media_type,
            None if case.body is NOT_SET else case.body,
        )
