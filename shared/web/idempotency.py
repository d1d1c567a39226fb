"""`Idempotency-Key`: a request sent twice has one effect and one answer."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Header
from pydantic_core import to_jsonable_python
from sqlalchemy import Column, FetchedValue, Index, bindparam, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, col

from shared.database.base import INSTANT, PlatformTable
from shared.database.engine import Sessions
from shared.database.privileges import removable
from shared.kernel.clock import ProgrammeClock
from shared.kernel.errors import Conflict
from shared.messaging.context import Context

IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Chosen by the caller, the same for each repetition of one request",
    ),
]


KEPT = timedelta(days=7)
"""How long a key is known. A client that repeats a request after that makes a new one; none of ours repeats for longer than a day."""
PAUSE_SECONDS = 3_600


class IdempotencyRow(PlatformTable, table=True):
    """Written with the effect in one transaction. It holds ids and a hash, nothing that a person has said; `created_at` is real time, as
    that of every repetition is."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("ix_idempotency_age", "created_at"), removable(changing="made_id"))

    actor_id: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    input_hash: str
    made_id: UUID | None = None
    created_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))


ANSWER = (
    update(IdempotencyRow)
    .where(*(col(getattr(IdempotencyRow, name)) == bindparam(f"of_{name}") for name in ("actor_id", "route", "key")))
    .values(made_id=bindparam("made_id"))
)


async def once(context: Context, key: str, route: str, payload: object, run: Callable[[], Awaitable[UUID]]) -> UUID:
    """The id that `run` returns: of this call, or of the first call with this key by this actor on this route. The route makes its answer
    from the row with that id, both times: a repetition shows what was made, as it is now.

    `payload` is the input (a model or JSON values). `Conflict` 'idempotency-key-reused' for the same key with another input.
    A second request with the key waits in PostgreSQL until the first has committed, and runs itself if that one failed.
    When `run` raises, the key is rolled back with everything else.
    """
    input_hash = hash_of_input(context, payload)
    identity = {"actor_id": context.actor.id, "route": route, "key": key}
    claim = insert(IdempotencyRow).values(**identity, input_hash=input_hash).on_conflict_do_nothing().returning(col(IdempotencyRow.key))
    if (await context.session.execute(claim)).first() is None:
        row = await context.session.get_one(IdempotencyRow, identity)
        if row.input_hash != input_hash:
            raise Conflict("idempotency-key-reused", "This key was used for another request.", field="Idempotency-Key")
        assert row.made_id is not None, "a key is committed with what its request made"
        return row.made_id
    made_id = await run()
    await context.session.execute(ANSWER, {**{f"of_{name}": value for name, value in identity.items()}, "made_id": made_id})
    return made_id


def hash_of_input(context: Context, payload: object) -> str:
    content = [context.actor.organisation_id, payload]  # one person may act for two organisations: neither gets the other's answer
    return hashlib.sha256(json.dumps(to_jsonable_python(content), sort_keys=True).encode()).hexdigest()


class KeyExpiry:
    """The job of a worker that removes keys once they are older than `KEPT`. `clock` is real time."""

    def __init__(self, sessions: Sessions, clock: ProgrammeClock) -> None:
        self.sessions, self.clock = sessions, clock

    async def run(self) -> None:
        """One pass, before a pause."""
        await self.remove()
        await asyncio.sleep(PAUSE_SECONDS)

    async def remove(self) -> None:
        async with self.sessions.begin() as session:
            await session.execute(delete(IdempotencyRow).where(col(IdempotencyRow.created_at) <= self.clock.now() - KEPT))
