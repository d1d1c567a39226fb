"""Tells evaluation, once, that the set of eligible applications of a call is whole."""

import hashlib

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow
from shared.contracts.applications import ScreeningCompleted
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish


async def complete_screening(session: AsyncSession, cause: Cause, call: CallRow) -> bool:
    """Publishes when the call is closed and nothing is submitted or returned any more. `call` is locked by the caller, so that
    the last two screenings at the same moment do not each see the other's as open. True when it was published now."""
    if call.state != "closed" or call.screening_completed_at is not None:
        return False
    await session.flush()
    of_call = col(ApplicationRow.call_id) == call.id
    undecided = of_call & col(ApplicationRow.state).in_(("submitted", "returned"))
    if await session.scalar(select(func.count()).select_from(ApplicationRow).where(undecided)):
        return False
    eligible = (await session.scalars(select(col(ApplicationRow.id)).where(of_call, col(ApplicationRow.state) == "eligible"))).all()
    call.screening_completed_at = cause.now
    mark = hashlib.sha256("\n".join(sorted(str(identity) for identity in eligible)).encode()).hexdigest()
    event = ScreeningCompleted(call_id=call.id, region=call.region, eligible=len(eligible), eligible_hash=mark)
    publish(session, cause, event, reason="screening-completed", policy_id=call.policy_id)
    return True
