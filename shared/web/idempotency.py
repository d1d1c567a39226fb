"""`Idempotency-Key`: a request sent twice has one effect and one answer."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import Header
from pydantic_core import to_jsonable_python
from sqlalchemy import Column, FetchedValue, bindparam, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlmodel import Field, col

from shared.database.base import INSTANT, PlatformTable
from shared.database.privileges import written_once
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


class IdempotencyRow(PlatformTable, table=True):
    """Written with the effect in one transaction; `created_at` is real time."""

    __tablename__ = "idempotency"
    __table_args__ = written_once(but="response")

    actor_id: str = Field(primary_key=True)
    route: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    input_hash: str
    response: Any = Field(default=None, sa_column=Column(JSONB))
    created_at: datetime | None = Field(default=None, sa_column=Column(INSTANT, server_default=FetchedValue(), nullable=False))


ANSWER = (
    update(IdempotencyRow)
    .where(*(col(getattr(IdempotencyRow, name)) == bindparam(f"of_{name}") for name in ("actor_id", "route", "key")))
    .values(response=bindparam("response", type_=JSONB))
)


async def once(context: Context, key: str, route: str, payload: object, run: Callable[[], Awaitable[object]]) -> Any:
    """The result of `run` as JSON values: of this call, or of the first call with this key by this actor on this route.

    `payload` is the input (a model or JSON values). `Conflict` 'idempotency-key-reused' for the same key with another input.
    A second request with the key waits in PostgreSQL until the first has committed, and runs itself if that one failed.
    When `run` raises, the key is rolled back with everything else. The result is stored as it is: it must hold ids, not names.
    """
    content = [context.actor.organisation_id, payload]  # one person may act for two organisations: neither gets the other's answer
    input_hash = hashlib.sha256(json.dumps(to_jsonable_python(content), sort_keys=True).encode()).hexdigest()
    identity = {"actor_id": context.actor.id, "route": route, "key": key}
    claim = insert(IdempotencyRow).values(**identity, input_hash=input_hash).on_conflict_do_nothing().returning(col(IdempotencyRow.key))
    if (await context.session.execute(claim)).first() is None:
        row = await context.session.get_one(IdempotencyRow, identity)
        if row.input_hash != input_hash:
            raise Conflict("idempotency-key-reused", "This key was used for another request.", field="Idempotency-Key")
        return row.response
    response = to_jsonable_python(await run())
    await context.session.execute(ANSWER, {**{f"of_{name}": value for name, value in identity.items()}, "response": response})
    return response
