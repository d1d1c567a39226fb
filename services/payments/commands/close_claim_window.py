"""MilestoneReached, claim-window-ends: no more claims are taken on the voucher."""

from services.payments.domain.states import ClosureReason, MoneyState
from services.payments.locks import lock_reported_voucher
from services.payments.steps.orders import end_orders
from services.payments.steps.settlement import settle_if_run_out
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def close_claim_window(context: Context, reached: MilestoneReached) -> None:
    """Changes nothing for a milestone from before an extension."""
    voucher = await lock_reported_voucher(context, reached)
    if voucher.state in (MoneyState.RESERVED, MoneyState.COMMITTED):
        raise NotYet(voucher.id, "VoucherIssued has not arrived")
    if voucher.claim_window_until is None or reached.due_at < voucher.claim_window_until:
        return
    voucher.closure_reason = voucher.closure_reason or ClosureReason.CLAIM_WINDOW_ENDED
    await end_orders(context, voucher)
    await settle_if_run_out(context, voucher)
