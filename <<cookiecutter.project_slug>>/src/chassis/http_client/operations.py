"""Calls of another service by its contract: what does not keep to it is an `UpstreamError`."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import requests

from ..contract import read_contract
from ..contract.calls import CalledContract, CalledOperation, Request, UnusableAnswerError
from .session import UpstreamError, UpstreamSession

__all__ = ["Calls"]

log = logging.getLogger(__name__)

_NONE: Mapping[str, Any] = {}


class Calls:
    """Calls the operations of a service."""

    def __init__(self, session: UpstreamSession, contract: Path) -> None:
        """Reads the contract.

        Args:
            session: its URLs are paths of the service.
            contract: the OpenAPI document of the service.

        Raises:
            ContractError: the document cannot be read.
        """
        self._session = session
        self.contract = CalledContract(read_contract(contract))

    def call(
        self,
        name: str,
        *,
        path: Mapping[str, Any] = _NONE,
        query: Mapping[str, Any] = _NONE,
        headers: Mapping[str, Any] = _NONE,
        body: Any = None,
    ) -> Any:
        """Calls an operation and returns its result, of the types that the contract's formats name.

        Args:
            name: method and path, such as `GET /things`.
            path: the parameters in the path.
            query: the parameters in the query; None is left out.
            headers: the parameters in headers; None is left out.
            body: of the request.

        Raises:
            requests.HTTPError: the answer has a 4xx status.
            UpstreamError: the call has failed, or the answer does not keep to the contract.
            ValueError: an argument cannot be sent.
        """
        operation = self.contract.operation(name)
        response = self.send(operation, operation.write(path, query, headers, body))
        response.raise_for_status()
        media_type = response.headers.get("Content-Type", "")
        try:
            return operation.read(response.status_code, media_type, response.content)
        except UnusableAnswerError as error:
            log.warning("%s, %s: %s", self._session.name, name, error)
            raise UpstreamError(self._session.name) from error

    def send(self, operation: CalledOperation, request: Request) -> requests.Response:
        """Sends a request of an operation."""
        return self._session.request(
            request.method,
            request.path,
            params=request.query,
            headers=request.headers,
            data=request.body,
        )
