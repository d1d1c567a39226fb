"""VoucherIssued: from now on claims are taken, or the own share is awaited first."""

from services.payments.domain.states import MoneyState
from services.payments.locks import lock_reported_voucher
from services.payments.steps.deposits import await_deposit
from shared.contracts.binding import require_equal, require_within_programme
from shared.contracts.vouchers import VoucherIssued
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def record_voucher_issued(context: Context, issued: VoucherIssued) -> None:
    """`Contradiction` for another amount than was reserved, another way to pay than the policy's, or dates after the programme."""
    voucher = await lock_reported_voucher(context, issued)
    policy = context.policies.get(voucher.policy_id)
    require_equal(issued, "amount_minor", issued.amount_minor, voucher.amount_minor)
    require_equal(issued, "payment_mode", issued.payment_mode, policy.payment.mode)
    require_within_programme(issued, policy, valid_until=issued.valid_until, claim_window_until=issued.claim_window_until)
    if voucher.state == MoneyState.RESERVED:
        raise NotYet(voucher.id, "VoucherAccepted has not arrived")
    if voucher.state == MoneyState.COMMITTED:
        voucher.state, voucher.code = MoneyState.ISSUED, issued.code
        voucher.payment_mode, voucher.claim_window_until = issued.payment_mode, issued.claim_window_until
        voucher.issued_at, voucher.valid_until = context.happened_at, issued.valid_until
        await await_deposit(context, voucher)
