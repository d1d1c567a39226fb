"""The dates of a call: planned when it is published, moved when it is extended, completed when its ranking is approved."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from services.vouchers.domain.calendar import CallDate, PlannedDate, moved
from services.vouchers.tables import CallDateRow, CallRow
from shared.contracts.applications import CallExtended, CallPublished
from shared.contracts.evaluation import RankingApproved
from shared.kernel.errors import NotYet
from shared.messaging.context import Context

FIRST_COME = "first-come"


async def plan_call(context: Context, event: CallPublished) -> None:
    """A call that is known already keeps its dates: they may have moved since."""
    values = {"id": event.call_id, **event.model_dump(include={"region", "slug", "scheme", "selection_method", "policy_id"})}
    fresh = insert(CallRow).values(values).on_conflict_do_nothing().returning(col(CallRow.id))
    if await context.session.scalar(fresh) is None:
        return
    dates = [
        (CallDate.OPENS, event.opens_at),
        *((CallDate.CLOSING_SOON, reminder) for reminder in event.reminders_at),
        (CallDate.CLOSES, event.closes_at),
        (CallDate.EVALUATION_DUE, event.evaluation_due_at),
        (CallDate.RESERVE_LIST_ENDS, event.reserve_list_ends_at),
    ]
    await _add(context, event.call_id, dates)


async def move_call_dates(context: Context, event: CallExtended) -> None:
    """What is to come moves; the old dates stay, marked as replaced."""
    await locked_call(context, event.call_id)
    rows = list((await context.session.scalars(select(CallDateRow).where(col(CallDateRow.call_id) == event.call_id))).all())
    new = {
        CallDate.CLOSES: event.closes_at,
        CallDate.EVALUATION_DUE: event.evaluation_due_at,
        CallDate.RESERVE_LIST_ENDS: event.reserve_list_ends_at,
    }
    replaced, fresh = moved([PlannedDate.model_validate(row) for row in rows], new)
    for row in rows:
        if PlannedDate.model_validate(row) in replaced:
            row.replaced_at = context.now
    await _add(context, event.call_id, [(date.kind, date.due_at) for date in fresh])


async def plan_appeals(context: Context, event: RankingApproved) -> None:
    """The time for appeals counts from the approval, by the policy of the call. First come has no ranking to appeal against."""
    call = await locked_call(context, event.call_id)
    if call.selection_method == FIRST_COME or call.ranking_approved_at is not None:
        return
    call.ranking_approved_at = context.happened_at
    policy = context.policies.get(call.policy_id)
    await _add(context, call.id, [(CallDate.APPEALS_OVER, policy.deadline_end(policy.appeal, call.ranking_approved_at))])


async def locked_call(context: Context, call_id: UUID) -> CallRow:
    """Whoever changes or announces dates holds this lock, so a workflow that was told to look waits until they are written.
    NotYet when the call is not known."""
    row = await context.session.get(CallRow, call_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotYet(call_id)
    return row


async def _add(context: Context, call_id: UUID, dates: Iterable[tuple[CallDate, datetime]]) -> None:
    values = [{"call_id": call_id, "kind": kind, "due_at": due_at} for kind, due_at in dates]
    if values:
        await context.session.execute(insert(CallDateRow).values(values).on_conflict_do_nothing())
