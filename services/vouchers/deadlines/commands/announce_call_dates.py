"""Announces the dates of a call that have come."""

from datetime import datetime
from uuid import UUID

from services.vouchers.deadlines.domain.calendar import PlannedDate, next_check
from services.vouchers.deadlines.locks import lock_call
from services.vouchers.deadlines.queries.calendars import load_call_dates
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.vocabulary import SelectionMethod
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def announce_call_dates(context: Context, call_id: UUID) -> datetime | None:
    """Each date once, in the order in which they were due. Returns when to check again, None when the calendar has ended."""
    call = await lock_call(context, call_id)
    rows = await load_call_dates(context, call_id)
    for row in rows:
        date = PlannedDate.model_validate(row)
        if date.to_come and row.due_at <= context.now:
            row.reached_at = context.now
            milestone = MilestoneReached(subject_id=call_id, case_id=call_id, region=call.region, kind=date.kind, due_at=row.due_at)
            publish(context, milestone, reason="deadline", policy_id=call.policy_id)
    awaits_ranking = call.selection_method != SelectionMethod.FIRST_COME and call.ranking_approved_at is None
    programme_end = context.policies.get(call.policy_id).programme_end_at
    return next_check([PlannedDate.model_validate(row) for row in rows], awaits_ranking, programme_end, context.now)
