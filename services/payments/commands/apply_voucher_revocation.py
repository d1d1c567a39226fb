"""VoucherRevoked: the agency took the voucher away."""

from services.payments.domain.states import ClosureReason
from services.payments.locks import lock_reported_voucher
from services.payments.steps.closure import close_voucher
from shared.contracts.vouchers import VoucherRevoked
from shared.messaging.context import Context


async def apply_voucher_revocation(context: Context, revoked: VoucherRevoked) -> None:
    """Also after the voucher was settled: what is left to do then is to ask the money back."""
    await close_voucher(context, await lock_reported_voucher(context, revoked), ClosureReason.REVOKED)
