"""MilestoneReached (evaluation-due): what is not evaluated yet is marked, so that officers see it first."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evaluation.commands.locking import lock_call
from services.evaluation.tables import CaseRow
from shared.messaging.cause import Cause


async def escalate_evaluation(session: AsyncSession, cause: Cause, call_id: UUID, due_at: datetime) -> None:
    """Once, and not at an instant that an extension has moved: `due_at` is the one that the timer was set for."""
    call = await lock_call(session, call_id)
    if call.method != "ranking" or call.overdue_at is not None or due_at < call.evaluation_due_at:
        return
    late = (col(CaseRow.call_id) == call_id, col(CaseRow.completed_at).is_(None), col(CaseRow.withdrawn_at).is_(None))
    marked = await session.execute(update(CaseRow).where(*late).values(overdue_at=cause.now).returning(col(CaseRow.application_id)))
    if marked.first() is not None or call.complete_at is None:
        call.overdue_at = cause.now
