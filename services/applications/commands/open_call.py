"""The opening instant has passed."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.applications.commands.lock_case import lock_call
from services.applications.tables import CallRow
from shared.contracts.applications import CallOpened
from shared.messaging.cause import Cause
from shared.messaging.outbox import publish


async def open_call(session: AsyncSession, cause: Cause, call_id: UUID) -> None:
    """Nothing when it is open already, or when its time has not come."""
    mark_open(session, cause, await lock_call(session, call_id))


def mark_open(session: AsyncSession, cause: Cause, call: CallRow) -> None:
    if call.state != "published" or cause.now < call.opens_at:
        return
    call.state = "open"
    publish(
        session, cause, CallOpened(call_id=call.id, region=call.region, opened_at=call.opens_at), reason="opened", policy_id=call.policy_id
    )
