"""The bank's answers: twice, late, never, too early, wrong, foreign, unreadable."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from services.payments.commands.prepare_disbursement import prepare_next_attempt
from services.payments.commands.record_enquiry import record_enquiry
from services.payments.jobs.outgoing import file_name, write_file
from services.payments.steps.reconciliation import reconcile_line
from services.payments.tables import AttemptRow, BankFileRow, BankLineRow, BatchRow, DisbursementRow, EnvelopeRow, StatementRow, VoucherRow
from shared.contracts.payments import (
    DisbursementAccepted,
    DisbursementOutcomeUnknown,
    DisbursementPaid,
    DisbursementRejected,
    DisbursementReturned,
)
from shared.contracts.vouchers import MilestoneReached
from shared.kernel.errors import Conflict
from shared.kernel.vocabulary import MilestoneKind
from tests.support.bank_keys import put_signed
from tests.support.payments import Payments, Voucher, camt053, ordered_in

ANSWERS = (DisbursementAccepted, DisbursementRejected, DisbursementOutcomeUnknown, DisbursementPaid, DisbursementReturned)


async def issued(payments: Payments) -> Voucher:
    return await payments.issued(await payments.open_call(1_000_000), 100_000)


async def time_out(payments: Payments, disbursement: DisbursementRow) -> None:
    attempt = await payments.attempt(disbursement)
    batch = await payments.row(BatchRow, attempt.batch_id)
    assert batch.answer_by
    payments.clock.instant = batch.answer_by
    await payments.deliver(
        MilestoneReached(
            subject_id=batch.id, case_id=batch.id, region=batch.region, kind=MilestoneKind.BANK_SILENCE, due_at=batch.answer_by
        )
    )


async def unmatched(payments: Payments) -> list[str]:
    return [line.reason for line in await payments.rows(BankLineRow) if line.outcome == "unmatched"]


async def test_same_bytes_under_another_name_change_nothing(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    data = await payments.statement(disbursement)
    await payments.receive(data, "one.xml")
    await payments.receive(data, "two.xml")
    assert await payments.published(*ANSWERS) == ["DisbursementPaid"]
    assert len(await payments.rows(BankFileRow)) == 1
    assert [path.read_bytes() for path in (payments.incoming.folder / "taken").glob("*.xml")] == [data, data]


async def test_same_booking_in_another_file_pays_once(payments: Payments) -> None:
    """Twice in one file it is two movements, which a person sees."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    transaction = await payments.transaction(disbursement)
    await payments.receive(camt053([transaction], payments.policy))
    await payments.receive(camt053([transaction, transaction], payments.policy))
    assert await payments.published(*ANSWERS) == ["DisbursementPaid"]
    assert [line.outcome for line in await payments.rows(BankLineRow)] == ["applied", "repeated", "unmatched"]


async def test_unanswered_payment_is_unknown_until_a_late_statement(payments: Payments) -> None:
    """An unknown payment has no next attempt. It can be enquired about."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    await time_out(payments, disbursement)
    await time_out(payments, disbursement)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "unknown"
    with pytest.raises(Conflict):
        await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    await payments.run(record_enquiry, payments.finance(1), disbursement.id)
    assert (await payments.seal()).batches == []
    payments.clock.instant = payments.clock.instant.replace(year=payments.clock.instant.year + 1)
    await payments.receive(await payments.statement(disbursement))
    assert await payments.published(*ANSWERS) == ["DisbursementOutcomeUnknown", "DisbursementPaid"]


async def test_answered_payment_does_not_time_out(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await payments.report(disbursement, "ACSP"))
    await time_out(payments, disbursement)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "accepted"


async def test_answer_before_the_batch_is_recorded_as_sent_counts(payments: Payments) -> None:
    disbursement = await payments.approved(await issued(payments), 10_000)
    await payments.seal()
    await payments.receive(await payments.statement(disbursement))
    await payments.outgoing.send_all()
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert (await payments.published())[-2:] == ["DisbursementPaid", "BatchSent"]


@pytest.fixture
def short_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.database.engine.TRANSACTION_SECONDS", 2)


@pytest.mark.usefixtures("short_transactions")
async def test_bank_file_may_take_longer_than_other_transactions(payments: Payments, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slowly(*line: Any) -> str:
        await asyncio.sleep(3)
        return await reconcile_line(*line)

    disbursement = await payments.sent(await issued(payments), 10_000)
    monkeypatch.setattr("services.payments.steps.bank_files.reconcile_line", slowly)
    await payments.receive(await payments.statement(disbursement))
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"


async def test_next_attempt_has_the_same_id_and_ignores_late_answers(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    rejection = await payments.report(disbursement, "RJCT", "AC04")
    await payments.receive(rejection)
    assert (await payments.attempt(disbursement)).bank_reason == "AC04"
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    again = await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    assert (again.id, again.attempt, again.state) == (disbursement.id, 2, "prepared")
    await payments.receive(rejection.replace(b"<MsgId>R</MsgId>", b"<MsgId>R2</MsgId>"), "late.xml")
    await payments.approve(again)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.statement(disbursement))
    assert await payments.published(*ANSWERS) == ["DisbursementRejected", "DisbursementPaid"]
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 10_000


async def test_answers_by_the_number_alone_settle_their_attempt(payments: Payments) -> None:
    """All bookings are of one day, so no day says which attempt is meant; the return of the second comes before its debit."""
    disbursement = await payments.sent(await issued(payments), 10_000)

    async def says(number: int, *, returned: bool) -> None:
        name = f"{disbursement.id.hex}-{number}"
        refs = {"e2e": name.upper() if number == 2 else name, "instr": "NOTPROVIDED", "pmtinf": ""}
        data = await payments.statement(disbursement, returned, bank=f"{name[-1]}-{returned}", **refs)
        await payments.receive(data, f"{number}-{returned}.xml")

    await says(1, returned=False)
    await says(1, returned=True)
    await payments.approve(await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None))
    await payments.seal()
    await payments.outgoing.send_all()
    assert [ordered_in(batch.file) for batch in await payments.rows(BatchRow)] == [[f"{disbursement.id.hex}-{one}"] for one in (1, 2)]
    await says(2, returned=True)
    assert await unmatched(payments) == ["returned-before-booked"]
    await says(2, returned=False)
    found = {attempt.number: attempt.state for attempt in await payments.rows(AttemptRow)}
    assert (found, await payments.published(DisbursementPaid, DisbursementReturned)) == (
        {1: "returned", 2: "returned"},
        ["DisbursementPaid", "DisbursementReturned"] * 2,
    )


async def test_return_moves_money_back_and_next_attempt_pays_once(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.paid(voucher, 10_000)
    await payments.receive(await payments.statement(disbursement, returned=True), "return.xml")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.paid_minor, row.committed_minor) == (0, 100_000)
    again = await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None)
    await payments.approve(again)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.statement(disbursement, bank="B-2"), "second.xml")
    row = await payments.row(VoucherRow, voucher.id)
    assert (row.paid_minor, row.committed_minor) == (10_000, 90_000)
    assert await payments.published(*ANSWERS) == ["DisbursementPaid", "DisbursementReturned", "DisbursementPaid"]


async def test_return_before_its_booking_is_applied_after_it(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    await payments.receive(await payments.statement(disbursement, returned=True), "early.xml")
    assert await unmatched(payments) == ["returned-before-booked"]
    await payments.receive(await payments.statement(disbursement), "booking.xml")
    assert await payments.published(*ANSWERS) == ["DisbursementPaid", "DisbursementReturned"]
    assert await unmatched(payments) == []
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"amount_minor": 9_999}, "wrong-amount"),
        ({"e2e": "f" * 32}, "references-disagree"),
        ({"e2e": "RENT", "instr": ""}, "unknown-reference"),
        ({"pmtinf": f"{'a' * 32}-1"}, "references-disagree"),
    ],
)
async def test_unmatched_line_is_kept_and_the_others_are_applied(payments: Payments, change: dict[str, object], reason: str) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    right = await payments.transaction(disbursement)
    await payments.receive(camt053([{**right, **change}, right], payments.policy))
    assert await unmatched(payments) == [reason]
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 10_000
    [file] = await payments.rows(BankFileRow)
    assert (file.lines, file.applied, file.unmatched) == (2, 1, 1)


async def test_statement_of_another_account_books_nothing(payments: Payments) -> None:
    """What names nothing of ours there is nobody's to look at."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    debits = [await payments.transaction(disbursement), {"e2e": "RENT", "amount_minor": 5_000, "returned": False}]
    await payments.receive(camt053(debits, payments.policy, account="HR9900000000000000000"))
    assert await unmatched(payments) == ["foreign-account"]
    assert sorted(row.outcome for row in await payments.rows(BankLineRow)) == ["ignored", "unmatched"]


async def test_account_of_ours_in_another_currency_is_another_account(payments: Payments) -> None:
    """Banks keep several currencies under one number: its statement says nothing of ours, not even what is not on it."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    data = (await payments.statement_of_day(disbursement, {"e2e": "RENT", "amount_minor": 0, "returned": False})).replace(b"EUR", b"PLN")
    await payments.receive(data)
    assert [row.outcome for row in await payments.rows(BankLineRow)] == ["ignored"]
    assert [row.account for row in await payments.rows(StatementRow)] == [f"{payments.policy.bank.debtor_iban} PLN"]


UNREADABLE = [
    b"",
    b"not xml",
    b"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'/>",
    b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
]


@pytest.mark.parametrize("data", UNREADABLE)
async def test_unreadable_file_is_stored_as_refused_and_moved(payments: Payments, data: bytes) -> None:
    await payments.receive(data, "odd.xml")
    [file] = await payments.rows(BankFileRow)
    assert file.state == "refused"
    assert file.reason
    kept = sorted(path.name for path in (payments.incoming.folder / "refused").iterdir())
    assert kept == [f"{file.sha256}.xml", f"{file.sha256}.xml.sig"]
    assert file.name == "odd.xml"


async def test_file_with_a_fault_at_its_end_is_refused_whole(payments: Payments) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    right = await payments.transaction(disbursement)
    data = camt053([right, {**right, "amount_minor": 12345}], payments.policy).replace(b">123.45<", b">12x<")
    await payments.receive(data)
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 0
    assert [file.state for file in await payments.rows(BankFileRow)] == ["refused"]


@pytest.mark.parametrize(("closing", "state", "paid"), [("900.00", "taken", 10_000), ("901.00", "refused", 0)])
async def test_statement_with_wrong_balances_is_refused(payments: Payments, closing: str, state: str, paid: int) -> None:
    voucher = await issued(payments)
    disbursement = await payments.sent(voucher, 10_000)
    balances = "".join(
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{payments.policy.currency}">{amount}</Amt>'
        "<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-04</Dt></Dt></Bal>"
        for code, amount in {"OPBD": "1000.00", "CLBD": closing}.items()
    )
    await payments.receive((await payments.statement(disbursement)).replace(b"</Acct>", f"</Acct>{balances}".encode()))
    assert [(file.state, file.reason) for file in await payments.rows(BankFileRow)] == [
        (state, "balances-disagree" if state == "refused" else None)
    ]
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == paid


async def test_growing_file_waits_and_imported_file_is_only_moved(payments: Payments) -> None:
    """The second half is a crash between the import and the move."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    data = await payments.statement(disbursement)
    payments.incoming.folder.mkdir(parents=True)
    path = payments.incoming.folder / "growing.xml"
    path.write_bytes(data[:100])
    await payments.incoming.take_all()
    put_signed(path, data)
    assert await payments.incoming.take_all() == 0
    await payments.incoming.take(path)
    taken = payments.incoming.folder / "taken" / f"{hashlib.sha256(data).hexdigest()}.xml"
    for suffix in ("", ".sig"):
        taken.with_name(taken.name + suffix).replace(path.with_name(path.name + suffix))  # as if the process had died before the move
    await payments.incoming.take(path)
    assert await payments.published(*ANSWERS) == ["DisbursementPaid"]
    assert not path.exists()


async def test_full_disk_keeps_batch_sealed_and_crash_is_recovered(payments: Payments) -> None:
    disbursement = await payments.approved(await issued(payments), 10_000)
    [batch] = (await payments.seal()).batches
    payments.outgoing.folder = Path("/dev/full/outgoing")  # nothing can be written there
    assert await payments.outgoing.send_all() == 0
    assert (await payments.row(BatchRow, batch.id)).state == "released"
    payments.outgoing.folder = payments.folder / "outgoing"
    payments.outgoing.folder.mkdir()
    path = payments.outgoing.folder / file_name(batch.id)
    write_file(path, batch.file)  # and the process died
    written = path.stat().st_mtime_ns
    assert [await payments.outgoing.send_all() for _ in range(2)] == [1, 0]
    assert path.stat().st_mtime_ns == written
    assert sorted(name.name for name in payments.outgoing.folder.iterdir()) == [path.name, f"{path.name}.sig"]
    assert (await payments.published())[-1] == "BatchSent"
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "sent"


async def test_envelope_shows_as_paid_what_the_bank_booked(payments: Payments) -> None:
    call_id = await payments.open_call(1_000_000)
    one, two = await payments.issued(call_id, 50_000), await payments.issued(call_id, 50_000)
    first, second = await payments.paid(one, 10_000), await payments.sent(two, 20_000)
    await payments.receive(await payments.report(second, "RJCT", "AC01"), "r.xml")
    await payments.receive(await payments.statement(first, returned=True), "s.xml")
    envelope = await payments.row(EnvelopeRow, call_id)
    assert (envelope.paid_minor, envelope.committed_minor) == (0, 100_000)
