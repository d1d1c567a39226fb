"""MilestoneReached, claim-correction-ends: a returned claim that was not lodged again is rejected."""

from sqlmodel import col

from services.payments.locks import lock_row, lock_voucher
from services.payments.steps.rejection import reject
from services.payments.steps.settlement import settle_if_run_out
from services.payments.tables import ClaimRow
from shared.contracts.binding import require_equal, require_same
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import NotYet
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context

NOT_CORRECTED = "not-corrected"


async def end_claim_correction(context: Context, reached: MilestoneReached) -> None:
    """A claim that was lodged again, or decided, stays as it is. `Contradiction` when it is of another region or case; `NotYet` for a claim
    that is not known."""
    found = await context.session.get(ClaimRow, reached.subject_id)
    if found is None:
        raise NotYet(reached.subject_id, "the claim is not known")
    require_same(reached, found)
    voucher = await lock_voucher(context, found.voucher_id)
    require_equal(reached, "case_id", reached.case_id, voucher.application_id)
    claim = await lock_row(context, ClaimRow, col(ClaimRow.id) == found.id)
    if claim is None or claim.state != ClaimState.RETURNED or claim.correct_by is None or reached.due_at < claim.correct_by:
        return
    await reject(context, voucher, claim, [NOT_CORRECTED], claim.note)
    await settle_if_run_out(context, voucher)
