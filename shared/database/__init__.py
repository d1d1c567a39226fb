"""One database and one role per service: engine, sessions, table bases and migrations."""

from shared.database.base import PlatformTable
from shared.database.engine import Sessions, allow_an_hour, create_engine, sessions_of
from shared.database.migrations import Migrations

__all__ = ["Migrations", "PlatformTable", "Sessions", "allow_an_hour", "create_engine", "sessions_of"]
