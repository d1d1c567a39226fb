"""No more claims: the window ended, the beneficiary gave the voucher up, or the agency took it away.

After a withdrawal or revocation open claims are rejected and what no bank has is cancelled; what is sealed, sent or unknown is waited
for. What a revoked voucher was paid is asked back.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.payments.commands.cancel_disbursement import cancel
from services.payments.commands.found_orders import is_ordered
from services.payments.commands.order_recovery import recover_payment
from services.payments.commands.reject_claim import reject
from services.payments.commands.release_funds import release_before_issue
from services.payments.commands.rows import disbursements_of, heard_voucher, latest_attempt
from services.payments.commands.settle_voucher import settle_if_run_out
from services.payments.domain.status import Happening, State, next_state
from services.payments.tables import ClaimRow, DisbursementRow, VoucherRow
from shared.contracts.vouchers import MilestoneReached, VoucherRevoked, VoucherWithdrawn
from shared.kernel.errors import NotYet
from shared.messaging.cause import Cause

CANCELLABLE = [state for state in State if next_state(state, Happening.CANCELLED) is State.CANCELLED]


async def end_claims(session: AsyncSession, reached: MilestoneReached, cause: Cause) -> None:
    """The claim window ended. A milestone from before an extension is old news."""
    voucher = await heard_voucher(session, reached.subject_id)
    if voucher.state in ("reserved", "committed"):
        raise NotYet(voucher.id, "its issue has not come yet")
    if voucher.claims_until is None or reached.due_at < voucher.claims_until:
        return
    voucher.ending = voucher.ending or "claim-window-ended"
    await settle_if_run_out(session, cause, voucher)


async def withdraw_voucher(session: AsyncSession, withdrawn: VoucherWithdrawn, cause: Cause) -> None:
    await _end(session, cause, await heard_voucher(session, withdrawn.voucher_id), "withdrawn")


async def revoke_voucher(session: AsyncSession, revoked: VoucherRevoked, cause: Cause) -> None:
    """Also after it was settled: then all that is left to do is to ask the money back."""
    voucher = await heard_voucher(session, revoked.voucher_id)
    await _end(session, cause, voucher, "revoked")


async def _end(session: AsyncSession, cause: Cause, voucher: VoucherRow, ending: str) -> None:
    if voucher.ending in (ending, "revoked"):
        return
    voucher.ending = ending
    await release_before_issue(session, cause, voucher, ending)
    await _reject_open_claims(session, cause, voucher)
    for disbursement in await disbursements_of(session, voucher.id, CANCELLABLE):
        if not await is_ordered(session, disbursement.id):
            await cancel(session, cause, voucher, disbursement, await latest_attempt(session, disbursement), ending)
    if ending == "revoked":
        for disbursement in await disbursements_of(session, voucher.id, [State.PAID]):
            await recover_payment(session, cause, voucher, disbursement, await latest_attempt(session, disbursement))
    await settle_if_run_out(session, cause, voucher)


async def _reject_open_claims(session: AsyncSession, cause: Cause, voucher: VoucherRow) -> None:
    disbursed = select(col(DisbursementRow.id)).where(col(DisbursementRow.claim_id) == col(ClaimRow.id)).exists()
    open_claims = select(ClaimRow).where(col(ClaimRow.voucher_id) == voucher.id, col(ClaimRow.state) != "rejected", ~disbursed)
    for claim in await session.scalars(open_claims.order_by(col(ClaimRow.id))):
        await reject(session, cause, voucher, claim, [f"voucher-{voucher.ending}"], None)
