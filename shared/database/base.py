"""Bases of the SQLModel tables.

The tables that every database holds (outbox, inbox, idempotency keys) stand on `PlatformTable`. Each service declares a base
with a registry of its own, so that two services may name a table alike:
`class Table(SQLModel, registry=registry()): ...`, then `class CallRow(Table, table=True)`.
"""

from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class PlatformTable(SQLModel, registry=registry()):
    """Base of the tables that every service's database holds."""


INSTANT: Any = DateTime(timezone=True)
"""Column type of every instant: `Field(sa_type=INSTANT)`."""
