"""How long the current request has waited before it was handled: the server measures it, times and deadlines begin with it."""

from flask import request

KEY = "chassis.waited"
"""The key in the WSGI environment of a request; seconds."""


def waited() -> float:
    """Returns the seconds that the current request has waited; 0 where it is not known."""
    seconds: float = request.environ.get(KEY, 0.0)
    return seconds
