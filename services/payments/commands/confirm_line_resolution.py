"""A second person confirms what an unmatched line of the bank is: the payment or the recovery that it is matched to changes, or the ledger
of the region gets an entry."""

from uuid import UUID

from services.payments.domain.contradictions import ProposedResolution
from services.payments.domain.ledger import RegionEntryKind
from services.payments.locks import lock_named_by_line
from services.payments.steps.bank_line_events import publish_resolved, publish_unmatched
from services.payments.steps.line_proposals import apply_match, lock_line_of, lock_target
from services.payments.steps.recoveries import settle_by_person
from services.payments.steps.region_ledger import book_line
from services.payments.steps.two_persons import confirm, lock_open_proposal, proposal_of
from services.payments.tables import BankLineRow, LineProposalRow
from shared.identity.duties import Duty
from shared.messaging.acts import record_part, take_part
from shared.messaging.context import Context


async def confirm_line_resolution(context: Context, proposal_id: UUID) -> LineProposalRow:
    """By a person who did not propose it, and prepared no payment of a case that the line names or is matched to.

    `Forbidden` 'proposed-yourself' or 'incompatible-step'; `Conflict` 'decided-already', 'line-not-open', and as `apply_match`,
    `settle_by_person` and `book_line`.
    """
    proposal = await proposal_of(context, LineProposalRow, proposal_id)
    named = await lock_named_by_line(context, await context.session.get_one(BankLineRow, proposal.line_id))
    target = await lock_target(context, proposal.disbursement_id) if proposal.disbursement_id else None
    line = await lock_line_of(context, proposal)
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
    if proposal.books is not None and proposal.books_region is not None:
        await book_line(context, line, proposal.books_region, RegionEntryKind(proposal.books), proposal.id)
    if proposal.resolution == ProposedResolution.UNDONE:
        line.resolution = line.resolved_at = line.resolved_by = None
        for voucher, disbursement_id in named:
            publish_unmatched(context, voucher, line, disbursement_id)
        return proposal
    line.resolution, line.resolved_at, line.resolved_by = proposal.resolution, context.now, context.actor.id
    for voucher, disbursement_id in named:
        publish_resolved(context, voucher, line, disbursement_id, proposal.resolution)
    return proposal
