"""VoucherWithdrawn: the beneficiary gave the voucher up."""

from services.payments.domain.states import ClosureReason
from services.payments.locks import lock_reported_voucher
from services.payments.steps.closure import close_voucher
from shared.contracts.vouchers import VoucherWithdrawn
from shared.messaging.context import Context


async def apply_voucher_withdrawal(context: Context, withdrawn: VoucherWithdrawn) -> None:
    await close_voucher(context, await lock_reported_voucher(context, withdrawn), ClosureReason.WITHDRAWN)
