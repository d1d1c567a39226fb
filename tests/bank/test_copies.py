"""References of ours that a bank puts in another place: a copy of the EndToEndId, or of the InstrId, where those of the order belong, and
nothing of ours in its own place."""

from dataclasses import replace
from uuid import UUID

import pytest
from lxml import etree

from operations.verify.bank_mt940 import read_mt940, swift_facts
from operations.verify.bank_statements import Orders, Transfer, own_id, read_facts
from services.payments.domain.bank_lines import books_a_batch, lines_of_statement, match_line
from services.payments.domain.candidates import LineFacts, candidates
from services.payments.domain.line_evidence import findings
from services.payments.domain.status import AttemptState
from services.payments.iso20022.camt053 import read_statement
from services.payments.iso20022.model import named_batch
from tests.bank import test_mt940 as swift
from tests.bank.test_cases import A2, B2, SENT, A, B, D, statement

SECOND = replace(SENT, attempt_id=UUID(A2), batch_id=UUID(B2), number=2)
BOTH = [SENT, SECOND]
NOTHING, BOOKED = {"EndToEndId": "NOTPROVIDED", "InstrId": "NOTPROVIDED"}, "booked"
COPIES: list[tuple[str, dict[str, str], str, str | None]] = [
    ("the first EndToEndId as PmtInfId", {**NOTHING, "PmtInfId": f"{D}-1"}, BOOKED, A),
    ("the second EndToEndId as PmtInfId", {**NOTHING, "PmtInfId": f"{D}-2"}, BOOKED, A2),
    ("in capitals, and nothing else", {"PmtInfId": f"{D}-2".upper()}, BOOKED, A2),
    ("the second EndToEndId as MsgId", {**NOTHING, "MsgId": f"{D}-2"}, BOOKED, A2),
    ("the InstrId as PmtInfId", {**NOTHING, "PmtInfId": A2}, BOOKED, A2),
    ("the EndToEndId as PmtInfId, the batch as MsgId", {**NOTHING, "PmtInfId": f"{D}-2", "MsgId": B2}, BOOKED, A2),
    ("the EndToEndId as PmtInfId, another batch as MsgId", {**NOTHING, "PmtInfId": f"{D}-2", "MsgId": B}, "references-disagree", None),
    ("a number that none has", {**NOTHING, "PmtInfId": f"{D}-3"}, "references-disagree", None),
    ("the batch alone", {**NOTHING, "PmtInfId": f"{B}-1"}, "unknown-reference", None),
]


@pytest.mark.parametrize(("refs", "found", "which"), [case[1:] for case in COPIES], ids=[case[0] for case in COPIES])
def test_copy_in_the_place_of_the_order_names_the_payment(refs: dict[str, str], found: str, which: str | None) -> None:
    """K1: where neither EndToEndId nor InstrId says anything of ours. Verify finds the same attempt."""
    data = statement(refs)
    [line] = lines_of_statement(read_statement(data, max_bytes=10_000))
    match = match_line(line, BOTH)
    assert (match.reason, match.attempt_id) == (found, UUID(which) if which else None)
    if which:
        assert "names-payment" in findings(line, BOTH, match) or "names-attempt" in findings(line, BOTH, match)
        assert candidates(LineFacts(line, None, ()), BOTH)[0].attempt.attempt_id == UUID(which)
        [entry] = read_facts("f", etree.fromstring(data), ordered(), {"HR2199999998100000013"}).entries
        assert [one.attempt_id for one in entry.transfers] == [own_id(which)]


def ordered(payment: str = D, attempts: tuple[str, str] = (A, A2)) -> Orders:
    found = [
        Transfer("p", own_id(payment), own_id(one), 10_000, "EUR", batch_id=own_id(batch), number=number)
        for number, one, batch in zip((1, 2), attempts, (B, B2), strict=True)
    ]
    return Orders.of(found)


KREF = f"KREF+{swift.D}-1"
FIRST = replace(swift.SENT, number=1)
LATER = replace(FIRST, attempt_id=UUID(swift.D2), batch_id=UUID(B2), number=2)
WRITTEN: list[tuple[str, str, UUID]] = [
    ("without EREF", swift.numbered(KREF[:27], KREF[27:], "SVWZ+Voucher"), FIRST.attempt_id),
    ("EREF not provided", swift.numbered("EREF+NOTPROVIDED", KREF, "SVWZ+Voucher"), FIRST.attempt_id),
    ("without a code", swift.numbered(KREF, "SVWZ+Voucher", code=""), FIRST.attempt_id),
    ("of a batch by its code, and no batch", swift.numbered(KREF, "SVWZ+SAMMLER", code="191"), FIRST.attempt_id),
    ("strokes", f":86:/KREF/{swift.D}-1//REMI/Voucher", FIRST.attempt_id),
    ("PREF", f":86:/PREF/{swift.D}-1//REMI/Voucher", FIRST.attempt_id),
    ("the second attempt", swift.numbered(f"KREF+{swift.D}-2", "SVWZ+Voucher"), LATER.attempt_id),
    ("the second attempt, in plain text", f":86:KREF+{swift.D}-2\nSVWZ+Voucher", LATER.attempt_id),
    ("the InstrId, in plain text", f":86:KREF+{swift.A}\nSVWZ+Voucher", FIRST.attempt_id),
]


@pytest.mark.parametrize(("details", "which"), [case[1:] for case in WRITTEN], ids=[case[0] for case in WRITTEN])
def test_kref_of_a_payment_is_no_batch(details: str, which: UUID) -> None:
    """A copy of the EndToEndId has the form of a PmtInfId: whose id it is says what it is."""
    text = swift.message(f"{swift.OUT}\n{details}")
    [line] = lines_of_statement(swift.read(text))
    match = match_line(line, [FIRST, LATER])
    assert (match.reason, match.attempt_id) == (BOOKED, which)
    orders = ordered(swift.D, (swift.A, swift.D2))
    [entry] = swift_facts("f", read_mt940(text.encode()), orders, {swift.ACCOUNT}).entries
    assert [one.disbursement_id for one in entry.transfers] == [own_id(swift.D)]
    assert {one.attempt_id for one in entry.transfers} <= {str(which), "not named"}


@pytest.mark.parametrize(("reference", "code"), [(f"{swift.B}-1", "191"), (swift.B, "191"), (f"{swift.B}-1", "116"), (swift.B, "116")])
def test_kref_of_a_batch_is_a_batch(reference: str, code: str) -> None:
    """Also of an order of one transfer, which the bank books as one."""
    [line] = lines_of_statement(swift.read(swift.message(f"{swift.OUT}\n{swift.numbered(f'KREF+{reference}', code=code)}")))
    assert match_line(line, [FIRST, LATER]).reason == "no-reference"
    assert books_a_batch(line)
    assert UUID(swift.B) in map(named_batch, (line.pmt_inf_id, line.message_id))


def test_second_debit_of_a_whole_batch_is_another_movement() -> None:
    """M4: two debits in one statement that name the batch alone, or the payment by a copy, are two."""
    for refs in ({"PmtInfId": f"{B}-1"}, {"MsgId": B}, {"PmtInfId": f"{D}-1"}):
        one = statement(refs)
        two = one[: one.index(b"</Stmt>")] + one[one.index(b"<Ntry>") :]
        assert [line.again for line in lines_of_statement(read_statement(two, max_bytes=10_000))] == [0, 1]


def test_return_by_a_copy_is_a_return() -> None:
    data = statement({**NOTHING, "PmtInfId": f"{D}-1"}, "CRDT", "<RvslInd>true</RvslInd>")
    [line] = lines_of_statement(read_statement(data, max_bytes=10_000))
    match = match_line(line, [replace(SENT, state=AttemptState.PAID), SECOND])
    assert (match.state, match.attempt_id) == (AttemptState.RETURNED, UUID(A))
