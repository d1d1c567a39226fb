"""After a restore a bank answers an order that the database does not know, and gives few references: the answer finds its payment all the
same, and nothing is paid twice."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from deploy.embedded.servers import PostgreSQL
from services.payments.commands.prepare_disbursement import prepare_next_attempt
from services.payments.commands.seal_batches import Sealed
from services.payments.tables import BankFileRow, BankLineRow, DisbursementRow, OrphanOrderRow
from shared.contracts.payments import BankLineResolved, BankLineUnmatched
from shared.contracts.vouchers import VoucherAccepted
from shared.kernel.errors import Conflict
from tests.integration.payments.test_restore import import_outgoing, recovery_gap, release
from tests.support.payments import Payments, Voucher, camt053

LEAST: dict[str, Any] = {"instr": "NOTPROVIDED", "pmtinf": ""}
Said = Callable[[Payments, DisbursementRow], Awaitable[list[bytes]]]


def notified(statement: bytes) -> bytes:
    """The same booking in a notification, under another reference of the bank."""
    data = statement.replace(b"camt.053", b"camt.054").replace(b"BkToCstmrStmt", b"BkToCstmrDbtCdtNtfctn").replace(b"Stmt>", b"Ntfctn>")
    return data.replace(b"<AcctSvcrRef>B-1<", b"<AcctSvcrRef>N-7<")


def about_batch(report: bytes) -> bytes:
    """A report that lists no transfer: the status is that of the whole file."""
    begin, end = report.index(b"<OrgnlPmtInfAndSts>"), report.index(b"</CstmrPmtStsRpt>")
    whole = report[:begin].replace(b"</OrgnlGrpInfAndSts>", b"<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>")
    return whole + report[end:]


async def payment_alone(payments: Payments, one: DisbursementRow) -> list[bytes]:
    return [await payments.statement(one, **LEAST)]


async def in_capitals(payments: Payments, one: DisbursementRow) -> list[bytes]:
    return [await payments.statement(one, e2e=one.id.hex.upper(), instr=one.id.hex.upper(), pmtinf="")]


async def by_number(payments: Payments, one: DisbursementRow) -> list[bytes]:
    return [await payments.statement(one, e2e=f"{one.id.hex}-1", **LEAST)]


async def by_a_copy(payments: Payments, one: DisbursementRow) -> list[bytes]:
    """The EndToEndId stands in the place of PmtInfId, and nothing of ours in its own."""
    return [await payments.statement(one, e2e="NOTPROVIDED", instr="NOTPROVIDED", pmtinf=f"{one.id.hex}-1")]


async def return_first(payments: Payments, one: DisbursementRow) -> list[bytes]:
    return [await payments.statement(one, returned=True, **LEAST), await payments.statement(one, **LEAST)]


async def two_messages(payments: Payments, one: DisbursementRow) -> list[bytes]:
    statement = await payments.statement(one, **LEAST)
    return [notified(statement), statement]


async def twice_in_one(payments: Payments, one: DisbursementRow) -> list[bytes]:
    debit = await payments.transaction(one, **LEAST)
    return [camt053([debit, debit], payments.policy)]


async def whole_rejected(payments: Payments, one: DisbursementRow) -> list[bytes]:
    return [about_batch(await payments.report(one, "RJCT"))]


async def whole_booked(payments: Payments, one: DisbursementRow) -> list[bytes]:
    batch_id = (await payments.attempt(one)).batch_id
    assert batch_id
    return [camt053([{**await payments.transaction(one), "batch": f"<MsgId>{batch_id.hex}</MsgId>"}], payments.policy)]


async def of_another_account(payments: Payments, one: DisbursementRow) -> list[bytes]:
    return [camt053([await payments.transaction(one, **LEAST)], payments.policy, "HR7423600001101234565")]


KINDS: list[tuple[Said, str, list[str]]] = [
    (payment_alone, "paid", []),
    (in_capitals, "paid", []),
    (by_number, "paid", []),
    (by_a_copy, "paid", []),
    (return_first, "returned", []),
    (two_messages, "paid", []),
    (twice_in_one, "paid", ["booked-twice"]),
    (whole_rejected, "rejected", []),
    (whole_booked, "paid", []),
    (of_another_account, "unknown", ["foreign-account"]),
]
"""What the bank says, what the payment is then, and the lines that are left for a person."""


async def test_answer_finds_its_order_whatever_references_it_has(payments: Payments, postgres: PostgreSQL) -> None:
    """Each payment is in a file of its own; the claims of all are lost."""
    call_id = await payments.open_call(1_000_000)
    vouchers = [await issued(payments, call_id, number) for number in range(len(KINDS))]
    async with recovery_gap(payments, postgres):
        lost = [await payments.sent(voucher, 10_000) for voucher in vouchers]
        said = [await kind(payments, one) for (kind, _, _), one in zip(KINDS, lost, strict=True)]
    assert await import_outgoing(payments) == len(KINDS)
    for number, data in enumerate(one for files in said for one in files):
        await payments.receive(data, f"{number}.xml")
    await release(payments)
    for voucher, before, (kind, state, left) in zip(vouchers, lost, KINDS, strict=True):
        again = await payments.approved(voucher, 10_000)
        assert (kind.__name__, again.id, again.state) == (kind.__name__, before.id, state)
        open_lines = [row.reason for row in await payments.rows(BankLineRow) if row.outcome == "unmatched" and names(row, before)]
        assert (kind.__name__, open_lines) == (kind.__name__, left)
    assert await payments.seal() == Sealed()
    assert all(row.matched_at for row in await payments.rows(OrphanOrderRow))


def names(row: BankLineRow, one: DisbursementRow) -> bool:
    return (row.end_to_end_id or "").lower().startswith(one.id.hex)


async def issued(payments: Payments, call_id: Any, number: int) -> Voucher:
    """Each with a code of its own, by which the claim that is lodged again finds its order."""
    voucher = payments.voucher(call_id, 50_000)
    code = payments.issue(voucher).model_copy(update={"code": f"KOP-7F3K-92Q{number}-5"})
    await payments.deliver(payments.reservation(voucher), VoucherAccepted(**voucher.about()), code)
    return voucher


@pytest.mark.parametrize("number", ["", "2"], ids=["the payment alone", "with its number"])
async def test_answer_to_a_second_attempt_is_none_to_the_first(payments: Payments, postgres: PostgreSQL, number: str) -> None:
    """The first was rejected before the backup; the bank gives the EndToEndId alone, without its dash. The line waits, and stops nobody.
    By the number the hold stays while the file is missing."""
    voucher = await issued(payments, await payments.open_call(1_000_000), 1)
    disbursement = await payments.sent(voucher, 10_000)
    await payments.receive(await payments.report(disbursement, "RJCT", "AC04"))
    await payments.receive(await payments.empty_statement(disbursement), "day.xml")

    async def next_attempt() -> DisbursementRow:
        return await payments.approve(await payments.run(prepare_next_attempt, payments.finance(1), disbursement.id, None))

    async with recovery_gap(payments, postgres):
        await next_attempt()
        await payments.seal()
        await payments.outgoing.send_all()
        booked = await payments.statement(disbursement, e2e=f"{disbursement.id.hex}{number}", **LEAST)
    if number:
        await payments.receive(booked, "booked.xml")
        with pytest.raises(Conflict, match="1 payments"):
            await release(payments)
    assert await import_outgoing(payments) == 1
    if not number:
        await payments.receive(booked, "booked.xml")
    assert [row.reason for row in await payments.rows(BankLineRow) if row.outcome == "unmatched"] == ["ordered-before-restore"]
    await release(payments)
    assert (await next_attempt()).state == "paid"
    published = ["BankLineUnmatched", "BankLineResolved"] if number else []
    assert await payments.published(BankLineUnmatched, BankLineResolved) == published
    assert await payments.seal() == Sealed()


async def test_hold_stays_while_a_file_named_in_part_is_missing(payments: Payments, postgres: PostgreSQL) -> None:
    """By the id of the payment, by that of the message, or by a copy. Once the files are back, lines that were read before wait."""
    call_id = await payments.open_call(1_000_000)
    vouchers = [await issued(payments, call_id, number) for number in range(3)]
    async with recovery_gap(payments, postgres):
        lost = [await payments.sent(voucher, 10_000) for voucher in vouchers]
        kinds = zip((payment_alone, whole_booked, by_a_copy), lost, strict=True)
        said = [data for kind, one in kinds for data in await kind(payments, one)]
    files = {path: path.read_bytes() for path in (payments.folder / "outgoing").glob("*.xml")}
    for path in files:
        path.unlink()
    for number, data in enumerate(said):
        await payments.receive(data, f"{number}.xml")
    with pytest.raises(Conflict, match="3 payments"):
        await release(payments)
    for path, data in files.items():
        path.write_bytes(data)
    assert await import_outgoing(payments) == 3
    await release(payments)
    assert [(await payments.approved(voucher, 10_000)).state for voucher in vouchers] == ["paid", "paid", "paid"]


async def test_answer_on_a_whole_file_waits_for_the_file(payments: Payments, postgres: PostgreSQL) -> None:
    """Read before its payment file is found again: one is rejected as a whole, one accepted, one said to be of other transfers, one refused
    as a repetition, one cancelled, and of one a transfer is listed otherwise."""
    call_id = await payments.open_call(1_000_000)
    vouchers = [await issued(payments, call_id, number) for number in range(7)]
    async with recovery_gap(payments, postgres):
        lost = [await payments.sent(voucher, 10_000) for voucher in vouchers[:5]]
        lost += [await payments.approved(voucher, 10_000) for voucher in vouchers[5:]]
        await payments.seal()
        await payments.outgoing.send_all()
        said = [about_batch(await payments.report(one, "RJCT")) for one in lost[:5]]
        said[1] = said[1].replace(b">RJCT<", b">ACSP<")
        said[2] = said[2].replace(b"<GrpSts>", b"<OrgnlNbOfTxs>4</OrgnlNbOfTxs><GrpSts>")
        said[3] = said[3].replace(b"</GrpSts>", b"</GrpSts><StsRsnInf><Rsn><Cd>DUPL</Cd></Rsn></StsRsnInf>")
        said[4] = said[4].replace(b">RJCT<", b">CANC<")
        listed = await payments.report(lost[5], "ACSP")
        said.append(listed.replace(b"</OrgnlGrpInfAndSts>", b"<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>"))
    files = {path: path.read_bytes() for path in (payments.folder / "outgoing").glob("*.xml")}
    for path in files:
        path.unlink()
    for number, data in enumerate(said):
        await payments.receive(data, f"{number}.xml")
    with pytest.raises(Conflict, match="7 payments"):
        await release(payments)
    for path, data in files.items():
        path.write_bytes(data)
    assert await import_outgoing(payments) == 7
    await release(payments)
    again = [(await payments.approved(voucher, 10_000)).state for voucher in vouchers]
    assert again == ["rejected", "accepted", "unknown", "unknown", "unknown", "accepted", "rejected"]
    left = sorted(row.reason for row in await payments.rows(BankLineRow) if row.outcome == "unmatched")
    assert left == ["cancelled-by-the-bank", "duplicate-of-an-order", "report-contradicts-itself"]
    assert sorted(file.lines for file in await payments.rows(BankFileRow)) == [1, 1, 2, 2, 2, 3]
