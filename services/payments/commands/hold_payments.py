"""After a restore nothing is sealed or sent until somebody has answered for what the bank was given in the lost time."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.tables import HoldRow
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def hold_payments(context: Context, reason: str) -> HoldRow:
    """A hold in force stays as it is: the earlier instant is the one to be answered for."""
    hold = await hold_in_force(context)
    if hold is None:
        hold = HoldRow(since=context.now, reason=reason)
        context.session.add(hold)
    return hold


async def hold_in_force(context: Context) -> HoldRow | None:
    return await context.session.scalar(select(HoldRow).where(col(HoldRow.lifted_at).is_(None)).order_by(col(HoldRow.since)).limit(1))


async def refuse_while_held(context: Context) -> None:
    """`Conflict` 'payments-held'."""
    hold = await hold_in_force(context)
    if hold is not None:
        raise Conflict("payments-held", f"Payments are held since {hold.since:%d %B %Y} ({hold.reason}).", since=hold.since.isoformat())
