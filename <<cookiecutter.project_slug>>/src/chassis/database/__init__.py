"""The database: its engine, a session for each request, and the migrations."""

from .engine import check, close, init_app
from .rooms import RoomTables, add_tables

__all__ = ["RoomTables", "add_tables", "check", "close", "init_app"]
