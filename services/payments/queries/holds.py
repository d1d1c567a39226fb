"""The hold on payments after a restore: while it is in force, nothing is sealed or sent."""

from sqlalchemy import select
from sqlmodel import col

from services.payments.tables import HoldRow
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def hold_in_force(context: Context) -> HoldRow | None:
    return await context.session.scalar(select(HoldRow).where(col(HoldRow.lifted_at).is_(None)).order_by(col(HoldRow.since)).limit(1))


async def refuse_while_held(context: Context) -> None:
    """`Conflict` 'payments-held'."""
    hold = await hold_in_force(context)
    if hold is not None:
        raise Conflict("payments-held", "Payments are held since {since} ({reason}).", since=hold.since, reason=hold.reason)
