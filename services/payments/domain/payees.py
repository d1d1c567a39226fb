"""A payee as the bank accepts it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from services.payments.iso20022.model import Account, Address, Addresses, BatchFile, CreditTransfer, OrderForm, Party
from services.payments.iso20022.profiles import PROFILES
from services.payments.iso20022.rules import check_batch
from shared.kernel.money import Money
from shared.policy.bank_orders import BankOrders
from shared.policy.sections import Bank

_ANY_ID = UUID(int=0)
_PAYEE = "transfers.0.payee."


def party_of(name: str, account_number: str, address: Mapping[str, Any] | None = None) -> Party:
    return Party(name, Account(account_number), address=None if address is None else _address(address))


def debtor_of(bank: Bank, orders: BankOrders | None = None) -> Party:
    return Party(bank.debtor_name, Account(bank.debtor_iban), bic=orders.bic if orders else None)


def form_of(orders: BankOrders | None) -> OrderForm:
    if orders is None:
        return OrderForm()
    return OrderForm(
        message=orders.message or OrderForm().message,
        charge_bearer=orders.charge_bearer,
        initiating_id=orders.initiating_id,
        initiating_issuer=orders.initiating_issuer,
        addresses=Addresses(orders.addresses or Addresses.HYBRID),
    )


def check_payable(party: Party, bank: Bank) -> None:
    """Raises the first `Refused` of `iso20022.rules` about the payee, with its field: at registration it can still be corrected."""
    profile = PROFILES[bank.profile]
    transfer = CreditTransfer(_ANY_ID, _ANY_ID, Money(1, profile.currency), party, "check", 1)
    trial = BatchFile(_ANY_ID, profile, datetime(2026, 1, 1, tzinfo=UTC), date.max, debtor_of(bank), (transfer,))
    for problem in check_batch(trial):
        if problem.field and problem.field.startswith(_PAYEE):
            problem.field = problem.field.removeprefix(_PAYEE)
            raise problem


def _address(fields: Mapping[str, Any]) -> Address:
    return Address(**{**fields, "lines": tuple(fields.get("lines") or ())})
