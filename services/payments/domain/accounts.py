"""Accounts of payees: when two numbers are the same account, what an approver approves, and who has set an account."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from services.payments.domain.states import PayeeKind
from services.payments.iso20022.model import Account
from shared.identity.permissions import Permission
from shared.kernel.ids import derive_id
from shared.kernel.money import Money

_NAMESPACE = UUID("5b2f7a1c-3a0e-8d46-9a35-0c6e0d7f4b11")


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a payee is. One organisation may be the beneficiary of several regions, each with a payee of its own."""

    payee_id: UUID
    kind: str
    organisation_id: UUID | None


def payee_id_of(region: str, kind: str, holder: UUID | str) -> UUID:
    """`holder`: the organisation, or the key of the account where it is none."""
    return derive_id(_NAMESPACE, region, kind, holder)


def account_key(number: str) -> str:
    """The number by which two spellings of one account are found: without spaces, and a Danish IBAN as its BBAN."""
    compact = Account(number).compact
    return compact[4:] if compact.startswith("DK") else compact


def is_same_account(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool:
    """Whether (name of the holder, number) are the same, however the number is spelled."""
    return one[0] == other[0] and account_key(one[1] or "") == account_key(other[1] or "")


def masked(number: str) -> str:
    """The country, if the number names one, and the last four characters."""
    account = Account(number)
    return f"{account.compact[:2] if account.is_iban else ''}…{account.compact[-4:]}"


def permission_to_set(kind: str) -> Permission:
    """Beneficiaries set their own account, finance those of providers. Nobody else does."""
    return Permission.MANAGE_PROVIDERS if kind == PayeeKind.PROVIDER else Permission.REGISTER_OWN_ACCOUNT


def is_shared(holder: Holder, others: Iterable[Holder]) -> bool:
    """True when one of the other payees with the same account is not the same holder: then a second person decides.

    Source: one account behind two payees, or a provider's that is its client's, is the usual sign of a false invoice.
    """
    return any(not _same_holder(holder, other) for other in others)


def _same_holder(one: Holder, other: Holder) -> bool:
    same_organisation = one.organisation_id is not None and one.organisation_id == other.organisation_id
    return one.payee_id == other.payee_id or (one.kind == other.kind and same_organisation)


def payment_hash(payee_id: UUID, name: str, number: str, amount: Money) -> str:
    """SHA-256 (hex) of what an approver approves and a payment file has to contain: payee, name, account and amount."""
    parts = (str(payee_id), str(amount.minor), amount.currency, number, name)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
