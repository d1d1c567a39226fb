"""A second person confirms what an unmatched line of the bank is: the payments or the recovery that it is matched to change, or the ledger
of the region gets entries."""

from uuid import UUID

from services.payments.domain.bank_lines import LineOutcome
from services.payments.domain.contradictions import ProposedResolution
from services.payments.locks import lock_named_by_line
from services.payments.queries.line_acts import acts_of
from services.payments.steps.bank_line_events import publish_resolved, publish_unmatched
from services.payments.steps.line_acts import do
from services.payments.steps.line_proposals import lock_line_of, lock_targets
from services.payments.steps.two_persons import confirm, lock_open_proposal, proposal_of
from services.payments.tables import BankLineRow, LineProposalRow
from shared.identity.duties import Duty
from shared.messaging.acts import record_part, take_part
from shared.messaging.context import Context


async def confirm_line_resolution(context: Context, proposal_id: UUID) -> LineProposalRow:
    """By a person who did not propose it, and prepared no payment of a case that the line names or is matched to.

    `Forbidden` 'proposed-yourself' or 'incompatible-step'; `Conflict` 'decided-already', 'line-not-open', and as `steps.line_acts.do`.
    """
    proposal = await proposal_of(context, LineProposalRow, proposal_id)
    unlocked = await context.session.get_one(BankLineRow, proposal.line_id)
    acts = await acts_of(context, unlocked, proposal)
    named = await lock_named_by_line(context, unlocked)
    targets = await lock_targets(context, {act.disbursement_id for act in acts if act.disbursement_id})
    line = await lock_line_of(context, proposal)
    proposal = await lock_open_proposal(context, LineProposalRow, proposal_id)
    confirm(context, proposal)
    for voucher in [*(voucher for voucher, _ in named), *targets]:
        await take_part(context, Duty.RESOLVE_BANK_LINE, voucher.application_id, call_id=voucher.call_id)
    for act in acts:
        await do(context, line, act)
    frozen = named if line.outcome == LineOutcome.UNMATCHED else []  # a line that decided nothing stops nothing
    if proposal.resolution == ProposedResolution.UNDONE:
        line.resolution = line.resolved_at = line.resolved_by = None
        for voucher, disbursement_id in frozen:
            publish_unmatched(context, voucher, line, disbursement_id)
        return proposal
    for target in targets:
        record_part(context, Duty.RESOLVE_BANK_LINE, target.application_id, target.call_id)
    line.resolution, line.resolved_at, line.resolved_by = proposal.resolution, context.now, context.actor.id
    for voucher, disbursement_id in frozen:
        publish_resolved(context, voucher, line, disbursement_id, proposal.resolution)
    return proposal
