"""The bank contradicts itself, or somebody in its name: the payment is frozen until a person has decided."""

import pytest

from services.payments.commands.cancel_disbursement import cancel_disbursement
from services.payments.commands.confirm_rejection import confirm_rejection
from services.payments.commands.prepare_disbursement import prepare_disbursement, prepare_next_attempt
from services.payments.commands.resolve_bank_line import resolve_bank_line
from services.payments.domain.contradictions import LineResolution
from services.payments.queries.disbursements import get_disbursement
from services.payments.tables import BankFileRow, BankLineRow, DisbursementRow, VoucherRow
from shared.contracts.payments import BankLineResolved, BankLineUnmatched, DisbursementPaid, DisbursementRejected, DisbursementReturned
from tests.support.payments import Payments, Voucher, camt053, code_of


async def issued(payments: Payments) -> Voucher:
    return await payments.issued(await payments.open_call(1_000_000), 100_000)


async def rejected(payments: Payments) -> DisbursementRow:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    return await payments.row(DisbursementRow, disbursement.id)


async def open_line(payments: Payments) -> BankLineRow:
    [line] = [line for line in await payments.rows(BankLineRow) if line.outcome == "unmatched" and line.resolved_at is None]
    return line


async def waits_for(payments: Payments, disbursement: DisbursementRow) -> str | None:
    return (await payments.run(get_disbursement, payments.finance(1), disbursement.id)).waits_for


async def next_attempt(payments: Payments, disbursement: DisbursementRow, by: int = 1) -> DisbursementRow:
    return await payments.run(prepare_next_attempt, payments.finance(by), disbursement.id, None)


async def test_rejection_alone_has_no_next_attempt(payments: Payments) -> None:
    disbursement = await rejected(payments)
    assert await code_of(next_attempt(payments, disbursement)) == "statement-awaited"
    assert await waits_for(payments, disbursement) == "statement-awaited"
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    assert await waits_for(payments, disbursement) is None
    assert (await next_attempt(payments, disbursement)).attempt == 2


async def test_statement_of_another_account_proves_no_rejection(payments: Payments) -> None:
    disbursement = await rejected(payments)
    statement = await payments.empty_statement(disbursement)
    await payments.receive(statement.replace(payments.policy.bank.debtor_iban.encode(), b"HR9900000000000000000"), "other.xml")
    assert await code_of(next_attempt(payments, disbursement)) == "statement-awaited"


async def test_statement_without_a_closing_balance_proves_nothing(payments: Payments) -> None:
    disbursement = await rejected(payments)
    await payments.receive((await payments.empty_statement(disbursement)).replace(b"CLBD", b"ITBD"), "interim.xml")
    assert await code_of(next_attempt(payments, disbursement)) == "statement-awaited"


@pytest.mark.parametrize("kept", [("e2e", "instr", "pmtinf"), ("e2e",), ("instr",)])
async def test_pending_entry_after_a_rejection_freezes(payments: Payments, kept: tuple[str, ...]) -> None:
    disbursement = await rejected(payments)
    pending = {**await payments.transaction(disbursement), "status": "PDNG"}
    named = {key: value for key, value in pending.items() if key in (*kept, "amount_minor", "returned", "status")}
    await payments.receive(await payments.statement_of_day(disbursement, named), "day.xml")
    line = await open_line(payments)
    assert (line.reason, line.disbursement_id) == ("pending-while-rejected", disbursement.id)
    assert await code_of(next_attempt(payments, disbursement)) == "bank-line-open"
    await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.BANK_ERROR)
    assert (await next_attempt(payments, disbursement)).attempt == 2


async def test_statement_with_the_payment_pending_proves_nothing(payments: Payments) -> None:
    """It is read before the rejection, when nothing contradicts it."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    pending = {**await payments.transaction(disbursement), "status": "PDNG"}
    await payments.receive(await payments.statement_of_day(disbursement, pending), "pending.xml")
    assert [line.outcome for line in await payments.rows(BankLineRow)] == ["ignored"]
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    assert await code_of(next_attempt(payments, disbursement)) == "statement-awaited"
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    assert (await next_attempt(payments, disbursement)).attempt == 2


async def test_rejection_is_confirmed_by_a_second_person(payments: Payments) -> None:
    disbursement = await rejected(payments)
    assert await code_of(payments.run(confirm_rejection, payments.finance(1), disbursement.id, "bank-asked")) == "incompatible-step"
    await payments.run(confirm_rejection, payments.finance(2), disbursement.id, "bank-asked")
    assert await code_of(next_attempt(payments, disbursement, by=2)) == "incompatible-step"
    assert (await next_attempt(payments, disbursement)).attempt == 2
    assert await code_of(payments.run(confirm_rejection, payments.finance(2), disbursement.id, "again")) == "not-rejected"


async def test_forged_rejection_pays_once_and_is_resolved(payments: Payments) -> None:
    """The attack: a rejection, then the true booking. The person who asks the bank records that it was paid."""
    disbursement = await rejected(payments)
    await payments.receive(await payments.statement(disbursement), "booked.xml")
    line = await open_line(payments)
    assert (line.reason, line.disbursement_id) == ("booked-after-rejected", disbursement.id)
    for refused in (next_attempt(payments, disbursement), payments.run(cancel_disbursement, payments.finance(1), disbursement.id, "x"),
                    payments.run(confirm_rejection, payments.finance(2), disbursement.id, "x")):  # fmt: skip
        assert await code_of(refused) == "bank-line-open"
    assert await waits_for(payments, disbursement) == "bank-line-open"
    confirm = LineResolution.CONFIRMED
    assert await code_of(payments.run(resolve_bank_line, payments.finance(1), line.id, confirm)) == "incompatible-step"
    await payments.run(resolve_bank_line, payments.finance(2), line.id, confirm)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert (await payments.row(VoucherRow, disbursement.voucher_id)).paid_minor == 10_000
    assert await payments.published(BankLineUnmatched, BankLineResolved, DisbursementPaid) == [
        "BankLineUnmatched", "DisbursementPaid", "BankLineResolved"
    ]  # fmt: skip
    assert await code_of(payments.run(resolve_bank_line, payments.finance(2), line.id, confirm)) == "line-not-open"


async def test_rejection_after_acceptance_goes_to_a_person(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await payments.report(disbursement, "ACSP"), "accepted.xml")
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "accepted"
    line = await open_line(payments)
    assert line.reason == "bank-rejected-after-accepted"
    await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.CONFIRMED)
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "rejected"
    assert await payments.published(DisbursementRejected) == ["DisbursementRejected"]
    assert await waits_for(payments, disbursement) == "statement-awaited"


async def test_resolved_return_is_not_applied_after_its_booking(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await payments.statement(disbursement, returned=True), "early.xml")
    await payments.run(resolve_bank_line, payments.finance(2), (await open_line(payments)).id, LineResolution.BANK_ERROR)
    await payments.receive(await payments.statement(disbursement), "booking.xml")
    assert (await payments.row(DisbursementRow, disbursement.id)).state == "paid"
    assert await code_of(next_attempt(payments, disbursement)) == "attempt-not-ended"


async def test_open_line_stops_approval_and_sealing(payments: Payments) -> None:
    """The line comes in while the next attempt is on its way to the bank."""
    disbursement = await rejected(payments)
    booking = await payments.statement(disbursement)
    await payments.run(confirm_rejection, payments.finance(3), disbursement.id, "bank-asked")
    await next_attempt(payments, disbursement)
    await payments.receive(booking, "booked.xml")
    assert await code_of(payments.approve_as(payments.finance(2), disbursement)) == "bank-line-open"
    line = await open_line(payments)
    assert await code_of(payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.CONFIRMED)) == "line-not-applicable"
    await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.BANK_ERROR)
    await payments.approve_as(payments.finance(2), disbursement)
    await payments.receive(booking.replace(b"B-1", b"B-2"), "booked-again.xml")
    assert (await payments.seal()).skipped == [(disbursement.id, "bank-line-open")]


async def test_line_that_names_only_the_voucher_stops_its_payments(payments: Payments) -> None:
    voucher = await issued(payments)
    waiting = await payments.run(prepare_disbursement, payments.finance(1), (await payments.accepted(voucher, 10_000)).id)
    remittance = b"<RmtInf><Ustrd>Voucher KOP-7F3K-92QM-5 payment</Ustrd></RmtInf></TxDtls>"
    foreign = camt053([{"e2e": "RENT", "amount_minor": 5, "returned": False}], payments.policy).replace(b"</TxDtls>", remittance)
    await payments.receive(foreign, "foreign.xml")
    line = await open_line(payments)
    assert (line.voucher_id, line.disbursement_id) == (voucher.id, None)
    assert await code_of(payments.approve_as(payments.finance(2), waiting)) == "bank-line-open"
    assert await code_of(payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.CONFIRMED)) == "line-without-attempt"
    await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.NO_EFFECT)
    assert (await payments.approve_as(payments.finance(2), waiting)).state == "approved"


async def test_line_that_names_nothing_of_ours_is_not_resolved(payments: Payments) -> None:
    await payments.receive(camt053([{"e2e": "RENT", "amount_minor": 5, "returned": False}], payments.policy), "rent.xml")
    line = await open_line(payments)
    assert await code_of(payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.NO_EFFECT)) == "line-names-nothing"


async def batch_entry(payments: Payments, disbursement: DisbursementRow, reference: str = "PmtInfId", **changes: object) -> bytes:
    """One entry that has only the batch's reference."""
    attempt = await payments.attempt(disbursement)
    text = {"PmtInfId": f"{attempt.batch_id.hex}-1", "MsgId": attempt.batch_id.hex}[reference] if attempt.batch_id else ""
    return camt053([{"batch": f"<{reference}>{text}</{reference}>", "amount_minor": 10_000, **changes}], payments.policy)


@pytest.mark.parametrize(("reference", "changes"), [("PmtInfId", {}), ("MsgId", {}), ("PmtInfId", {"status": "PDNG"})])
async def test_batch_booked_after_a_rejection_freezes(payments: Payments, reference: str, changes: dict[str, object]) -> None:
    disbursement = await rejected(payments)
    await payments.receive(await batch_entry(payments, disbursement, reference, **changes), "batch.xml")
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    line = await open_line(payments)
    assert (line.reason, line.region, line.voucher_id) == ("batch-differs", payments.region, None)
    assert await code_of(next_attempt(payments, disbursement)) == "bank-line-open"
    assert await code_of(payments.run(resolve_bank_line, payments.finance(1), line.id, LineResolution.BANK_ERROR)) == "incompatible-step"
    await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.BANK_ERROR)
    assert await payments.published(BankLineUnmatched, BankLineResolved) == ["BankLineUnmatched", "BankLineResolved"]
    assert (await next_attempt(payments, disbursement)).attempt == 2


async def test_batch_booking_without_own_references_freezes(payments: Payments) -> None:
    """The transfer's reference is that of nobody's payment, or of another payment of ours."""
    disbursement = await rejected(payments)
    other = await payments.sent(await issued(payments), 20_000)
    for number, e2e in enumerate(("NOTPROVIDED", other.id.hex)):
        booking = {**await payments.transaction(disbursement), "e2e": e2e, "instr": ""}
        await payments.receive(camt053([booking], payments.policy), f"{number}.xml")
        line = await open_line(payments)
        assert line.reason == "batch-differs"
        assert await waits_for(payments, disbursement) == "bank-line-open"
        await payments.run(resolve_bank_line, payments.finance(2), line.id, LineResolution.NO_EFFECT)
        assert await waits_for(payments, disbursement) == "statement-awaited"


async def test_batch_booked_before_the_rejection_freezes_after_it(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    await payments.receive(await batch_entry(payments, disbursement), "batch.xml")
    assert await payments.published(DisbursementPaid) == ["DisbursementPaid"]
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    assert (await open_line(payments)).reason == "bank-rejected-after-paid"


@pytest.mark.parametrize("reference", ["PmtInfId", "MsgId"])
async def test_batch_booked_as_one_debit_pays_what_is_not_rejected(payments: Payments, reference: str) -> None:
    """Banks book a whole order and name its transfers only where one of them comes back."""
    voucher = await issued(payments)
    first, second = await payments.approved(voucher, 10_000), await payments.approved(voucher, 20_000)
    await payments.seal()
    await payments.outgoing.send_all()
    await payments.receive(await payments.report(first, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await batch_entry(payments, second, reference, amount_minor=30_000), "too-much.xml")
    assert (await open_line(payments)).reason == "batch-differs"
    await payments.receive(await batch_entry(payments, second, reference, amount_minor=20_000), "batch.xml")
    assert (await payments.row(VoucherRow, voucher.id)).paid_minor == 20_000
    [file] = [one for one in await payments.rows(BankFileRow) if one.name == "batch.xml"]
    assert (file.lines, file.applied, file.unmatched) == (1, 1, 0)
    notification = (await payments.statement(second)).replace(b"camt.053", b"camt.054").replace(b"Stmt>", b"Ntfctn>")
    await payments.receive(notification, "notification.xml")
    await payments.receive(await payments.statement(second, returned=True), "return.xml")
    assert await payments.published(DisbursementPaid, DisbursementReturned) == ["DisbursementPaid", "DisbursementReturned"]


async def test_second_debit_of_a_batch_is_for_a_person(payments: Payments) -> None:
    """M4: two entries of one statement that name the batch alone are two movements."""
    disbursement = await payments.sent(await issued(payments), 10_000)
    one = await batch_entry(payments, disbursement)
    await payments.receive(one[: one.index(b"</Stmt>")] + one[one.index(b"<Ntry>") :], "twice.xml")
    assert (await open_line(payments)).reason == "batch-differs"
    assert await payments.published(DisbursementPaid) == ["DisbursementPaid"]


async def test_report_that_contradicts_itself_waits_for_every_answer(payments: Payments) -> None:
    """PART above a group that accepts both: a person may ask the bank, unless it has answered for each of them meanwhile."""
    call_id = await payments.open_call(1_000_000)
    first = await payments.approved(await payments.issued(call_id, 100_000), 20_000)
    second = await payments.sent(await payments.issued(call_id, 100_000), 10_000)
    report = await payments.report(second, "ACSP")
    begin, end = report.index(b"<TxInfAndSts>"), report.index(b"</OrgnlPmtInfAndSts>")
    whole = report[:begin] + b"<PmtInfSts>ACSP</PmtInfSts>" + report[end:]
    await payments.receive(whole.replace(b"</OrgnlGrpInfAndSts>", b"<GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>"), "part.xml")
    assert ((await open_line(payments)).reason, await waits_for(payments, first)) == ("report-contradicts-itself", "bank-line-open")
    await payments.receive(await payments.statement(first), "first.xml")
    assert (await waits_for(payments, second), await payments.published(BankLineResolved)) == ("bank-line-open", [])
    await payments.receive(await payments.report(second, "RJCT", "AC04"), "second.xml")
    assert await waits_for(payments, second) == "statement-awaited"
    assert await payments.published(BankLineUnmatched, BankLineResolved) == ["BankLineUnmatched"] * 2 + ["BankLineResolved"] * 2


async def test_batch_pending_before_the_rejection_proves_nothing(payments: Payments) -> None:
    disbursement = await payments.sent(await issued(payments), 10_000)
    entry = {
        "batch": f"<PmtInfId>{(await payments.transaction(disbursement))['pmtinf']}</PmtInfId>",
        "amount_minor": 10_000,
        "status": "PDNG",
    }
    await payments.receive(await payments.statement_of_day(disbursement, entry), "pending.xml")
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    assert await code_of(next_attempt(payments, disbursement)) == "statement-awaited"


async def test_batch_booked_without_its_rejected_payment_goes_on(payments: Payments) -> None:
    call_id = await payments.open_call(1_000_000)
    other = await payments.approved(await payments.issued(call_id, 100_000), 20_000)
    disbursement = await payments.sent(await payments.issued(call_id, 100_000), 10_000)
    assert (await payments.attempt(other)).batch_id == (await payments.attempt(disbursement)).batch_id
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"), "rejected.xml")
    await payments.receive(await batch_entry(payments, disbursement, amount_minor=20_000), "batch.xml")
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")
    assert (await next_attempt(payments, disbursement)).attempt == 2
