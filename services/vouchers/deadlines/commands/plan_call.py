"""The dates of a call are planned when it is published."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.vouchers.deadlines.domain.calendar import CallDateKind
from services.vouchers.deadlines.steps.dates import add_call_dates
from services.vouchers.deadlines.tables import CallRow
from shared.contracts.applications import CallPublished
from shared.contracts.binding import require_same
from shared.kernel.vocabulary import MilestoneKind
from shared.messaging.context import Context


async def plan_call(context: Context, event: CallPublished) -> None:
    """A call that is known already keeps its dates, because they may have moved since. `Contradiction` when the call does not fit its
    policy; NotFound for an unknown policy."""
    require_same(event, context.policies.get(event.policy_id))
    values = {"id": event.call_id, **event.model_dump(include={"region", "slug", "scheme", "selection_method", "policy_id"})}
    new = insert(CallRow).values(values).on_conflict_do_nothing().returning(col(CallRow.id))
    if await context.session.scalar(new) is None:
        return
    dates: list[tuple[CallDateKind, datetime]] = [
        (MilestoneKind.CALL_OPENS, event.opens_at),
        *((MilestoneKind.CALL_CLOSING_SOON, reminder) for reminder in event.reminders_at),
        (MilestoneKind.CALL_CLOSES, event.closes_at),
        (MilestoneKind.EVALUATION_DUE, event.evaluation_due_at),
        (MilestoneKind.RESERVE_LIST_ENDS, event.reserve_list_ends_at),
    ]
    await add_call_dates(context, event.call_id, dates)
