"""A claim was lodged."""

from services.vouchers.locks import lock_reported_voucher
from shared.contracts.binding import require_amount
from shared.contracts.payments import ClaimLodged
from shared.messaging.context import Context


async def record_claim(context: Context, event: ClaimLodged) -> None:
    """A voucher with a claim does not expire. `NotYet` when the voucher is not known yet; `Contradiction` for a claim above its value."""
    row = await lock_reported_voucher(context, event)
    require_amount(event, "requested_minor", event.requested_minor, most=row.drawn_minor)
    row.claimed_at = row.claimed_at or context.happened_at
