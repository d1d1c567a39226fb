"""FundsReleased, or UnitsReleased: what an award held is free again, so the reserve list may move up."""

from sqlalchemy import select
from sqlmodel import col

from services.evaluation.locks import lock_call
from services.evaluation.steps.decisions import grant_from_reserve_list
from services.evaluation.tables import DecisionRow
from shared.contracts.payments import FundsReleased
from shared.contracts.vouchers import UnitsReleased
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def advance_reserve_list(context: Context, event: FundsReleased | UnitsReleased) -> None:
    """An award may be released in several parts, for example what the beneficiary did not claim; units count by what they are worth as aid,
    as the award does. `NotYet` for an unknown award."""
    call = await lock_call(context, event.call_id)
    query = select(DecisionRow).where(col(DecisionRow.voucher_id) == event.voucher_id)
    decision = (await context.session.scalars(query)).one_or_none()
    if decision is None:
        raise NotYet(event.application_id, "the award is not known yet")
    decision.released_minor += event.amount_minor
    call.released_at = context.now
    await context.session.flush()
    await grant_from_reserve_list(context, call)
