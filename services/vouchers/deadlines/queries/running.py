"""The rows that need a workflow, as after a restore."""

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.deadlines.tables import CallRow, MilestoneRow
from shared.messaging.context import Context


async def list_calls(context: Context) -> list[CallRow]:
    """Every call: a calendar that has ended ends again at once."""
    return list(await context.session.scalars(select(CallRow).order_by(col(CallRow.id))))


async def list_running_milestones(context: Context) -> list[MilestoneRow]:
    """Every deadline that was neither reached nor ended."""
    running = col(MilestoneRow.reached_at).is_(None), col(MilestoneRow.ended_at).is_(None)
    return list(await context.session.scalars(select(MilestoneRow).where(*running).order_by(col(MilestoneRow.subject_id))))
