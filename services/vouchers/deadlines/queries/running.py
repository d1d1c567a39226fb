"""The inputs of the workflows that the rows call for, as after a restore."""

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.deadlines.tables import CallRow, MilestoneRow
from services.vouchers.deadlines.workflows.models import CallCalendarInput, MilestoneInput
from shared.kernel.clock import ProgrammeClock
from shared.messaging.context import Context


async def calendar_inputs(context: Context, clock: ProgrammeClock) -> list[CallCalendarInput]:
    """Of every call: a calendar that has ended ends again at once."""
    calls = await context.session.scalars(select(CallRow).order_by(col(CallRow.id)))
    return [CallCalendarInput(call_id=row.id, region=row.region, policy_id=row.policy_id, clock=clock) for row in calls]


async def milestone_inputs(context: Context, clock: ProgrammeClock) -> list[MilestoneInput]:
    """Of every deadline that was neither reached nor ended."""
    running = col(MilestoneRow.reached_at).is_(None), col(MilestoneRow.ended_at).is_(None)
    milestones = await context.session.scalars(select(MilestoneRow).where(*running).order_by(col(MilestoneRow.subject_id)))
    return [MilestoneInput(clock=clock, **row.model_dump(include=set(MilestoneInput.model_fields))) for row in milestones]
