"""The rows that need a workflow."""

from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from services.vouchers.deadlines.tables import CallDateRow, CallRow, MilestoneRow
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context


async def list_calls(context: Context) -> list[tuple[CallRow, datetime | None]]:
    """Calls with a date to come (with the next one), or without a ranking that they need: a calendar that the end of the programme ended
    ends again at once."""
    to_come = col(CallDateRow.reached_at).is_(None), col(CallDateRow.replaced_at).is_(None)
    following = select(func.min(CallDateRow.due_at)).where(col(CallDateRow.call_id) == col(CallRow.id), *to_come).scalar_subquery()
    unranked = and_(col(CallRow.selection_method) != SelectionMethod.FIRST_COME, col(CallRow.ranking_approved_at).is_(None))
    query = select(CallRow, following).where(or_(following.is_not(None), unranked)).order_by(col(CallRow.id))
    return list(await context.session.execute(query))


async def list_running_milestones(context: Context) -> list[MilestoneRow]:
    """Every deadline that was neither reached nor ended."""
    running = col(MilestoneRow.reached_at).is_(None), col(MilestoneRow.ended_at).is_(None)
    return list(await context.session.scalars(select(MilestoneRow).where(*running).order_by(col(MilestoneRow.subject_id))))
