"""A second person confirms a proposed account: nothing is paid to it during the cooling-off, and approvals of the old one are void."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from services.payments.domain.states import ProposalState
from services.payments.domain.status import AttemptState, PaymentEvent, next_state
from services.payments.locks import lock_account, lock_disbursement
from services.payments.queries.payees import OPEN_ATTEMPTS, cases_of_payee
from services.payments.steps.apart import keep_client_off
from services.payments.steps.payees import NewAccount, lock_open_proposal, payee_of_proposal, publish_payee_event, put_in_force
from services.payments.steps.related_parties import keep_related_account_off
from services.payments.tables import AttemptRow, PayeeRow
from shared.contracts.payments import PayeeAccountConfirmed
from shared.identity.duties import Duty
from shared.kernel.errors import Conflict
from shared.messaging.acts import take_part
from shared.messaging.context import Context
from shared.privacy.sealed import is_erased, subject_erased


async def confirm_account(context: Context, proposal_id: UUID) -> PayeeRow:
    """By a person who set no account of the payee and took no part in a payment to it. `Conflict` 'proposal-decided', or
    'subject-erased'.

    Vouchers are locked before the payee, as everywhere; so disbursements are looked for again after the payee is locked, and one that
    was prepared in between is `Conflict` 'account-in-use'.
    """
    payee_id = await payee_of_proposal(context, proposal_id)
    open_ones = await _open_disbursements(context, payee_id)
    found = [await lock_disbursement(context, disbursement_id) for disbursement_id in open_ones]
    payee, proposal = await lock_open_proposal(context, payee_id, proposal_id)
    if is_erased(payee):
        raise subject_erased()
    if not set(await _open_disbursements(context, payee.id)) <= set(open_ones):
        raise Conflict("account-in-use", "A payment to this account was prepared at the same moment. Repeat the confirmation.")
    await take_part(context, Duty.CONFIRM_ACCOUNT, payee.id, *await cases_of_payee(context, payee))
    await keep_client_off(context, payee)
    await lock_account(context, proposal.account_key)
    await keep_related_account_off(context, payee, proposal.account_key)
    proposal.state, proposal.decided_by, proposal.decided_at = ProposalState.CONFIRMED, context.actor.id, context.now
    account = NewAccount(proposal.name, proposal.account_number, proposal.proposed_by, proposal.proposed_at)
    put_in_force(context, payee, account, confirmed_by=context.actor.id)
    for _, disbursement, attempt in found:
        target = next_state(AttemptState(attempt.state), PaymentEvent.ACCOUNT_CHANGED)
        if target is not None and attempt.payee_id == payee.id:
            attempt.state = disbursement.state = target
            attempt.approvals, attempt.account_version = 0, payee.account_version
    confirmed = PayeeAccountConfirmed(
        payee_id=payee.id, region=payee.region, kind=payee.kind, version=payee.account_version, proposal_id=proposal.id
    )
    publish_payee_event(context, payee, confirmed, proposal.reason)
    await context.session.flush()
    return payee


async def _open_disbursements(context: Context, payee_id: UUID) -> list[UUID]:
    query = select(col(AttemptRow.disbursement_id)).where(col(AttemptRow.payee_id) == payee_id, col(AttemptRow.state).in_(OPEN_ATTEMPTS))
    return list(await context.session.scalars(query.order_by(col(AttemptRow.disbursement_id))))
