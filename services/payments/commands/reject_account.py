"""A proposed account is rejected: the account in force stays, and another one may be proposed."""

from uuid import UUID

from services.payments.domain.states import ProposalState
from services.payments.steps.payees import lock_open_proposal, payee_of_proposal, publish_payee_event
from services.payments.tables import PayeeRow
from shared.contracts.payments import PayeeAccountRejected
from shared.messaging.context import Context


async def reject_account(context: Context, proposal_id: UUID) -> PayeeRow:
    """By anyone who may confirm, the person who proposed it included. `Conflict` 'proposal-decided'."""
    payee, proposal = await lock_open_proposal(context, await payee_of_proposal(context, proposal_id), proposal_id)
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.REJECTED, context.actor.id, context.now
    rejected = PayeeAccountRejected(
        payee_id=payee.id, region=payee.region, kind=payee.kind, version=payee.account_version + 1, proposal_id=proposal.id
    )
    publish_payee_event(context, payee, rejected, "account-rejected")
    return payee
