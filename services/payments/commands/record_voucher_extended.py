"""VoucherExtended: the claim window ends later."""

from services.payments.locks import lock_reported_voucher
from shared.contracts.binding import require_within_programme
from shared.contracts.vouchers import VoucherExtended
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def record_voucher_extended(context: Context, extended: VoucherExtended) -> None:
    """The latest end counts, in whatever order extensions arrive. `Contradiction` for an end after the programme's."""
    voucher = await lock_reported_voucher(context, extended)
    if voucher.claim_window_until is None:
        raise NotYet(voucher.id, "VoucherIssued has not arrived")
    require_within_programme(extended, context.policies.get(voucher.policy_id), claim_window_until=extended.claim_window_until)
    voucher.claim_window_until = max(voucher.claim_window_until, extended.claim_window_until)
    voucher.valid_until = max(voucher.valid_until or extended.valid_until, extended.valid_until)
