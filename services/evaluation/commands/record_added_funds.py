"""FundsAdded: the voucher of an award got more money, so the envelope has less for the reserve list."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import note_unspent
from services.evaluation.tables import DecisionRow
from shared.contracts.payments import FundsAdded
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def record_added_funds(context: Context, event: FundsAdded) -> None:
    """`NotYet` for an unknown award."""
    call = await lock_call(context, event.call_id)
    query = select(DecisionRow).where(col(DecisionRow.voucher_id) == event.voucher_id)
    decision = (await context.session.scalars(query)).one_or_none()
    if decision is None:
        raise NotYet(event.application_id, "the award is not known yet")
    decision.added_minor += event.amount_minor
    await note_unspent(context, call)
