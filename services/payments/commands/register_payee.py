"""Registers a payee: a beneficiary by itself, a provider by the finance officers of the region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlmodel import col

from services.payments.domain.account_numbers import written_account
from services.payments.domain.accounts import is_same_account, payee_id_of, permission_to_set
from services.payments.domain.payees import check_payable, party_of
from services.payments.domain.related_parties import Key
from services.payments.domain.states import ProposalReason
from services.payments.locks import lock_account, lock_row
from services.payments.steps.apart import take_part_in_setting
from services.payments.steps.payees import (
    NewAccount,
    account_digest,
    has_shared_account,
    open_proposal,
    policy_of_region,
    propose,
    publish_payee_event,
    put_in_force,
)
from services.payments.steps.related_parties import keep_relations
from services.payments.tables import PayeeRow
from shared.contracts.payments import PayeeAccountRegistered
from shared.identity.permissions import authorise, owned_by
from shared.kernel.errors import Conflict
from shared.messaging.context import Context


@dataclass(frozen=True, slots=True)
class NewPayee:
    """`account_number` is an IBAN or a Danish BBAN; `name` as the bank knows the holder. `organisation_id` of a beneficiary is its own.
    `relations` of a provider: kinds and keyed hashes, by which it is related to beneficiaries (`steps/related_parties.py`)."""

    kind: str
    region: str
    organisation_id: UUID | None
    name: str
    account_number: str
    address: Mapping[str, Any] | None
    relations: Sequence[Key] = ()


async def register_payee(context: Context, new: NewPayee) -> PayeeRow:
    """Registering the same payee again returns it; with another account it is `Conflict` 'payee-exists'.

    An account that another payee has is put before a second person, and is not in force until then.
    """
    authorise(context.actor, permission_to_set(new.kind), region=new.region, owner=owned_by(new.organisation_id))
    bank = policy_of_region(context.policies, new.region).bank
    new = replace(new, account_number=written_account(new.account_number, bank.profile))
    check_payable(party_of(new.name, new.account_number, new.address), bank)
    key = account_digest(context, new.account_number)
    payee_id = payee_id_of(new.region, new.kind, new.organisation_id or key)
    payee = await lock_row(context, PayeeRow, col(PayeeRow.id) == payee_id)
    if payee is None:
        payee = PayeeRow(
            id=payee_id, kind=new.kind, region=new.region, organisation_id=new.organisation_id,
            subject_id=new.organisation_id or payee_id, address=None if new.address is None else dict(new.address),
            account_set_by=context.actor.id, account_set_at=context.now,
        )  # fmt: skip
        context.session.add(payee)
        await context.session.flush()
    await keep_relations(context, payee.id, new.relations)
    known = payee if payee.account_version else await open_proposal(context, payee)
    if known is not None:
        if not is_same_account((known.name, known.account_number), (new.name, new.account_number)):
            raise Conflict("payee-exists", "This payee is registered already; change its account.", payee_id=str(payee_id))
        return payee
    await lock_account(context, key)
    await take_part_in_setting(context, payee)
    account = NewAccount(new.name, new.account_number, context.actor.id, context.now)
    if await has_shared_account(context, payee, new.account_number):
        propose(context, payee, account, ProposalReason.ACCOUNT_SHARED)
    else:
        put_in_force(context, payee, account, confirmed_by=None)
        registered = PayeeAccountRegistered(payee_id=payee.id, region=payee.region, kind=payee.kind, version=payee.account_version)
        publish_payee_event(context, payee, registered, "registered")
    await context.session.flush()
    return payee
