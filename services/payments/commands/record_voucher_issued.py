"""VoucherIssued: from now on claims are taken."""

from services.payments.domain.states import MoneyState
from services.payments.locks import lock_reported_voucher
from shared.contracts.vouchers import VoucherIssued
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def record_voucher_issued(context: Context, issued: VoucherIssued) -> None:
    voucher = await lock_reported_voucher(context, issued.voucher_id)
    if voucher.state == MoneyState.RESERVED:
        raise NotYet(voucher.id, "VoucherAccepted has not arrived")
    if voucher.state == MoneyState.COMMITTED:
        voucher.state, voucher.code = MoneyState.ISSUED, issued.code
        voucher.payment_mode, voucher.claim_window_until = issued.payment_mode, issued.claim_window_until
