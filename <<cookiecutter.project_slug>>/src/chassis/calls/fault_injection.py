"""Fault injection: shows in development what the service does when an upstream is slow or fails.

The settings of an upstream switch it on; production refuses these settings, and without them this code is not part of a call.
"""

import random
import time
from http import HTTPStatus
from typing import Any

from requests import ConnectionError as NotConnectedError
from requests import PreparedRequest, Response

from ..settings.upstreams import UpstreamSettings
from .retries import Budget, RetryingAdapter


class FaultyAdapter(RetryingAdapter):
    """Makes an upstream slow, faulty or unreachable, as the settings say."""

    def __init__(self, settings: UpstreamSettings, budget: Budget) -> None:
        super().__init__(settings, budget)
        self._settings = settings

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Any:
        """Sends a request, after a delay, or simulates a failure."""
        time.sleep(self._settings.fault_latency)
        if _happens(self._settings.fault_refusals):
            raise NotConnectedError("refused on purpose", request=request)
        if _happens(self._settings.fault_errors):
            response = Response()
            response.status_code = HTTPStatus.INTERNAL_SERVER_ERROR
            response.request = request
            return response
        return super().send(request, *args, **options)


def _happens(share: float) -> bool:
    return random.random() < share  # noqa: S311
