"""A person of finance proposes what an unmatched line of the bank is; nothing moves before a second one has confirmed."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.contradictions import BOOKS, ProposedResolution, check_fits_line
from services.payments.domain.ledger import OPPOSITES
from services.payments.domain.states import ProposalState
from services.payments.queries.line_facts import is_credit
from services.payments.steps.line_proposals import check_match, lock_booked_line, lock_open_line, lock_target
from services.payments.steps.region_ledger import amount_to_book, region_to_book
from services.payments.tables import LineProposalRow, RecoveryRow
from shared.identity.permissions import Permission, authorise
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import new_id
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class LineDecision:
    """`disbursement_id` with MATCHED, `recovery_id` with RECOVERY, neither with another resolution."""

    resolution: ProposedResolution
    reason: str
    disbursement_id: UUID | None = None
    recovery_id: UUID | None = None


async def propose_line_resolution(context: Context, line_id: UUID, decision: LineDecision) -> LineProposalRow:
    """`Conflict` 'line-not-open', 'line-proposed-already', 'match-without-effect', 'not-a-credit', 'not-a-debit', 'line-not-booked', and as
    `amount_to_book` and `region_to_book`; `NotFound` for what it is matched to."""
    if decision.disbursement_id is not None:
        await lock_target(context, decision.disbursement_id)
    undone = decision.resolution is ProposedResolution.UNDONE
    line, booked = await lock_booked_line(context, line_id) if undone else (await lock_open_line(context, line_id), None)
    waiting = select(LineProposalRow).where(col(LineProposalRow.line_id) == line.id, col(LineProposalRow.state) == ProposalState.PROPOSED)
    if await context.session.scalar(waiting) is not None:
        raise Conflict("line-proposed-already", "Another proposal for this line waits for its confirmation.")
    books = OPPOSITES[booked[0]] if booked else BOOKS.get(decision.resolution)
    if not undone:
        check_fits_line(decision.resolution, is_credit=is_credit(line))
    if books is not None:
        amount_to_book(line)
    books_region = None if books is None else booked[1] if booked else await region_to_book(context, line)
    attempt_id = await check_match(context, line, decision.disbursement_id) if decision.disbursement_id else None
    if decision.recovery_id is not None:
        recovery = await context.session.get(RecoveryRow, decision.recovery_id)
        if recovery is None:
            raise NotFound("unknown-recovery", "There is no such recovery.")
        authorise(context.actor, Permission.SETTLE_RECOVERY, region=recovery.region)
        if line.bank_reference is None:
            raise Conflict("credit-without-reference", "The credit has no reference of the bank, so it cannot settle a recovery.")
    proposal = LineProposalRow(
        id=new_id(), line_id=line.id, resolution=decision.resolution, disbursement_id=decision.disbursement_id, attempt_id=attempt_id,
        recovery_id=decision.recovery_id, books=books, books_region=books_region,
        reason=decision.reason, proposed_by=context.actor.id, proposed_at=context.now,
    )  # fmt: skip
    context.session.add(proposal)
    await context.session.flush()
    return proposal
