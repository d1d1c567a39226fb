"""A voucher is withdrawn or revoked: open claims are rejected, and what no bank has is cancelled.

What is sealed, sent or unknown is waited for. What a revoked voucher was paid is asked back.
"""

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.states import ClosureReason
from services.payments.domain.status import AttemptState, PaymentEvent, states_before
from services.payments.locks import disbursements_in, lock_latest_attempt
from services.payments.queries.instalments import TO_PAY
from services.payments.queries.orphan_orders import blocks_cancellation
from services.payments.steps.cancellation import cancel
from services.payments.steps.lodging import UNCOUNTED
from services.payments.steps.orders import end_orders
from services.payments.steps.recoveries import recover_payment
from services.payments.steps.rejection import reject
from services.payments.steps.release import release_before_issue
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import ClaimRow, DisbursementRow, VoucherRow
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context

_CANCELLABLE = states_before(PaymentEvent.CANCELLED, AttemptState.CANCELLED)


async def close_voucher(context: Context, voucher: VoucherRow, closure_reason: ClosureReason) -> None:
    """Once per reason; nothing follows a revocation. The caller holds the lock on the voucher."""
    if voucher.closure_reason in (closure_reason, ClosureReason.REVOKED):
        return
    voucher.closure_reason = closure_reason
    await release_before_issue(context, voucher, closure_reason)
    await _reject_open_claims(context, voucher, closure_reason)
    await end_orders(context, voucher)
    for disbursement in await disbursements_in(context, voucher.id, _CANCELLABLE):
        if not await blocks_cancellation(context, disbursement.id):
            await cancel(context, voucher, disbursement, await lock_latest_attempt(context, disbursement), closure_reason)
    if closure_reason is ClosureReason.REVOKED:
        for disbursement in await disbursements_in(context, voucher.id, [AttemptState.PAID]):
            await recover_payment(context, voucher, disbursement, await lock_latest_attempt(context, disbursement))
    await settle_if_run_out(context, voucher)


async def _reject_open_claims(context: Context, voucher: VoucherRow, closure_reason: ClosureReason) -> None:
    disbursed = select(col(DisbursementRow.id)).where(col(DisbursementRow.claim_id) == col(ClaimRow.id)).exists()
    of_voucher = (col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.state).not_in(UNCOUNTED), ~disbursed)
    open_claims = select(ClaimRow).where(*of_voucher, (col(ClaimRow.state) != ClaimState.ACCEPTED) | TO_PAY)
    for claim in await context.session.scalars(open_claims.order_by(col(ClaimRow.id))):
        await reject(context, voucher, claim, [f"voucher-{closure_reason}"], None)
