"""MilestoneReached, claim-check-due: a claim that was not checked in time is marked in the officers' list."""

from sqlalchemy import update
from sqlmodel import col

from services.payments.tables import ClaimRow
from shared.contracts.binding import require_same
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.vocabulary import ClaimState
from shared.messaging.context import Context


async def mark_claim_overdue(context: Context, reached: MilestoneReached) -> None:
    """A claim that is decided by now stays as it is. `Contradiction` when it is of another region."""
    claim = await context.session.get(ClaimRow, reached.subject_id)
    if claim is not None:
        require_same(reached, claim)
    late = (col(ClaimRow.id) == reached.subject_id, col(ClaimRow.state) == ClaimState.LODGED, col(ClaimRow.check_by) <= reached.due_at)
    await context.session.execute(update(ClaimRow).where(*late).values(overdue=True))
