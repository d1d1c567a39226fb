"""A claim was lodged."""

from services.vouchers.locks import lock_reported_voucher
from shared.contracts.payments import ClaimLodged
from shared.messaging.context import Context


async def record_claim(context: Context, event: ClaimLodged) -> None:
    """A voucher with a claim does not expire. `NotYet` when the voucher is not known yet."""
    row = await lock_reported_voucher(context, event.voucher_id)
    row.claimed_at = row.claimed_at or context.happened_at
