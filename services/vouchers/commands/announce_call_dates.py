"""The dates of a call that have come are announced."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.vouchers.commands.plan_call import FIRST_COME, locked_call
from services.vouchers.domain.calendar import PlannedDate, next_look
from services.vouchers.tables import CallDateRow
from shared.contracts.vouchers import MilestoneReached
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def announce_call_dates(context: Context, call_id: UUID) -> datetime | None:
    """Each once, in the order in which they were due. Returns when to look again, None when the calendar has ended."""
    call = await locked_call(context, call_id)
    query = select(CallDateRow).where(col(CallDateRow.call_id) == call_id).order_by(col(CallDateRow.due_at), col(CallDateRow.kind))
    rows = list((await context.session.scalars(query)).all())
    for row in rows:
        if PlannedDate.model_validate(row).to_come and row.due_at <= context.now:
            row.reached_at = context.now
            milestone = MilestoneReached(subject_id=call_id, case_id=call_id, region=call.region, kind=row.kind, due_at=row.due_at)
            publish(context, milestone, reason="deadline", policy_id=call.policy_id)
    awaits_ranking = call.selection_method != FIRST_COME and call.ranking_approved_at is None
    programme_end = context.policies.get(call.policy_id).programme_end_at
    return next_look([PlannedDate.model_validate(row) for row in rows], awaits_ranking, programme_end, context.now)
