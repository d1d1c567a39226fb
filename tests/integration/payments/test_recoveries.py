"""Paid money comes back: by a credit that quotes the recovery, or by the word of a second person."""

from uuid import UUID

import pytest

from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.settle_recovery import settle_recovery
from services.payments.tables import BankLineRow, EnvelopeRow, RecoveryRow
from shared.contracts.payments import RecoverySettled
from tests.support.payments import Payments, camt053, code_of

AMOUNT = 6_000


async def ordered(payments: Payments) -> RecoveryRow:
    voucher = await payments.issued(await payments.open_call(1_000_000), 100_000)
    await payments.paid(voucher, 10_000)
    return await payments.run(order_recovery, payments.finance(1), voucher.id, AMOUNT, "double-funding")


async def receive_credit(
    payments: Payments, quoted: str, amount_minor: int = AMOUNT, bank: str = "C-1", account: str | None = None
) -> None:
    credit = {"quoted": quoted, "amount_minor": amount_minor, "bank": bank}
    await payments.receive(camt053([credit], payments.policy, account), f"{bank}.xml")


async def line_reasons(payments: Payments) -> list[tuple[str, str, UUID | None]]:
    return [(line.outcome, line.reason, line.recovery_id) for line in await payments.rows(BankLineRow) if line.payment_event == ""]


async def test_credit_that_quotes_the_recovery_settles_it(payments: Payments) -> None:
    recovery = await ordered(payments)
    spaced = f"Repayment {recovery.reference[:4]} {recovery.reference[4:8]} {recovery.reference[8:].lower()} thank you"
    await receive_credit(payments, spaced)
    row = await payments.row(RecoveryRow, recovery.id)
    assert (row.state, row.closing_reason, row.bank_reference) == ("settled", "credit-matched", "C-1")
    [envelope] = await payments.rows(EnvelopeRow)
    assert envelope.recovered_minor == AMOUNT
    assert await line_reasons(payments) == [("applied", "recovered", recovery.id)]


@pytest.mark.parametrize(("amount_minor", "reason"), [(AMOUNT - 1, "partial-credit"), (AMOUNT + 1, "wrong-amount")])
async def test_credit_of_another_amount_is_kept_for_a_person(payments: Payments, amount_minor: int, reason: str) -> None:
    recovery = await ordered(payments)
    await receive_credit(payments, recovery.reference, amount_minor)
    assert (await payments.row(RecoveryRow, recovery.id)).state == "ordered"
    assert await line_reasons(payments) == [("unmatched", reason, recovery.id)]


async def test_credit_on_another_account_settles_nothing(payments: Payments) -> None:
    recovery = await ordered(payments)
    await receive_credit(payments, recovery.reference, account="HR9900000000000000000")
    assert await line_reasons(payments) == [("unmatched", "foreign-account", recovery.id)]


async def test_same_credit_on_another_statement_counts_once(payments: Payments) -> None:
    recovery = await ordered(payments)
    await receive_credit(payments, recovery.reference)
    await receive_credit(payments, f"{recovery.reference} again")
    assert await payments.published(RecoverySettled) == ["RecoverySettled"]
    assert (await line_reasons(payments))[1] == ("unmatched", "credit-after-settled", recovery.id)


async def test_credit_with_a_mistyped_reference_settles_nothing(payments: Payments) -> None:
    recovery = await ordered(payments)
    mistyped = recovery.reference[:-1] + ("0" if recovery.reference[-1] != "0" else "1")
    await receive_credit(payments, mistyped)
    assert await line_reasons(payments) == [("unmatched", "credit-of-others", None)]


async def test_recovery_is_settled_by_a_second_person_only(payments: Payments) -> None:
    recovery = await ordered(payments)
    assert await code_of(payments.run(settle_recovery, payments.finance(1), recovery.id, "C-9")) == "incompatible-step"
    settled = await payments.run(settle_recovery, payments.finance(2), recovery.id, "C-9")
    assert (settled.state, settled.closing_reason, settled.bank_reference) == ("settled", "credit-named", "C-9")
    other = await payments.run(order_recovery, payments.finance(1), recovery.voucher_id, 1, "double-funding")
    assert await code_of(payments.run(settle_recovery, payments.finance(2), other.id, "C-9")) == "reference-used"
