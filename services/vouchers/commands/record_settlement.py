"""Payments has settled the voucher: no claim and no payment is open."""

from services.vouchers.domain.stages import USABLE, Stage
from services.vouchers.locks import lock_reported_voucher
from services.vouchers.steps.voucher import enter_stage
from shared.contracts.payments import VoucherSettled
from shared.messaging.context import Context


async def record_settlement(context: Context, event: VoucherSettled) -> None:
    """A voucher that is settled before its end (it is paid in full) is no longer valid. `NotYet` when it is not known yet."""
    row = await lock_reported_voucher(context, event.voucher_id)
    row.settled_at = row.settled_at or context.happened_at
    if event.paid_minor > 0:
        row.claimed_at = row.claimed_at or row.settled_at
    if row.state in USABLE:
        enter_stage(context, row, Stage.SETTLING)
