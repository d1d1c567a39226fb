"""The history of a case in one service: its own events, in order, read from the outbox that published them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from shared.identity.permissions import Permission, authorise
from shared.messaging.context import Context
from shared.messaging.dead_letters import dead_letter_topic
from shared.messaging.tables import OutboxRow
from shared.web.auth import api_router, requires


class EventView(BaseModel):
    """One event: what happened to what, by whom, when (programme time), why, and under which rule version."""

    event_id: UUID
    position: int
    type: str
    subject: UUID
    time: datetime
    actor: str
    reason: str
    policy_id: str
    causation_id: UUID | None
    body: dict[str, Any]


class History(BaseModel):
    """A case's events in one service. `truncated`: there are more than `limit`; ask again with `after`."""

    service: str
    case_id: UUID
    events: list[EventView]
    truncated: bool


def history_router(service: str) -> APIRouter:
    """GET /history/{case_id}: `case_id` is an application's id (or a call's or batch's for what concerns no application)."""
    router = api_router("history")

    @router.get("/history/{case_id}")
    async def read_history(
        context: Annotated[Context, requires(Permission.READ_HISTORY)],
        case_id: UUID,
        after: Annotated[int, Query(ge=0, description="position of the last event seen")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 500,
    ) -> History:
        rows = await _events(context.session, service, case_id, after, limit + 1)
        for region in {row.body["region"] for row in rows}:
            authorise(context.actor, Permission.READ_HISTORY, region=region)
        views = [EventView.model_validate({**row.model_dump(), "subject": row.key}) for row in rows[:limit]]
        return History(service=service, case_id=case_id, events=views, truncated=len(rows) > limit)

    return router


async def _events(session: AsyncSession, service: str, case_id: UUID, after: int, limit: int) -> list[OutboxRow]:
    query = (
        select(OutboxRow)
        .where(col(OutboxRow.correlation_id) == case_id, col(OutboxRow.position) > after)
        .where(col(OutboxRow.topic) != dead_letter_topic(service))
        .order_by(col(OutboxRow.position))
        .limit(limit)
    )
    return list((await session.scalars(query)).all())
