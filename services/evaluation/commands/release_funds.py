"""FundsReleased: money of an award is free again, and the reserve list may move up."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import move_up
from services.evaluation.tables import DecisionRow
from shared.contracts.payments import FundsReleased
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def release_funds(context: Context, event: FundsReleased) -> None:
    """An award may be released in parts: what was not claimed, after what was declined."""
    call = await lock_call(context, event.call_id)
    query = select(DecisionRow).where(col(DecisionRow.voucher_id) == event.voucher_id)
    decision = (await context.session.scalars(query)).one_or_none()
    if decision is None:
        raise NotYet(event.application_id, "the award is not known here")
    decision.released_minor += event.amount_minor
    call.released_at = context.now
    await context.session.flush()
    await move_up(context, call)
