"""MilestoneReached, deposit-due: the own share did not come in time, so the aid lapses."""

from services.payments.domain.deposits import DepositState
from services.payments.domain.states import ClosureReason, MoneyState
from services.payments.locks import lock_reported_voucher
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import DepositRow
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.messaging.context import Context


async def lapse_deposit(context: Context, reached: MilestoneReached) -> None:
    """Changes nothing when the deposit is there, and for an instant before its term. `NotYet` before the voucher is issued."""
    voucher = await lock_reported_voucher(context, reached)
    if voucher.state in (MoneyState.RESERVED, MoneyState.COMMITTED):
        raise NotYet(voucher.id, "VoucherIssued has not arrived")
    deposit = await context.session.get(DepositRow, voucher.id, populate_existing=True)
    if deposit is None or deposit.state != DepositState.AWAITED or reached.due_at < deposit.due_at:
        return
    deposit.state = DepositState.LAPSED
    voucher.closure_reason = voucher.closure_reason or ClosureReason.DEPOSIT_MISSING
    await settle_if_run_out(context, voucher)
