"""What one person of finance proposes and a second one decides: found, locked and decided in one way."""

from typing import TypeVar
from uuid import UUID

from services.payments.domain.states import ProposalState
from services.payments.locks import lock_row
from services.payments.tables import BankUploadRow, EnvelopeChangeRow, LineProposalRow, OutcomeProofRow
from shared.identity.separation import require_distinct
from shared.kernel.errors import Conflict, Forbidden, NotFound
from shared.messaging.context import Context

Proposal = TypeVar("Proposal", BankUploadRow, EnvelopeChangeRow, LineProposalRow, OutcomeProofRow)
AnyProposal = BankUploadRow | EnvelopeChangeRow | LineProposalRow | OutcomeProofRow


async def proposal_of(context: Context, row: type[Proposal], proposal_id: UUID) -> Proposal:
    """`NotFound` 'no-such-proposal'."""
    proposal = await context.session.get(row, proposal_id)
    if proposal is None:
        raise NotFound("no-such-proposal", "There is no such proposal.")
    return proposal


async def lock_open_proposal(context: Context, row: type[Proposal], proposal_id: UUID) -> Proposal:
    """After what the proposal is about. `Conflict` 'decided-already'."""
    proposal = await lock_row(context, row, row.id == proposal_id)
    assert proposal is not None, "no proposal is ever deleted"
    if proposal.state != ProposalState.PROPOSED:
        raise Conflict("decided-already", "The proposal is {state} already.", state=proposal.state)
    return proposal


def confirm(context: Context, proposal: AnyProposal) -> None:
    """`Forbidden` 'proposed-yourself'."""
    yourself = Forbidden("proposed-yourself", "You have proposed this yourself: another person has to confirm it.")
    require_distinct(context.actor.id, {proposal.proposed_by}, yourself)
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.CONFIRMED, context.actor.id, context.now


def reject(context: Context, proposal: AnyProposal) -> None:
    """By anyone who may confirm; who proposed takes it back."""
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.REJECTED, context.actor.id, context.now
