"""Who is paid, as a bank will take it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.payments.iso20022.model import Account, Address, BatchFile, CreditTransfer, Party, Profile
from services.payments.iso20022.rules import CURRENCY, check_batch
from shared.kernel.errors import Refused
from shared.kernel.money import Money
from shared.policy.sections import Bank

_ANY_ID = UUID(int=0)
_PAYEE = "transfers.0.payee."


def party_of(name: str, account_number: str, address: Mapping[str, Any] | None = None) -> Party:
    return Party(name, Account(account_number), address=None if address is None else _address(address))


def debtor_of(bank: Bank) -> Party:
    return Party(bank.debtor_name, Account(bank.debtor_iban))


def check_payee(party: Party, bank: Bank) -> None:
    """`Refused` 'payee-not-payable' naming the field that the region's bank would refuse, as long as it can still be mended."""
    profile = Profile(bank.profile)
    transfer = CreditTransfer(_ANY_ID, _ANY_ID, Money(1, CURRENCY[profile]), party, "check")
    trial = BatchFile(_ANY_ID, profile, datetime(2026, 1, 1, tzinfo=UTC), date(2026, 1, 1), debtor_of(bank), (transfer,))
    for field, reason in check_batch(trial):
        if field.startswith(_PAYEE):
            name = field.removeprefix(_PAYEE)
            raise Refused("payee-not-payable", f"The {name} {reason}.", field=name)


def _address(fields: Mapping[str, Any]) -> Address:
    return Address(**{**fields, "lines": tuple(fields.get("lines") or ())})
