"""What a number that somebody holds belongs to."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow
from shared.messaging.context import Context


class Found(BaseModel):
    """`application_id` is null for a call."""

    kind: Literal["application", "call"]
    application_id: UUID | None
    call_id: UUID
    region: str


async def find(context: Context, ref: str) -> Found | None:
    """By id of an application or a call, or by receipt number, whose case does not matter."""
    application = await _application(context, ref)
    if application is not None:
        return Found(kind="application", application_id=application.id, call_id=application.call_id, region=application.region)
    identity = _uuid(ref)
    call = await context.session.get(CallRow, identity) if identity else None
    return Found(kind="call", application_id=None, call_id=call.id, region=call.region) if call else None


async def _application(context: Context, ref: str) -> ApplicationRow | None:
    identity = _uuid(ref)
    if identity is not None:
        return await context.session.get(ApplicationRow, identity)
    return (await context.session.scalars(select(ApplicationRow).where(col(ApplicationRow.receipt) == ref.strip().upper()))).one_or_none()


def _uuid(ref: str) -> UUID | None:
    try:
        return UUID(ref)
    except ValueError:
        return None
