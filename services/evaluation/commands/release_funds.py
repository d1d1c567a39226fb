"""FundsReleased: money of an award is free again, and the reserve list may move up."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evaluation.commands.decide import move_up
from services.evaluation.commands.locking import lock_call
from services.evaluation.tables import DecisionRow
from shared.contracts.payments import FundsReleased
from shared.kernel.errors import NotYet
from shared.messaging.cause import Cause


async def release_funds(session: AsyncSession, event: FundsReleased, cause: Cause) -> None:
    """An award may be released in parts: what was not claimed, after what was declined."""
    call = await lock_call(session, event.call_id)
    query = select(DecisionRow).where(col(DecisionRow.voucher_id) == event.voucher_id)
    decision = (await session.scalars(query)).one_or_none()
    if decision is None:
        raise NotYet(event.application_id, "the award is not known here")
    decision.released_minor += event.amount_minor
    call.released_at = cause.now
    await session.flush()
    await move_up(session, cause, call)
