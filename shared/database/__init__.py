"""One database and one role per service: engine, sessions and bases of the tables."""

from shared.database.base import PlatformTable
from shared.database.engine import Sessions, allow_long_transaction, create_engine, sessions_of

__all__ = ["PlatformTable", "Sessions", "allow_long_transaction", "create_engine", "sessions_of"]
