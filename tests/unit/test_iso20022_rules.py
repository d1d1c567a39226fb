from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from stdnum import iban
from stdnum.iso7064.mod_97_10 import calc_check_digits

from services.payments.iso20022.model import (
    Account,
    Address,
    BatchFile,
    Party,
    own_batch_id,
    own_id,
    payment_information_id,
    reference,
)
from services.payments.iso20022.profiles import DK_DOMESTIC, PL_DOMESTIC, PROFILES, SEPA_SCT, BankProfile
from services.payments.iso20022.rules import check_batch, is_iban
from shared.kernel.money import Money
from tests.support.bank_files import BATCH_ID, CROATIAN_IBAN, DANISH_BBAN, DANISH_IBAN, PAYEES, POLISH_IBAN, batch, transfer


def with_payee(profile: BankProfile = SEPA_SCT, **changes: Any) -> BatchFile:
    sent = batch(profile)
    first = sent.transfers[0]
    return replace(sent, transfers=(replace(first, payee=replace(first.payee, **changes)),))


def with_transfer(**changes: Any) -> BatchFile:
    sent = batch(SEPA_SCT)
    return replace(sent, transfers=(replace(sent.transfers[0], **changes),))


def address(**changes: Any) -> BatchFile:
    return with_payee(address=replace(Address("HR", "Koprivnica", "Ulica", "7", "48000"), **changes))


@pytest.mark.parametrize("profile", list(PROFILES.values()), ids=list(PROFILES))
def test_good_batch_has_no_problem(profile: BankProfile) -> None:
    assert check_batch(batch(profile)) == []


def test_danish_accounts_may_be_bban_or_iban() -> None:
    assert check_batch(with_payee(DK_DOMESTIC, account=Account(DANISH_IBAN))) == []
    assert check_batch(with_payee(DK_DOMESTIC, account=Account("0040 0440116243"))) == []


IBANS = {"GR": 23, "HR": 17, "PL": 24, "DK": 14, "BE": 12}
"""Digits of the national part (SWIFT registry of IBANs)."""


@pytest.mark.parametrize(("country", "length"), IBANS.items())
def test_check_digits_that_no_iban_has_are_refused(country: str, length: int) -> None:
    """ISO 13616: 98 minus a remainder of 97 is 02 to 98. python-stdnum 2.2 takes 00, 01 and 99 for 97, 98 and 02."""
    for same, odd in (("97", "00"), ("98", "01"), ("02", "99")):
        national = next(f"{n:0{length}}" for n in range(200) if calc_check_digits(f"{n:0{length}}{country}") == same)
        assert is_iban(f"{country}{same}{national}")
        assert iban.is_valid(f"{country}{odd}{national}", check_country=False), "python-stdnum refuses it itself"
        assert not is_iban(f"{country}{odd}{national}")


def test_iban_with_unknown_bank_code_passes() -> None:
    assert check_batch(with_payee(account=Account("BE68539007547034"))) == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (with_transfer(amount=Money(100, "DKK")), "transfers.0.amount"),
        (with_transfer(amount=Money(0, "EUR")), "transfers.0.amount"),
        (with_transfer(amount=Money(-1, "EUR")), "transfers.0.amount"),
        (with_transfer(amount=Money(100_000_000_000, "EUR")), "transfers.0.amount"),
        (with_transfer(remittance="x" * 141), "transfers.0.remittance"),
        (with_transfer(remittance=" "), "transfers.0.remittance"),
        (with_transfer(remittance="/invoice 1"), "transfers.0.remittance"),
        (with_transfer(remittance="invoice 1\\"), "transfers.0.remittance"),
        (with_transfer(remittance="invoice//1"), "transfers.0.remittance"),
        (with_payee(name=""), "transfers.0.payee.name"),
        (with_payee(name="Ø" * 36), "transfers.0.payee.name"),
        (with_payee(name="株式会社"), "transfers.0.payee.name"),
        (with_payee(bic="NOTABIC"), "transfers.0.payee.bic"),
        (with_payee(bic="zabahr2x"), "transfers.0.payee.bic"),
        (with_payee(account=Account("HR1210010051863000161")), "transfers.0.payee.account"),
        (with_payee(account=Account("HR12-10010051863000160")), "transfers.0.payee.account"),
        (with_payee(account=Account(DANISH_BBAN)), "transfers.0.payee.account"),
        (with_payee(account=Account("")), "transfers.0.payee.account"),
        (with_payee(DK_DOMESTIC, account=Account("0040044011624")), "transfers.0.payee.account"),
        (with_payee(DK_DOMESTIC, account=Account(POLISH_IBAN)), "transfers.0.payee.account"),
        (with_payee(PL_DOMESTIC, account=Account(DANISH_BBAN)), "transfers.0.payee.account"),
        (with_payee(PL_DOMESTIC, account=Account(CROATIAN_IBAN)), "transfers.0.payee.account"),
        (address(country=""), "transfers.0.payee.address.country"),
        (address(country="1A"), "transfers.0.payee.address.country"),
        (address(town=""), "transfers.0.payee.address.town"),
        (address(town="T" * 36), "transfers.0.payee.address.town"),
        (address(street="S" * 71), "transfers.0.payee.address.street"),
        (address(building="1" * 17), "transfers.0.payee.address.building"),
        (address(lines=("a", "b", "c")), "transfers.0.payee.address.lines"),
        (address(lines=("a" * 71,)), "transfers.0.payee.address.lines.0"),
        (replace(batch(SEPA_SCT), transfers=()), "transfers"),
        (replace(batch(SEPA_SCT), sealed_at=datetime(2026, 2, 27, 9)), "sealed_at"),  # noqa: DTZ001 (without a zone: that is the fault)
        (replace(batch(SEPA_SCT), debtor=Party("", Account(CROATIAN_IBAN))), "debtor.name"),
    ],
)
def test_each_rule_names_its_field(sent: BatchFile, field: str) -> None:
    assert [problem.field for problem in check_batch(sent)] == [field]


def test_repeated_disbursement_in_a_batch_is_refused() -> None:
    payee, amount = PAYEES[SEPA_SCT], Money(100, "EUR")
    sent = batch(SEPA_SCT, transfer(1, amount, payee), transfer(1, amount, payee, attempt=2))
    assert [problem.field for problem in check_batch(sent)] == ["transfers.0.disbursement_id", "transfers.1.disbursement_id"]


def test_references_lead_back_to_our_ids_only() -> None:
    assert own_id(reference(BATCH_ID)) == BATCH_ID
    assert own_batch_id(payment_information_id(BATCH_ID)) == BATCH_ID
    assert own_id("NOTPROVIDED") is own_id(None) is own_id(str(BATCH_ID)) is own_batch_id(reference(BATCH_ID)) is None
