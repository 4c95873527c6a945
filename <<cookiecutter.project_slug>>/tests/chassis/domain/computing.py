"""The application with a route that the processor is busy with, for a server that has too much to do."""

import time

from .wsgi import app

SECONDS = 0.01


def compute() -> dict[str, str]:
    """Takes time of the processor."""
    end = time.process_time() + SECONDS
    while time.process_time() < end:
        pass
    return {"status": "done"}


app.add_url_rule("/computes", "computes", compute)
