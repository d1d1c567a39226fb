"""Each attempt at a payment has an EndToEndId of its own: the payment, and the number of the attempt. What banks make of it
still names that attempt, and an order from before still has its answer."""

from dataclasses import replace
from datetime import date
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from operations.verify.bank_mt940 import read_mt940
from operations.verify.bank_statements import Orders, Transfer, payment_named, read_facts
from services.payments.domain.bank_lines import BankLine, KnownAttempt, lines_of_report, lines_of_statement, match_line
from services.payments.domain.candidates import LineFacts, candidates
from services.payments.domain.line_evidence import findings
from services.payments.domain.status import AttemptState, PaymentEvent
from services.payments.iso20022.camt053 import read_statement
from services.payments.iso20022.model import own_payment, payment_reference
from services.payments.iso20022.pain002 import read_status_report
from tests.bank import test_mt940 as swift
from tests.bank.test_cases import A2, A3, B2, D2, SENT, A, B, D, statement

SECOND = replace(SENT, attempt_id=UUID(A2), batch_id=UUID(B2), number=2)
PAID, RETURNED, REJECTED = (replace(SENT, state=AttemptState(state)) for state in ("paid", "returned", "rejected"))
ORPHAN = replace(SECOND, state=AttemptState.UNKNOWN, is_orphan=True)
OLD_ORPHAN = replace(ORPHAN, number=None)
DEBIT, CREDIT = "DBIT", "CRDT"
ONE, TWO = f"{D}-1", f"{D}-2"
ALONE, BOTH = {"EndToEndId": TWO}, [SENT, SECOND]


@given(st.uuids(), st.integers(1, 99), st.booleans(), st.sampled_from(["-", "", " - ", "- "]), st.sampled_from(["", " ", "\t\n "]))
def test_reference_is_read_back_whatever_a_bank_makes_of_it(payment: UUID, number: int, capitals: bool, dash: str, blanks: str) -> None:
    """By the product, and by the reader of verify."""
    ours = payment_reference(payment, number)
    assert len(ours) <= 35
    written = blanks + (ours.upper() if capitals else ours).replace("-", dash) + blanks
    assert own_payment(written) == (payment, number)
    assert payment_named(written) == (str(payment), number)


@pytest.mark.parametrize("text", [None, "", "RENT", f"{D[:31]}-1", f"{D}-", f"{D}-A", f"{D}--1", f"{D}-1-1", f"{D}-1000", f"X{D}-1", D])
def test_no_other_text_has_a_number(text: str | None) -> None:
    assert (own_payment(text) or (None, None))[1] is None
    assert payment_named(text)[1] is None


def test_number_that_has_no_place_is_left_out() -> None:
    assert (payment_reference(UUID(D), 99), payment_reference(UUID(D), 100)) == (f"{D}-99", D)


CASES: list[tuple[str, list[KnownAttempt], dict[str, str], str, str, str | None]] = [
    ("the second, while the first is open", BOTH, ALONE, DEBIT, "booked", A2),
    ("the first, while the second is open", BOTH, {"EndToEndId": ONE}, DEBIT, "booked", A),
    ("in capitals", BOTH, {"EndToEndId": TWO.upper(), "InstrId": "NOTPROVIDED"}, DEBIT, "booked", A2),
    ("without the dash", BOTH, {"EndToEndId": f"{D}2", "InstrId": "BANKREF0001"}, DEBIT, "booked", A2),
    ("the number alone is lost", BOTH, {"EndToEndId": D}, DEBIT, "ambiguous-attempt", None),
    ("a copy in InstrId", BOTH, {"EndToEndId": "NOTPROVIDED", "InstrId": TWO}, DEBIT, "booked", A2),
    ("a copy in both", BOTH, {"EndToEndId": TWO, "InstrId": TWO}, DEBIT, "booked", A2),
    ("exchanged", BOTH, {"EndToEndId": A2, "InstrId": TWO}, DEBIT, "booked", A2),
    ("copies that disagree", BOTH, {"EndToEndId": TWO, "InstrId": ONE}, DEBIT, "references-disagree", None),
    ("a copy in PmtInfId", BOTH, {"EndToEndId": ONE, "PmtInfId": ONE}, DEBIT, "booked", A),
    ("PmtInfId in its place", BOTH, {"EndToEndId": f"{B2}-1", "InstrId": A2, "PmtInfId": f"{B2}-1"}, DEBIT, "booked", A2),
    ("PmtInfId of another batch in its place", BOTH, {"EndToEndId": f"{B}-1", "InstrId": A2}, DEBIT, "references-disagree", None),
    ("with its InstrId", BOTH, {"EndToEndId": TWO, "InstrId": A2, "PmtInfId": f"{B2}-1"}, DEBIT, "booked", A2),
    ("with the InstrId of the other", BOTH, {"EndToEndId": TWO, "InstrId": A}, DEBIT, "references-disagree", None),
    ("with the batch of the other", BOTH, {"EndToEndId": TWO, "PmtInfId": f"{B}-1"}, DEBIT, "references-disagree", None),
    ("a number that none has", BOTH, {"EndToEndId": f"{D}-3"}, DEBIT, "references-disagree", None),
    ("of nobody", BOTH, {"EndToEndId": f"{D2}-1"}, DEBIT, "unknown-reference", None),
    ("an old order, with its InstrId", BOTH, {"EndToEndId": D, "InstrId": A2}, DEBIT, "booked", A2),
    ("the debit of a rejected one", [REJECTED, SECOND], {"EndToEndId": ONE}, DEBIT, "booked-after-rejected", A),
    ("the return of the first", [PAID, SECOND], {"EndToEndId": ONE}, CREDIT, "returned", A),
    ("the return of the second, before its debit", [RETURNED, SECOND], ALONE, CREDIT, "returned-before-booked", A2),
    ("the debit after a return", [RETURNED, SECOND], ALONE, DEBIT, "booked", A2),
    ("an orphan order", [REJECTED, ORPHAN], ALONE, DEBIT, "ordered-before-restore", None),
    ("the attempt beside an orphan order", [SENT, ORPHAN], {"EndToEndId": ONE}, DEBIT, "booked", A),
    ("the attempt beside an old orphan order", [SENT, OLD_ORPHAN], {"EndToEndId": ONE}, DEBIT, "booked", A),
    ("an old orphan order", [REJECTED, OLD_ORPHAN], {"EndToEndId": D}, DEBIT, "ordered-before-restore", None),
]


@pytest.mark.parametrize(("attempts", "refs", "way", "found", "which"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_number_says_which_attempt(attempts: list[KnownAttempt], refs: dict[str, str], way: str, found: str, which: str | None) -> None:
    """No day says it: the bank gives none."""
    [line] = lines_of_statement(read_statement(statement(refs, way, "<RvslInd>true</RvslInd>" if way == CREDIT else ""), max_bytes=10_000))
    match = match_line(line, attempts)
    assert (match.reason, match.attempt_id) == (found, UUID(which) if which else None)


def test_status_is_of_the_attempt_that_it_lists() -> None:
    """Without InstrId. What is listed by its number has no status of the group."""
    listed = f"<TxInfAndSts><OrgnlEndToEndId>{TWO}</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>"
    report = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{B2}</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{B2}-1</OrgnlPmtInfId><PmtInfSts>ACSC</PmtInfSts>{listed}</OrgnlPmtInfAndSts>"
        "</CstmrPmtStsRpt></Document>"
    )
    lines = lines_of_report(read_status_report(report.encode(), max_bytes=10_000), [(D, A2), (D2, A3)])
    assert [(line.end_to_end_id, line.event) for line in lines] == [(TWO, "bank-rejected"), (D2, "bank-accepted")]
    assert match_line(lines[0], BOTH).attempt_id == UUID(A2)


STATES = {PaymentEvent.BOOKED: AttemptState.PAID, PaymentEvent.RETURNED: AttemptState.RETURNED}
ANSWERS = [(PaymentEvent.BOOKED, ONE), (PaymentEvent.RETURNED, ONE), (PaymentEvent.BOOKED, TWO)]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_answers_settle_their_own_attempt_in_any_order(order: tuple[int, ...]) -> None:
    """A line that waits is read again after each other one, as the service does."""
    known = {one.attempt_id: one for one in (replace(SENT, state=AttemptState.UNKNOWN), SECOND)}
    waiting: list[BankLine] = []
    for number in order:
        event, reference = ANSWERS[number]
        waiting.append(BankLine(event, end_to_end_id=reference, amount=SENT.amount, on=date(2026, 3, 2 + number), kind="camt.053"))
        for line in [*waiting, *waiting]:
            match = match_line(line, list(known.values()))
            if match.outcome == "applied" and match.attempt_id and match.state and line in waiting:
                on = {"paid_on": line.on} if line.event is PaymentEvent.BOOKED else {"returned_on": line.on}
                known[match.attempt_id] = replace(known[match.attempt_id], state=match.state, **on)
                waiting.remove(line)
    assert (waiting, [one.state for one in known.values()]) == ([], ["returned", "paid"])


@pytest.mark.parametrize(("other", "again"), [(ONE, 0), (TWO, 1), (D, 1), (f"{D}2", 1)])
def test_second_debit_in_one_statement_is_of_the_same_attempt(other: str, again: int) -> None:
    first, second = statement(ALONE), statement({"EndToEndId": other})
    lines = lines_of_statement(read_statement(first[: first.index(b"</Stmt>")] + second[second.index(b"<Ntry>") :], max_bytes=10_000))
    assert [line.again for line in lines] == [0, again]


EVIDENCE: list[tuple[dict[str, str], list[str]]] = [
    (ALONE, ["names-attempt", "names-payment"]),
    ({"EndToEndId": f"{D}-3"}, ["names-payment", "names-another"]),
    ({"EndToEndId": TWO, "InstrId": A}, ["names-attempt", "names-payment"]),
    ({"EndToEndId": TWO, "InstrId": ONE}, ["names-attempt", "names-payment", "names-another"]),
    ({"EndToEndId": ONE, "PmtInfId": ONE}, ["names-attempt", "names-payment"]),
]


@pytest.mark.parametrize(("refs", "found"), EVIDENCE)
def test_evidence_says_that_the_attempt_is_named(refs: dict[str, str], found: list[str]) -> None:
    [line] = lines_of_statement(read_statement(statement(refs), max_bytes=10_000))
    said = findings(line, BOTH, match_line(line, BOTH))
    assert [one for one in said if "name" in one] == found


def test_attempt_that_is_named_is_the_first_candidate() -> None:
    line = BankLine(PaymentEvent.BOOKED, end_to_end_id=TWO, amount=SENT.amount)
    found = candidates(LineFacts(line, None, ()), BOTH)
    assert [(one.attempt.number, one.evidence[0]) for one in found] == [(2, "attempt-reference"), (1, "payment-reference")]


EREF = f"EREF+{swift.D}-2"
WRITTEN = [
    swift.numbered(EREF[:27], EREF[27:], "SVWZ+12 Voucher"),
    swift.numbered(EREF, "KREF+NONREF"),
    swift.numbered(EREF.replace("-", ""), "SVWZ+20 pieces"),
    swift.numbered(EREF.upper(), "SVWZ+1", sign="~"),
    f":86:/TRTP/SEPA/EREF/{swift.D}-2//REMI/Voucher",
    f":86:EREF+{swift.D}-2\nBIC+TESTHR2X",
    f":86:/EREF/{swift.D}2//REMI/Voucher",
    f":86:Transfer EREF: {swift.D}-\n2\nSVWZ: Voucher",
]


@pytest.mark.parametrize("details", WRITTEN)
def test_number_is_found_in_a_swift_statement(details: str) -> None:
    text = swift.message(f"{swift.OUT}\n{details}")
    [line] = lines_of_statement(swift.read(text))
    assert own_payment(line.end_to_end_id) == (UUID(swift.D), 2)
    [[movement]] = [one.movements for one in read_mt940(text.encode())]
    assert (movement.payment, movement.number) == (str(UUID(swift.D)), 2)


@pytest.mark.parametrize("behind", ["", "?2112 pieces", "\n12 pieces", " 12 pieces", "?21KREF+NONREF"])
def test_what_stands_behind_a_payment_is_no_number(behind: str) -> None:
    text = swift.message(f"{swift.OUT}\n:86:116?20EREF+{swift.D}{behind}")
    [line] = lines_of_statement(swift.read(text))
    assert (own_payment(line.end_to_end_id) or (None, None))[1] is None
    assert read_mt940(text.encode())[0].movements[0].number is None


@pytest.mark.parametrize(("reference", "found"), [(ONE, A), (TWO, A2), (f"{D}2".upper(), A2), (D, "not named")])
def test_verify_finds_the_attempt_by_its_number(reference: str, found: str) -> None:
    payment, first, second, batch = (str(UUID(one)) for one in (D, A, A2, B))
    ordered = [Transfer("p", payment, one, 10_000, "EUR", batch_id=batch, number=number) for number, one in ((1, first), (2, second))]
    root = etree.fromstring(statement({"EndToEndId": reference, "InstrId": "NOTPROVIDED"}))
    [entry] = read_facts("f", root, Orders.of(ordered), {"HR2199999998100000013"}).entries
    assert [one.attempt_id for one in entry.transfers] == [str(UUID(found)) if found in (A, A2) else found]
