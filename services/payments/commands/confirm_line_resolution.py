"""A second person confirms what an unmatched line of the bank is: the payment or the recovery that it is matched to changes."""

from uuid import UUID

from services.payments.locks import lock_named_by_line
from services.payments.steps.bank_line_events import publish_resolved
from services.payments.steps.line_proposals import apply_match, lock_open_line, lock_target
from services.payments.steps.recoveries import settle_by_person
from services.payments.steps.two_persons import confirm, lock_open_proposal, proposal_of
from services.payments.tables import BankLineRow, LineProposalRow
from shared.identity.duties import Duty
from shared.messaging.acts import record_part, take_part
from shared.messaging.context import Context


async def confirm_line_resolution(context: Context, proposal_id: UUID) -> LineProposalRow:
    """By a person who did not propose it, and prepared no payment of a case that the line names or is matched to.

    `Forbidden` 'proposed-yourself' or 'incompatible-step'; `Conflict` 'decided-already', 'line-not-open', and as `apply_match` and
    `settle_by_person`.
    """
    proposal = await proposal_of(context, LineProposalRow, proposal_id)
    named = await lock_named_by_line(context, await context.session.get_one(BankLineRow, proposal.line_id))
    target = await lock_target(context, proposal.disbursement_id) if proposal.disbursement_id else None
    line = await lock_open_line(context, proposal.line_id)
    proposal = await lock_open_proposal(context, LineProposalRow, proposal_id)
    confirm(context, proposal)
    for voucher in [*(voucher for voucher, _ in named), *([target] if target else [])]:
        await take_part(context, Duty.RESOLVE_BANK_LINE, voucher.application_id, call_id=voucher.call_id)
    if proposal.disbursement_id is not None and target is not None:
        await apply_match(context, line, proposal.disbursement_id, proposal.attempt_id)
        record_part(context, Duty.RESOLVE_BANK_LINE, target.application_id, target.call_id)
    if proposal.recovery_id is not None:
        await settle_by_person(context, proposal.recovery_id, line.bank_reference or "", line.amount_minor)
        line.recovery_id = proposal.recovery_id
    line.resolution, line.resolved_at, line.resolved_by = proposal.resolution, context.now, context.actor.id
    for voucher, disbursement_id in named:
        publish_resolved(context, voucher, line, disbursement_id, proposal.resolution)
    return proposal
