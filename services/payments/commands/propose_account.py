"""Another account, or another name of its holder, is proposed for a payee; the account in force stays until a second person confirms."""

from uuid import UUID

from sqlmodel import col

from services.payments.domain.account_numbers import written_account
from services.payments.domain.accounts import is_same_account, permission_to_set
from services.payments.domain.payees import check_payable, party_of
from services.payments.domain.states import PayeeKind, ProposalReason
from services.payments.locks import lock_account, lock_row
from services.payments.steps.apart import keep_client_off, take_part_in_setting
from services.payments.steps.payees import NewAccount, account_digest, has_shared_account, open_proposal, policy_of_region, propose
from services.payments.steps.related_parties import keep_related_account_off
from services.payments.tables import PayeeRow
from shared.identity.permissions import authorise, owned_by
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.context import Context


async def propose_account(context: Context, payee_id: UUID, name: str | None, account_number: str) -> PayeeRow:
    """Without `name` the holder stays the same. An account that is given again unchanged is not proposed.

    `Conflict` 'account-not-in-force' for a payee without an account, 'account-proposed-already' while another one waits.
    """
    payee = await lock_row(context, PayeeRow, col(PayeeRow.id) == payee_id)
    if payee is None:
        raise NotFound("unknown-payee", "There is no such payee.", field="payee_id")
    authorise(context.actor, permission_to_set(payee.kind), region=payee.region, owner=owned_by(payee.organisation_id))
    if payee.name is None:
        raise Conflict("account-not-in-force", "The account of this payee waits for its confirmation.")
    name, bank = name or payee.name, policy_of_region(context.policies, payee.region).bank
    account_number = written_account(account_number, bank.profile)
    waiting = await open_proposal(context, payee)
    given = (name, account_number)
    if waiting is not None and not is_same_account(given, (waiting.name, waiting.account_number)):
        raise Conflict("account-proposed-already", "Another change of this account waits for its confirmation.")
    if waiting is not None or is_same_account(given, (payee.name, payee.account_number)):
        return payee
    check_payable(party_of(name, account_number, payee.address), bank)
    await take_part_in_setting(context, payee)
    if payee.kind == PayeeKind.PROVIDER:
        await keep_client_off(context, payee)
    await lock_account(context, account_digest(context, account_number))
    await keep_related_account_off(context, payee, account_digest(context, account_number))
    shared = await has_shared_account(context, payee, account_number)
    reason = ProposalReason.ACCOUNT_SHARED if shared else ProposalReason.ACCOUNT_CHANGED
    propose(context, payee, NewAccount(name, account_number, context.actor.id, context.now), reason)
    await context.session.flush()
    return payee
