"""A provider of the catalogue states the account to which it is paid: finance confirms it, as any account that somebody else has set."""

from uuid import UUID

from sqlmodel import col

from services.payments.domain.account_numbers import written_account
from services.payments.domain.accounts import payee_id_of
from services.payments.domain.catalogue import check_step
from services.payments.domain.payees import check_payable, party_of
from services.payments.domain.states import PayeeKind, ProposalReason, ProviderState
from services.payments.locks import lock_account, lock_row
from services.payments.steps.apart import keep_client_off, take_part_in_setting
from services.payments.steps.payees import NewAccount, account_digest, open_proposal, policy_of_region, propose
from services.payments.steps.providers import lock_provider
from services.payments.tables import PayeeRow, ProviderRow
from shared.identity.permissions import Permission, authorise, owned_by
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


async def state_provider_account(context: Context, provider_id: UUID, name: str, account_number: str) -> ProviderRow:
    """An account that is given again unchanged is not proposed. `Conflict` 'provider-state' before it is approved,
    'account-proposed-already' while another one waits; `Refused` as `check_payable`."""
    provider = await lock_provider(context, provider_id)
    authorise(context.actor, Permission.REGISTER_OWN_ACCOUNT, region=provider.region, owner=owned_by(provider.organisation_id))
    check_step(provider.state, ProviderState.APPROVED)
    bank = policy_of_region(context.policies, provider.region).bank
    account_number = written_account(account_number, bank.profile)
    check_payable(party_of(name, account_number), bank)
    payee = await _payee(context, provider)
    waiting = await open_proposal(context, payee)
    if waiting is not None and (name, account_number) != (waiting.name, waiting.account_number):
        raise Conflict("account-proposed-already", "Another change of this account waits for its confirmation.")
    if waiting is not None or (name, account_number) == (payee.name, payee.account_number):
        return provider
    await take_part_in_setting(context, payee)
    await keep_client_off(context, payee)
    await lock_account(context, account_digest(context, account_number))
    propose(context, payee, NewAccount(name, account_number, context.actor.id, context.now), ProposalReason.ACCOUNT_STATED)
    await context.session.flush()
    return provider


async def _payee(context: Context, provider: ProviderRow) -> PayeeRow:
    """The payee that the provider is, without an account yet where it is new. One that finance has registered for it is the same."""
    payee_id = payee_id_of(provider.region, PayeeKind.PROVIDER, provider.organisation_id)
    payee = await lock_row(context, PayeeRow, col(PayeeRow.id) == payee_id)
    if payee is None:
        payee = PayeeRow(
            id=payee_id, kind=PayeeKind.PROVIDER, region=provider.region, organisation_id=provider.organisation_id,
            subject_id=provider.organisation_id, account_set_by=context.actor.id, account_set_at=context.now,
        )  # fmt: skip
        context.session.add(payee)
        await context.session.flush()
    return payee
