"""The database: its engine, a session for each request, and the migrations."""

from .engine import check, close, init_app

__all__ = ["check", "close", "init_app"]
