"""A proposal for an unmatched line is rejected, or taken back by who made it: the line stays open."""

from uuid import UUID

from services.payments.steps.line_proposals import lock_line_of
from services.payments.steps.two_persons import lock_open_proposal, proposal_of, reject
from services.payments.tables import LineProposalRow
from shared.messaging.context import Context


async def reject_line_resolution(context: Context, proposal_id: UUID) -> LineProposalRow:
    """`NotFound` 'no-such-proposal', `Conflict` 'decided-already', 'line-not-open' or 'line-not-booked'."""
    await lock_line_of(context, await proposal_of(context, LineProposalRow, proposal_id))
    proposal = await lock_open_proposal(context, LineProposalRow, proposal_id)
    reject(context, proposal)
    return proposal
