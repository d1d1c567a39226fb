"""MilestoneReached (evaluation-due): what is not evaluated yet is marked, so that officers see it first."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.tables import CaseRow
from shared.messaging.context import Context


async def escalate_evaluation(context: Context, call_id: UUID, due_at: datetime) -> None:
    """Once, and not at an instant that an extension has moved: `due_at` is the one that the timer was set for."""
    call = await lock_call(context, call_id)
    if call.selection_method != "ranking" or call.overdue_at is not None or due_at < call.evaluation_due_at:
        return
    late = (col(CaseRow.call_id) == call_id, col(CaseRow.completed_at).is_(None), col(CaseRow.withdrawn_at).is_(None))
    marked = await context.session.execute(
        update(CaseRow).where(*late).values(overdue_at=context.now).returning(col(CaseRow.application_id))
    )
    if marked.first() is not None or call.complete_at is None:
        call.overdue_at = context.now
