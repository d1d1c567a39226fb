"""How vouchers end: settled once, withdrawn, revoked, with money on its way or to be asked back."""

import asyncio

import pytest

from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.order_recovery import order_recovery
from services.payments.commands.reject_claim import reject_claim
from services.payments.commands.settle_recovery import settle_recovery
from services.payments.commands.write_off_recovery import write_off_recovery
from services.payments.tables import AttemptRow, BankLineRow, DisbursementRow, EnvelopeRow, RecoveryRow, VoucherRow
from shared.contracts.payments import FundsReleased, RecoveryOrdered, VoucherSettled
from shared.contracts.vouchers import VoucherAccepted, VoucherRevoked, VoucherWithdrawn
from shared.kernel.errors import Forbidden, Refused
from tests.support.payments import Payments, Voucher


async def issued(payments: Payments) -> Voucher:
    return await payments.issued(await payments.open_call(1_000_000), 100_000)


async def state_of(payments: Payments, voucher: Voucher) -> str:
    return (await payments.row(VoucherRow, voucher.id)).state


async def revoked_between_two_payments(payments: Payments) -> tuple[Voucher, DisbursementRow, DisbursementRow]:
    """The first payment was made and is asked back, the second is on its way."""
    voucher = await issued(payments)
    first, second = await payments.paid(voucher, 10_000), await payments.sent(voucher, 10_000)
    await payments.deliver(VoucherRevoked(**voucher.about()))
    return voucher, first, second


async def settle_what_is_asked_back(payments: Payments) -> None:
    [recovery] = [recovery for recovery in await payments.rows(RecoveryRow) if recovery.state == "ordered"]
    await payments.run(settle_recovery, payments.finance(7), recovery.id, f"CREDIT-{recovery.id.hex[-12:]}")


async def test_wholly_paid_voucher_settles_and_releases_nothing(payments: Payments) -> None:
    voucher = await issued(payments)
    await payments.paid(voucher, 100_000)
    assert await payments.published(FundsReleased, VoucherSettled) == ["VoucherSettled"]
    await payments.end_claim_window(voucher)
    assert await payments.published(FundsReleased, VoucherSettled) == ["VoucherSettled"]


async def test_voucher_settles_when_its_open_claim_is_decided(payments: Payments) -> None:
    voucher = await issued(payments)
    claim = await payments.lodged(voucher, 10_000)
    await payments.end_claim_window(voucher)
    assert await state_of(payments, voucher) == "issued"
    with pytest.raises(Refused):
        await payments.lodged(voucher, 10_000)
    await payments.run(reject_claim, payments.officer, claim.id, ["not-eligible"], None)
    assert await payments.published(FundsReleased, VoucherSettled) == ["FundsReleased", "VoucherSettled"]


async def test_concurrent_window_end_and_last_payment_settle_once(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 40_000)
    data = await payments.statement(disbursement)
    await asyncio.gather(payments.receive(data), payments.end_claim_window(voucher))
    assert await payments.published(FundsReleased, VoucherSettled) == ["FundsReleased", "VoucherSettled"]
    assert (await payments.row(VoucherRow, voucher.id)).released_minor == 60_000


@pytest.mark.parametrize("ending", [VoucherWithdrawn, VoucherRevoked])
async def test_closure_before_the_issue_releases_everything(payments: Payments, ending: type[VoucherWithdrawn]) -> None:
    call_id = await payments.open_call(1_000_000)
    voucher = payments.voucher(call_id, 100_000)
    await payments.deliver(
        payments.reservation(voucher), VoucherAccepted(**voucher.about()), ending(**voucher.about()), ending(**voucher.about())
    )
    assert await payments.published(FundsReleased, VoucherSettled) == ["FundsReleased"]
    assert (await payments.row(EnvelopeRow, call_id)).available_minor == 1_000_000


async def test_withdrawal_rejects_cancels_and_settles_at_once(payments: Payments) -> None:
    voucher = await issued(payments)
    await payments.lodged(voucher, 10_000)
    await payments.accepted(voucher, 20_000)
    disbursement = await payments.approved(voucher, 30_000)
    await payments.deliver(VoucherWithdrawn(**voucher.about()))
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "cancelled"
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.state, row.released_minor, row.committed_minor) == ("settled", 100_000, 0)
    assert len(await payments.published(VoucherSettled)) == 1


async def test_revocation_waits_for_the_bank_and_asks_back_payments(payments: Payments) -> None:
    voucher = await issued(payments)
    await payments.paid(voucher, 10_000)
    on_its_way = await payments.sent(voucher, 20_000)
    await payments.deliver(VoucherRevoked(**voucher.about()))
    assert await payments.published(RecoveryOrdered) == ["RecoveryOrdered"]
    await payments.receive(await payments.statement(on_its_way), "late.xml")
    recoveries = sorted(await payments.rows(RecoveryRow), key=lambda row: row.amount_minor)
    assert [row.amount_minor for row in recoveries] == [10_000, 20_000]
    assert await state_of(payments, voucher) == "issued"

    await payments.run(settle_recovery, payments.finance(7), recoveries[0].id, "CREDIT-1")
    await payments.run(write_off_recovery, payments.finance(7), recoveries[1].id, "insolvent")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.state, row.paid_minor, row.recovered_minor, row.released_minor) == ("settled", 30_000, 10_000, 70_000)
    envelope = await payments.row(EnvelopeRow, voucher.call_id)
    assert envelope.available_minor == 1_000_000 - 30_000 + 10_000


async def test_return_after_revocation_settles_the_recovery(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.paid(voucher, 10_000)
    await payments.deliver(VoucherRevoked(**voucher.about()))
    await payments.receive(await payments.statement(disbursement, returned=True), "return.xml")
    [recovery] = await payments.rows(RecoveryRow)
    assert (recovery.state, recovery.closing_reason) == ("settled", "returned-by-bank")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.state, row.paid_minor, row.recovered_minor, row.released_minor) == ("settled", 0, 0, 100_000)


async def test_return_after_recovery_is_kept_and_counts_once(payments: Payments) -> None:
    """It may be the same money, seen by a person before the statement came, or come back twice."""
    voucher = await issued(payments)
    disbursement = await payments.paid(voucher, 10_000)
    await payments.deliver(VoucherRevoked(**voucher.about()))
    [recovery] = await payments.rows(RecoveryRow)
    await payments.run(settle_recovery, payments.finance(7), recovery.id, f"CREDIT-{recovery.id.hex[-12:]}")
    await payments.receive(await payments.statement(disbursement, returned=True), "return.xml")
    [line] = [line for line in await payments.rows(BankLineRow) if line.outcome == "unmatched"]
    [attempt] = await payments.rows(AttemptRow)
    assert (line.reason, line.attempt_id, attempt.state) == ("recovered-already", attempt.id, "paid")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.state, row.paid_minor, row.recovered_minor, row.released_minor) == ("settled", 10_000, 10_000, 90_000)


async def test_return_after_own_recovery_is_kept_beside_other_money(payments: Payments) -> None:
    """Counted as returned too, it left less paid than the recovery of the other payment was about, which nobody could settle then."""
    voucher, first, second = await revoked_between_two_payments(payments)
    await settle_what_is_asked_back(payments)
    await payments.receive(await payments.statement(second), "late.xml")
    await payments.receive(await payments.statement(first, returned=True), "return.xml")
    [line] = [line for line in await payments.rows(BankLineRow) if line.outcome == "unmatched"]
    assert line.reason == "recovered-already"
    await settle_what_is_asked_back(payments)
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.state, row.paid_minor, row.recovered_minor) == ("settled", 20_000, 20_000)


async def test_return_after_write_off_does_not_block_other_payments(payments: Payments) -> None:
    voucher, first, second = await revoked_between_two_payments(payments)
    [recovery] = await payments.rows(RecoveryRow)
    await payments.run(write_off_recovery, payments.finance(7), recovery.id, "insolvent")
    await payments.receive(await payments.statement(first, returned=True), "return.xml")
    await payments.receive(await payments.statement(second), "late.xml")
    await settle_what_is_asked_back(payments)
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.state, row.paid_minor, row.recovered_minor) == ("settled", 10_000, 10_000)


async def test_rejection_after_revocation_ends_the_payment(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    await payments.deliver(VoucherRevoked(**voucher.about()))
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"))
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "cancelled"
    assert await state_of(payments, voucher) == "settled"


async def test_return_after_settlement_is_cancelled_without_resettling(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.paid(voucher, 100_000)
    await payments.receive(await payments.statement(disbursement, returned=True), "return.xml")
    await payments.run(cancel_disbursement, payments.finance(1), disbursement.id, "account-closed")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.state, row.paid_minor, row.released_minor) == ("settled", 0, 100_000)
    assert len(await payments.published(VoucherSettled)) == 1


async def test_recovery_is_limited_and_write_off_needs_another_person(payments: Payments) -> None:
    voucher = await issued(payments)
    await payments.paid(voucher, 10_000)
    first = await payments.run(order_recovery, payments.finance(1), voucher.id, 6_000, "double-funding")
    with pytest.raises(Refused):
        await payments.run(order_recovery, payments.finance(1), voucher.id, 4_001, "double-funding")
    with pytest.raises(Forbidden):
        await payments.run(write_off_recovery, payments.finance(1), first.id, "insolvent")
    await payments.end_claim_window(voucher)
    assert await state_of(payments, voucher) == "issued"
    await payments.run(write_off_recovery, payments.finance(2), first.id, "insolvent")
    assert await state_of(payments, voucher) == "settled"
