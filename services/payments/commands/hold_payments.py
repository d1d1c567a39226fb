"""Holds payments after a restore: nothing is sealed or sent until a person confirms that all payment files are known."""

from services.payments.queries.holds import hold_in_force
from services.payments.tables import HoldRow
from shared.messaging.context import Context


async def hold_payments(context: Context, reason: str) -> HoldRow:
    """A hold in force stays as it is, with its earlier instant: the recovery gap begins there."""
    hold = await hold_in_force(context)
    if hold is None:
        hold = HoldRow(since=context.now, reason=reason)
        context.session.add(hold)
    return hold
