"""Payments has settled the voucher: no claim and no payment is open."""

from services.vouchers.domain.stages import USABLE, Stage
from services.vouchers.locks import lock_reported_voucher
from services.vouchers.steps.voucher import enter_stage
from shared.contracts.binding import require_amount
from shared.contracts.payments import VoucherSettled
from shared.messaging.context import Context


async def record_settlement(context: Context, event: VoucherSettled) -> None:
    """A voucher that is settled before its end (it is paid in full) is no longer valid. `NotYet` when it is not known yet;
    `Contradiction` for amounts above its value."""
    row = await lock_reported_voucher(context, event)
    for field, most in (("paid_minor", row.drawn_minor), ("released_minor", row.drawn_minor), ("recovered_minor", event.paid_minor)):
        require_amount(event, field, getattr(event, field), most=most)
    row.settled_at = row.settled_at or context.happened_at
    if event.paid_minor > 0:
        row.claimed_at = row.claimed_at or row.settled_at
    if row.state in USABLE:
        enter_stage(context, row, Stage.SETTLING)
