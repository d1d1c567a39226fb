"""The dates of a call move when it is extended."""

from datetime import datetime

from services.vouchers.deadlines.domain.calendar import CallDateKind, PlannedDate, moved
from services.vouchers.deadlines.locks import lock_call
from services.vouchers.deadlines.queries.calendars import load_call_dates
from services.vouchers.deadlines.steps.dates import add_call_dates
from shared.contracts.applications import CallExtended
from shared.contracts.binding import require_same
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context


async def move_call_dates(context: Context, event: CallExtended) -> None:
    """Dates that are still to come move. The old rows stay, marked as replaced. `NotYet` when the call is not known; `Contradiction` when
    it is of another region."""
    call = await lock_call(context, event.call_id)
    require_same(event, call)
    rows = await load_call_dates(context, event.call_id)
    dates: dict[CallDateKind, datetime] = {
        MilestoneKind.CALL_CLOSES: event.closes_at,
        MilestoneKind.EVALUATION_DUE: event.evaluation_due_at,
        MilestoneKind.RESERVE_LIST_ENDS: event.reserve_list_ends_at,
    }
    replaced, new = moved([PlannedDate.model_validate(row) for row in rows], dates, context.policies.get(call.policy_id).zone)
    for row in rows:
        if PlannedDate.model_validate(row) in replaced:
            row.replaced_at = context.now
    await add_call_dates(context, event.call_id, [(date.kind, date.due_at) for date in new])
