"""What Connexion's security, and the chassis, read of a request.

Connexion's own reads everything of every request, the URL, forms, files and cookies: a tenth of what a small
request costs.
"""

from typing import Any

from connexion.lifecycle import ConnexionRequest
from flask import Request


class LazyRequest(ConnexionRequest):
    """Takes the place of the request of Connexion."""

    def __init__(self, request: Request, path_values: dict[str, str]) -> None:
        self.headers = request.headers
        self.path_values = path_values
        self.query = request.args
        self.context: dict[str, Any] = {}
