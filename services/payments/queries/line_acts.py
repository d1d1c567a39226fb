"""What a proposal for a line of the bank does: one act, or one for each part of the line."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.contradictions import CHANGES_NOTHING, LineResolution
from services.payments.domain.ledger import RegionEntryKind
from services.payments.domain.states import ProposalState
from services.payments.tables import AttemptRow, BankLineRow, LinePartRow, LineProposalRow
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class RegionBooking:
    """An entry in the ledger of a region."""

    kind: RegionEntryKind
    region: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class LineAct:
    """`origin` is the proposal, or the part of it. `amount_minor`: of the line."""

    origin: UUID
    resolution: str
    amount_minor: int | None
    disbursement_id: UUID | None
    attempt_id: UUID | None
    recovery_id: UUID | None
    books: RegionBooking | None


async def acts_of(context: Context, line: BankLineRow, proposal: LineProposalRow) -> list[LineAct]:
    query = select(LinePartRow).where(col(LinePartRow.proposal_id) == proposal.id).order_by(col(LinePartRow.number))
    parts = (await context.session.scalars(query)).all()
    if parts:
        return [_act(part, part.amount_minor, part.books_minor) for part in parts]
    return [_act(proposal, line.amount_minor, line.amount_minor if proposal.books_minor is None else proposal.books_minor)]


def _act(row: LineProposalRow | LinePartRow, amount_minor: int | None, books_minor: int | None) -> LineAct:
    booking = None
    if row.books is not None and row.books_region is not None and books_minor is not None:
        booking = RegionBooking(RegionEntryKind(row.books), row.books_region, books_minor)
    return LineAct(row.id, row.resolution, amount_minor, row.disbursement_id, row.attempt_id, row.recovery_id, booking)


async def acts_to_undo(context: Context, row: BankLineRow) -> list[LineAct] | None:
    """Those by which the line is resolved now, as two persons or one have decided. None where it is open."""
    if row.resolved_at is None:
        return None
    if row.resolution == LineResolution.CONFIRMED:
        return await _confirmed(context, row)
    last = select(LineProposalRow).where(col(LineProposalRow.line_id) == row.id, col(LineProposalRow.state) == ProposalState.CONFIRMED)
    proposal = await context.session.scalar(last.order_by(col(LineProposalRow.decided_at).desc(), col(LineProposalRow.id).desc()).limit(1))
    if proposal is None or proposal.resolution != row.resolution:
        return [] if row.resolution in CHANGES_NOTHING else None
    return await acts_of(context, row, proposal)


async def _confirmed(context: Context, row: BankLineRow) -> list[LineAct] | None:
    """One person has recorded that the bank stands by the line, and it was applied to its attempt."""
    attempt = await context.session.get(AttemptRow, row.attempt_id) if row.attempt_id else None
    if attempt is None:
        return None
    return [LineAct(row.id, LineResolution.CONFIRMED, row.amount_minor, attempt.disbursement_id, attempt.id, None, None)]
