"""How long the current request has waited before it was handled: the server measures it, and others count it in."""

from flask import request

__all__ = ["KEY", "waited"]

KEY = "waited"
"""The key in the WSGI environment of a request; seconds."""


def waited() -> float:
    """Returns the seconds that the current request has waited; 0 where it is not known."""
    seconds: float = request.environ.get(KEY, 0.0)
    return seconds
