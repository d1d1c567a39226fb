"""The portal's tables: who is signed in, and who is about to. What they hold is encrypted with a key that only the browser has."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.database.base import INSTANT
from shared.database.privileges import removable


class Table(SQLModel, registry=registry()):
    """Base of the portal's tables."""


class SessionRow(Table, table=True):
    """A signed-in browser, or one whose session has ended. `id`: hash of the cookie. `content`: `Session` as JSON, encrypted; empty
    after a sign-out. Instants are real time."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_ends_at", "ends_at"), removable(changing="content seen_at"))

    id: str = Field(primary_key=True)
    content: bytes
    seen_at: datetime = Field(sa_type=INSTANT)
    ends_at: datetime = Field(sa_type=INSTANT)


class AttemptRow(Table, table=True):
    """A browser that was sent to the provider and has not come back. `session`: the row of its session that has ended. `content`:
    `Attempt` as JSON, encrypted."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_ends_at", "ends_at"), removable(changing=""))

    id: str = Field(primary_key=True)
    session: str | None = Field(default=None, unique=True)
    content: bytes
    ends_at: datetime = Field(sa_type=INSTANT)
