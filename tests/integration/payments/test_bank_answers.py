"""What the bank says: twice, late, never, too early, wrong, foreign, unreadable."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from services.payments.commands.prepare_disbursement import prepare_next_attempt
from services.payments.commands.record_enquiry import record_enquiry
from services.payments.jobs.outgoing import file_name, put
from services.payments.steps.reconciliation import apply_bank_line
from services.payments.tables import BankFileRow, BankLineRow, BatchRow, DisbursementRow, EnvelopeRow, VoucherRow
from shared.contracts.payments import (
    DisbursementAccepted,
    DisbursementOutcomeUnknown,
    DisbursementPaid,
    DisbursementRejected,
    DisbursementReturned,
)
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import Conflict
from tests.support.payments import Payments, Voucher, camt053

ANSWERS = (DisbursementAccepted, DisbursementRejected, DisbursementOutcomeUnknown, DisbursementPaid, DisbursementReturned)


async def issued(payments: Payments) -> Voucher:
    return await payments.issued(await payments.open_call(1_000_000), 100_000)


async def silence(payments: Payments, disbursement: DisbursementRow) -> None:
    attempt = await payments.attempt(disbursement)
    batch = await payments.row(BatchRow, attempt.batch_id)
    assert batch.answer_by
    payments.clock.instant = batch.answer_by
    await payments.hear(
        MilestoneReached(subject_id=batch.id, case_id=batch.id, region=batch.region, kind="bank-silence", due_at=batch.answer_by)
    )


async def unmatched(payments: Payments) -> list[str]:
    return [line.reason for line in await payments.rows(BankLineRow) if line.outcome == "unmatched"]


async def test_the_same_file_twice_under_any_name_does_nothing_the_second_time(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    data = await payments.statement(disbursement)
    await payments.bank_says(data, "one.xml")
    await payments.bank_says(data, "two.xml")
    assert await payments.told(*ANSWERS) == ["DisbursementPaid"]
    assert len(await payments.rows(BankFileRow)) == 1
    assert sorted(path.name for path in (payments.incoming.folder / "taken").iterdir()) == ["one.xml", "two.xml"]


async def test_the_same_booking_in_another_file_is_paid_once(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    transaction = await payments.transaction(disbursement)
    await payments.bank_says(camt053([transaction], payments.policy))
    await payments.bank_says(camt053([transaction, transaction], payments.policy))
    assert await payments.told(*ANSWERS) == ["DisbursementPaid"]
    assert [line.outcome for line in await payments.rows(BankLineRow)] == ["applied", "repeated", "repeated"]


async def test_silence_makes_it_unknown_it_can_be_enquired_and_the_statement_after_a_long_time_settles_it(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await silence(payments, disbursement)
    await silence(payments, disbursement)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "unknown"
    with pytest.raises(Conflict):
        await payments.do(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    await payments.do(record_enquiry, payments.finance(1), disbursement.id)
    assert (await payments.seal()).batches == []
    payments.clock.instant = payments.clock.instant.replace(year=payments.clock.instant.year + 1)
    await payments.bank_says(await payments.statement(disbursement))
    assert await payments.told(*ANSWERS) == ["DisbursementOutcomeUnknown", "DisbursementPaid"]


async def test_silence_does_not_touch_what_was_answered(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.bank_says(await payments.report(disbursement, "ACSP"))
    await silence(payments, disbursement)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "accepted"


async def test_an_answer_that_comes_before_we_noted_the_file_as_sent_counts_and_stays(payments: Payments) -> None:
    disbursement = await payments.approved(await issued(payments), 10_000)
    await payments.seal()
    await payments.bank_says(await payments.statement(disbursement))
    await payments.outgoing.send_all()
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert (await payments.told())[-2:] == ["DisbursementPaid", "BatchSent"]


@pytest.fixture
def short_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.engine.TRANSACTION_SECONDS", 2)


@pytest.mark.usefixtures("short_transactions")
async def test_a_file_may_take_longer_than_other_transactions(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slowly(*line: Any) -> str:
        await asyncio.sleep(3)
        return await apply_bank_line(*line)

    disbursement = await payments.sent(await issued(payments), 10_000)
    monkeypatch.setattr("services.payments.commands.take_bank_file.apply_bank_line", slowly)
    await payments.bank_says(await payments.statement(disbursement))
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"


async def test_rejected_is_tried_again_under_the_same_id_and_a_late_answer_to_the_first_try_changes_nothing(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    rejection = await payments.report(disbursement, "RJCT", "AC04")
    await payments.bank_says(rejection)
    assert (await payments.attempt(disbursement)).bank_reason == "AC04"
    again = await payments.do(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    assert (again.id, again.attempt, again.state) == (disbursement.id, 2, "prepared")
    await payments.bank_says(rejection.replace(b"<MsgId>R</MsgId>", b"<MsgId>R2</MsgId>"), "late.xml")
    await payments.approve(again)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.bank_says(await payments.statement(disbursement))
    assert await payments.told(*ANSWERS) == ["DisbursementRejected", "DisbursementPaid"]
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 10_000


async def test_a_return_moves_paid_back_to_committed_and_the_next_attempt_pays_once(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.paid(voucher, 10_000)
    await payments.bank_says(await payments.statement(disbursement, returned=True), "return.xml")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.paid_minor, row.committed_minor) == (0, 100_000)
    again = await payments.do(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    await payments.approve(again)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.bank_says(await payments.statement(disbursement, bank="B-2"), "second.xml")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.paid_minor, row.committed_minor) == (10_000, 90_000)
    assert await payments.told(*ANSWERS) == ["DisbursementPaid", "DisbursementReturned", "DisbursementPaid"]


async def test_a_return_that_comes_before_its_booking_takes_effect_after_it(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    await payments.bank_says(await payments.statement(disbursement, returned=True), "early.xml")
    assert await unmatched(payments) == ["came-back-before-booked"]
    await payments.bank_says(await payments.statement(disbursement), "booking.xml")
    assert await payments.told(*ANSWERS) == ["DisbursementPaid", "DisbursementReturned"]
    assert await unmatched(payments) == []
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount_minor": 9_999}, "wrong-amount"),
        ({"e2e": "f" * 32}, "unknown-reference"),
        ({"e2e": "RENT", "instr": ""}, "unknown-reference"),
        ({"pmtinf": "OTHER"}, "references-disagree"),
    ],
)
async def test_what_does_not_fit_is_kept_for_a_person_and_the_rest_of_the_file_counts(
    payments: Payments, change: dict[str, object], reason: str
) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    right = await payments.transaction(disbursement)
    await payments.bank_says(camt053([{**right, **change}, right], payments.policy))
    assert await unmatched(payments) == [reason]
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 10_000
    [file] = await payments.rows(BankFileRow)
    assert (file.lines, file.applied, file.unmatched) == (2, 1, 1)


async def test_a_statement_of_another_account_books_nothing(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.bank_says(camt053([await payments.transaction(disbursement)], payments.policy, account="HR9900000000000000000"))
    assert await unmatched(payments) == ["foreign-account"]


UNREADABLE = [
    b"",
    b"not xml",
    b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'/>",
    b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
]


@pytest.mark.parametrize("data", UNREADABLE)
async def test_an_unreadable_file_is_kept_as_refused_with_its_reason_and_moved_aside(payments: Payments, data: bytes) -> None:
    await payments.bank_says(data, "odd.xml")
    [file] = await payments.rows(BankFileRow)
    assert file.state == "refused"
    assert file.reason
    assert [path.name for path in (payments.incoming.folder / "refused").iterdir()] == ["odd.xml"]


async def test_a_file_with_a_fault_at_its_end_is_refused_whole(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    right = await payments.transaction(disbursement)
    data = camt053([right, {**right, "amount_minor": 12345}], payments.policy).replace(b">123.45<", b">12x<")
    await payments.bank_says(data)
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 0
    assert [file.state for file in await payments.rows(BankFileRow)] == ["refused"]


@pytest.mark.parametrize(("closing", "state", "paid"), [("900.00", "taken", 10_000), ("901.00", "refused", 0)])
async def test_a_statement_whose_balances_do_not_come_of_its_entries_is_refused(
    payments: Payments, closing: str, state: str, paid: int
) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{payments.policy.currency}">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-04</Dt></Dt></Bal>"
        for code, amount in {"OPBD": "1000.00", "CLBD": closing}.items()
    )
    await payments.bank_says((await payments.statement(disbursement)).replace(b"</Acct>", f"</Acct>{balances}".encode()))
    assert [(file.state, file.reason) for file in await payments.rows(BankFileRow)] == [
        (state, "balances-disagree" if state == "refused" else None)
    ]
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == paid


async def test_a_file_that_is_still_being_written_is_left_alone_and_one_taken_before_a_crash_is_only_moved(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    data = await payments.statement(disbursement)
    payments.incoming.folder.mkdir(parents=True)
    path = payments.incoming.folder / "growing.xml"
    path.write_bytes(data[:100])
    await payments.incoming.take_all()
    path.write_bytes(data)
    assert await payments.incoming.take_all() == 0
    await payments.incoming.take(path)
    (payments.incoming.folder / "taken" / "growing.xml").replace(path)  # as if the process had died before the move
    await payments.incoming.take(path)
    assert await payments.told(*ANSWERS) == ["DisbursementPaid"]
    assert not path.exists()


async def test_a_full_disk_leaves_the_batch_sealed_and_a_crash_after_writing_is_made_good(payments: Payments) -> None:
    disbursement = await payments.approved(await issued(payments), 10_000)
    [batch] = (await payments.seal()).batches
    payments.outgoing.folder = Path("/dev/full/outgoing")  # nothing can be written there
    assert await payments.outgoing.send_all() == 0
    assert (await payments.row(BatchRow, batch.id)).state == "sealed"
    payments.outgoing.folder = payments.folder / "outgoing"
    payments.outgoing.folder.mkdir()
    path = payments.outgoing.folder / file_name(batch.id)
    put(path, batch.file)  # and the process died
    written = path.stat().st_mtime_ns
    assert [await payments.outgoing.send_all() for _ in range(2)] == [1, 0]
    assert path.stat().st_mtime_ns == written
    assert [name.name for name in payments.outgoing.folder.iterdir()] == [path.name]
    assert (await payments.told())[-1] == "BatchSent"
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sent"


async def test_an_envelope_never_shows_more_paid_than_the_bank_booked(payments: Payments) -> None:
    call_id = await payments.open_call(1_000_000)
    one, two = await payments.issued(call_id, 50_000), await payments.issued(call_id, 50_000)
    first, second = await payments.paid(one, 10_000), await payments.sent(two, 20_000)
    await payments.bank_says(await payments.report(second, "RJCT", "AC01"), "r.xml")
    await payments.bank_says(await payments.statement(first, returned=True), "s.xml")
    envelope = await payments.row(EnvelopeRow, call_id)
    assert (envelope.paid_minor, envelope.committed_minor) == (0, 100_000)
