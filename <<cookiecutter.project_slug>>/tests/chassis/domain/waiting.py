"""The application with a route that waits for the database, for a server that has too much to do."""

import time

from flask import current_app
from sqlalchemy import text

from .wsgi import app

SECONDS = 0.05


def wait() -> dict[str, str]:
    """Uses a connection for a while."""
    with current_app.extensions["sqlalchemy"].engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        time.sleep(SECONDS)
    return {"status": "done"}


app.add_url_rule("/waits", "waits", wait)
