"""What gunicorn refuses by itself, such as broken headers: the answer is a problem document, too."""

import json
from typing import Any

from gunicorn import util


def write_problem(connection: Any, status: int, reason: str, message: str) -> None:
    """Answers in place of `gunicorn.util.write_error`, which would answer in HTML."""
    body = json.dumps({"type": "about:blank", "title": reason, "status": status})
    head = (
        f"HTTP/1.1 {status} {reason}\r\n"
        "Connection: close\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    util.write_nonblock(connection, (head + body).encode())
