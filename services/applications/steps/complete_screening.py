"""Tells evaluation, once, that the set of eligible applications of a call is whole."""

import hashlib

from sqlalchemy import func, select
from sqlmodel import col

from services.applications.tables import ApplicationRow, CallRow
from shared.contracts.applications import ScreeningCompleted
from shared.messaging.context import Context
from shared.messaging.outbox import publish


async def complete_screening(context: Context, call: CallRow) -> bool:
    """Publishes when the call is closed and nothing is submitted or returned any more. `call` is locked by the caller, so that
    the last two screenings at the same moment do not each see the other's as open. True when it was published now."""
    if call.state != "closed" or call.screening_completed_at is not None:
        return False
    await context.session.flush()
    of_call = col(ApplicationRow.call_id) == call.id
    undecided = of_call & col(ApplicationRow.state).in_(("submitted", "returned"))
    if await context.session.scalar(select(func.count()).select_from(ApplicationRow).where(undecided)):
        return False
    eligible = (await context.session.scalars(select(col(ApplicationRow.id)).where(of_call, col(ApplicationRow.state) == "eligible"))).all()
    call.screening_completed_at = context.now
    mark = hashlib.sha256("\n".join(sorted(str(identity) for identity in eligible)).encode()).hexdigest()
    event = ScreeningCompleted(call_id=call.id, region=call.region, eligible=len(eligible), eligible_hash=mark)
    publish(context, event, reason="screening-completed", policy_id=call.policy_id)
    return True
