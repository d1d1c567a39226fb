"""Bases of the SQLModel tables.

The tables that every database has (outbox, inbox, idempotency keys) extend `PlatformTable`. Each service declares a base with
its own registry, so that two services may use the same table name:
`class Table(SQLModel, registry=registry()): ...`, then `class CallRow(Table, table=True)`.
"""

from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class PlatformTable(SQLModel, registry=registry()):
    """Base of the tables that every service's database has."""


INSTANT: Any = DateTime(timezone=True)
"""Column type of every instant: `Field(sa_type=INSTANT)`."""
