"""Compiled statements outlive the engine of a test."""

from typing import Any

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.util import LRUCache

_STATEMENTS: LRUCache[Any, Any] = LRUCache(4000)


class SharedDialect(PGDialect_asyncpg):
    """All are equal, so what one engine has compiled serves the others.

    Each test has a database, and with it an engine, of its own. With caches of their own, half of all statements are compiled again, which
    is a third of the processor time of such a test. A service has one engine, so it reads its statements from a cache, too.
    """

    supports_statement_cache = True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=_STATEMENTS)


def share_statements() -> None:
    """From now on, for every engine of this process."""
    registry.register("postgresql.asyncpg", SharedDialect.__module__, SharedDialect.__name__)
