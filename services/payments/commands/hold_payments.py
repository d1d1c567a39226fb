"""After a restore nothing is sealed or sent until somebody has answered for what the bank was given in the lost time."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.tables import HoldRow
from shared.kernel.errors import Conflict
from shared.messaging.cause import Cause


async def hold_payments(session: AsyncSession, cause: Cause, reason: str) -> HoldRow:
    """A hold in force stays as it is: the earlier instant is the one to be answered for."""
    hold = await hold_in_force(session)
    if hold is None:
        hold = HoldRow(since=cause.now, reason=reason)
        session.add(hold)
    return hold


async def hold_in_force(session: AsyncSession) -> HoldRow | None:
    return await session.scalar(select(HoldRow).where(col(HoldRow.lifted_at).is_(None)).order_by(col(HoldRow.since)).limit(1))


async def refuse_while_held(session: AsyncSession) -> None:
    """`Conflict` 'payments-held'."""
    hold = await hold_in_force(session)
    if hold is not None:
        raise Conflict("payments-held", f"Payments are held since {hold.since:%d %B %Y} ({hold.reason}).", since=hold.since.isoformat())
