"""No more claims: the window ended, the beneficiary gave the voucher up, or the agency took it away.

After a withdrawal or revocation open claims are rejected and what no bank has is cancelled; what is sealed, sent or unknown is waited
for. What a revoked voucher was paid is asked back.
"""

from sqlalchemy import select
from sqlmodel import col

from services.payments.commands.cancel_disbursement import cancel
from services.payments.commands.order_recovery import recover_payment
from services.payments.commands.reject_claim import reject
from services.payments.commands.release_funds import release_before_issue
from services.payments.domain.status import Happening, State, next_state
from services.payments.locks import disbursements_of, heard_voucher, latest_attempt
from services.payments.steps.found_orders import is_ordered
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import ClaimRow, DisbursementRow, VoucherRow
from shared.contracts.vouchers import MilestoneReached, VoucherRevoked, VoucherWithdrawn
from shared.kernel.errors import NotYet
from shared.messaging.context import Context

CANCELLABLE = [state for state in State if next_state(state, Happening.CANCELLED) is State.CANCELLED]


async def end_claims(context: Context, reached: MilestoneReached) -> None:
    """The claim window ended. A milestone from before an extension is old news."""
    voucher = await heard_voucher(context, reached.subject_id)
    if voucher.state in ("reserved", "committed"):
        raise NotYet(voucher.id, "its issue has not come yet")
    if voucher.claim_window_until is None or reached.due_at < voucher.claim_window_until:
        return
    voucher.closure_reason = voucher.closure_reason or "claim-window-ended"
    await settle_if_run_out(context, voucher)


async def withdraw_voucher(context: Context, withdrawn: VoucherWithdrawn) -> None:
    await _end(context, await heard_voucher(context, withdrawn.voucher_id), "withdrawn")


async def revoke_voucher(context: Context, revoked: VoucherRevoked) -> None:
    """Also after it was settled: then all that is left to do is to ask the money back."""
    voucher = await heard_voucher(context, revoked.voucher_id)
    await _end(context, voucher, "revoked")


async def _end(context: Context, voucher: VoucherRow, closure_reason: str) -> None:
    if voucher.closure_reason in (closure_reason, "revoked"):
        return
    voucher.closure_reason = closure_reason
    await release_before_issue(context, voucher, closure_reason)
    await _reject_open_claims(context, voucher)
    for disbursement in await disbursements_of(context, voucher.id, CANCELLABLE):
        if not await is_ordered(context, disbursement.id):
            await cancel(context, voucher, disbursement, await latest_attempt(context, disbursement), closure_reason)
    if closure_reason == "revoked":
        for disbursement in await disbursements_of(context, voucher.id, [State.PAID]):
            await recover_payment(context, voucher, disbursement, await latest_attempt(context, disbursement))
    await settle_if_run_out(context, voucher)


async def _reject_open_claims(context: Context, voucher: VoucherRow) -> None:
    disbursed = select(col(DisbursementRow.id)).where(col(DisbursementRow.claim_id) == col(ClaimRow.id)).exists()
    open_claims = select(ClaimRow).where(col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.state) != "rejected", ~disbursed)
    for claim in await context.session.scalars(open_claims.order_by(col(ClaimRow.id))):
        await reject(context, voucher, claim, [f"voucher-{voucher.closure_reason}"], None)
