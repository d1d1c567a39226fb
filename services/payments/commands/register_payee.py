"""Registers a payee: a beneficiary by itself, a provider by the finance officers of the region."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.payments.domain.payees import check_payable, party_of
from services.payments.domain.states import PayeeKind
from services.payments.steps.payees import bank_of_region, record_account
from services.payments.tables import PayeeRow
from shared.identity.duties import Duty
from shared.identity.permissions import Permission, acts_as_applicant, authorise, owned_by
from shared.kernel.errors import Conflict, Forbidden, Refused
from shared.kernel.ids import derive_id
from shared.messaging.acts import take_unpublished_part
from shared.messaging.context import Context

_NAMESPACE = UUID("5b2f7a1c-3a0e-8d46-9a35-0c6e0d7f4b11")


@dataclass(frozen=True, slots=True)
class NewPayee:
    """`account_number` is an IBAN or a Danish BBAN; `name` as the bank knows the holder."""

    kind: str
    region: str
    organisation_id: UUID | None
    name: str
    account_number: str
    address: Mapping[str, Any] | None


async def register_payee(context: Context, new: NewPayee) -> PayeeRow:
    """Registering the same payee again returns it; with another account it is `Conflict` 'payee-exists'."""
    organisation_id = new.organisation_id
    if acts_as_applicant(context.actor, Permission.REGISTER_PAYEE, new.region):
        organisation_id = organisation_id or context.actor.organisation_id
        if new.kind != PayeeKind.BENEFICIARY:
            raise Forbidden("provider-by-finance-only", "Providers are registered by the finance officers of the region.")
    authorise(context.actor, Permission.REGISTER_PAYEE, region=new.region, owner=owned_by(organisation_id))
    if new.kind == PayeeKind.BENEFICIARY and organisation_id is None:
        raise Refused("organisation-missing", "A beneficiary is an organisation.", field="organisation_id")
    check_payable(party_of(new.name, new.account_number, new.address), bank_of_region(context.policies, new.region))
    payee_id = derive_id(_NAMESPACE, new.region, new.kind, organisation_id or new.account_number)
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is not None:
        if (payee.name, payee.account_number) != (new.name, new.account_number):
            raise Conflict("payee-exists", "This payee is registered already; change its account.", payee_id=str(payee_id))
        return payee
    payee = PayeeRow(
        id=payee_id, kind=new.kind, region=new.region, organisation_id=organisation_id, name=new.name,
        account_number=new.account_number, address=None if new.address is None else dict(new.address),
        account_set_by=context.actor.id, account_set_at=context.now,
    )  # fmt: skip
    await take_unpublished_part(context, Duty.SET_ACCOUNT, payee.id)
    context.session.add(payee)
    await context.session.flush()
    record_account(context, payee)
    return payee
