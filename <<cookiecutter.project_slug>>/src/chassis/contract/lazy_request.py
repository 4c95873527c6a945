"""What Connexion reads of a request; each part is read when it is asked for.

Connexion's own reads everything of every request, the URL, forms, files and cookies: a tenth of what a small
request costs.
"""

from functools import cached_property
from typing import Any

from connexion.lifecycle import ConnexionRequest
from flask import Request

from .media_types import FORM, MULTIPART

_FORMS = (FORM, MULTIPART)


class LazyRequest(ConnexionRequest):
    """Takes the place of the request of Connexion."""

    def __init__(self, request: Request, path_params: dict[str, str]) -> None:
        self._request = request
        self.headers = request.headers
        self.path_params = path_params
        self.query = request.args
        self.context: dict[str, Any] = {}

    @cached_property
    def body(self) -> bytes:
        return self._request.get_data()

    @cached_property
    def json(self) -> Any:
        return self._request.get_json(silent=True)

    @cached_property
    def form(self) -> Any:
        return self._request.form if self._request.mimetype in _FORMS else {}

    @cached_property
    def files(self) -> Any:
        return self._request.files if self._request.mimetype in _FORMS else {}
