"""Who is to be paid: a beneficiary by itself, a provider by the finance officers of the region."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.payments.domain.payees import check_payee, party_of
from services.payments.tables import PayeeAccountRow, PayeeRow
from shared.identity.permissions import Permission, acts_as_applicant, authorise
from shared.kernel.errors import Conflict, Forbidden, Refused
from shared.kernel.ids import derive_id
from shared.messaging.context import Context
from shared.policy.resolver import PolicyBook
from shared.policy.sections import Bank

_NAMESPACE = UUID("5b2f7a1c-3a0e-8d46-9a35-0c6e0d7f4b11")


@dataclass(frozen=True, slots=True)
class PayeeInput:
    """`account_number` is an IBAN or a Danish BBAN; `name` as the bank knows the holder."""

    kind: str
    region: str
    organisation_id: UUID | None
    name: str
    account_number: str
    address: Mapping[str, Any] | None


async def register_payee(context: Context, asked: PayeeInput) -> PayeeRow:
    """Registering the same payee again gives the same one; with another account it is `Conflict` 'payee-exists'."""
    organisation_id = asked.organisation_id
    if acts_as_applicant(context.actor, Permission.REGISTER_PAYEE):
        organisation_id = organisation_id or context.actor.organisation_id
        if asked.kind != "beneficiary":
            raise Forbidden("wrong-role", "Providers are registered by the finance officers of the region.")
    authorise(context.actor, Permission.REGISTER_PAYEE, region=asked.region, owner=organisation_id)
    if asked.kind == "beneficiary" and organisation_id is None:
        raise Refused("organisation-missing", "A beneficiary is an organisation.", field="organisation_id")
    check_payee(party_of(asked.name, asked.account_number, asked.address), bank_of(context.policies, asked.region))
    payee_id = derive_id(_NAMESPACE, asked.region, asked.kind, organisation_id or asked.account_number)
    payee = await context.session.get(PayeeRow, payee_id)
    if payee is not None:
        if (payee.name, payee.account_number) != (asked.name, asked.account_number):
            raise Conflict("payee-exists", "This payee is registered already; change its account.", payee_id=str(payee_id))
        return payee
    payee = PayeeRow(
        id=payee_id, kind=asked.kind, region=asked.region, organisation_id=organisation_id, name=asked.name,
        account_number=asked.account_number, address=None if asked.address is None else dict(asked.address),
        account_set_by=context.actor.id, account_set_at=context.now,
    )  # fmt: skip
    context.session.add(payee)
    await context.session.flush()
    keep_account(context, payee)
    return payee


def keep_account(context: Context, payee: PayeeRow) -> None:
    """The account in use, for ever."""
    context.session.add(
        PayeeAccountRow(
            payee_id=payee.id, version=payee.account_version, name=payee.name, account_number=payee.account_number,
            set_by=payee.account_set_by, set_at=payee.account_set_at,
        )
    )  # fmt: skip


def bank_of(book: PolicyBook, region: str) -> Bank:
    """The bank of the region: the latest policy of any of its schemes says which."""
    policies = [policy for policy in book.all() if policy.region == region]
    if not policies:
        raise Refused("unknown-region", "There is no such region.", field="region")
    return max(policies, key=lambda policy: policy.effective_from).bank
