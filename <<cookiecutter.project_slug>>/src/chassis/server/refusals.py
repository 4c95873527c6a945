"""Requests that gunicorn itself refuses, such as broken headers: they get a problem document, too."""

import json
from typing import Any


def write_problem(connection: Any, status: int, reason: str, message: str) -> None:
    """Writes a problem document; replaces `gunicorn.util.write_error`, which writes HTML."""
    body = json.dumps({"type": "about:blank", "title": reason, "status": status})
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall((head + body).encode())
