"""What banks really send, one line a case: the right value as it was found with sample files and reports of people who reconcile them."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import KnownAttempt, lines_of_report, lines_of_statement, match_line
from services.payments.domain.status import AttemptState
from services.payments.iso20022.camt053 import read_statement
from services.payments.iso20022.model import Account
from services.payments.iso20022.pain002 import read_status_report
from shared.kernel.money import Money

D, D2, D3, A, A2, A3, B, B2 = (UUID(int=0xABC0 + number).hex for number in range(8))
ORDERED = [(D, A), (D2, A2), (D3, A3)]
ACCOUNT = "HR2199999998100000013"
SENT = KnownAttempt(UUID(A), UUID(D), UUID(B), AttemptState.SENT, ACCOUNT, Money(10_000, "EUR"))
PAID = replace(SENT, state=AttemptState.PAID)

REFERENCES: list[tuple[str, dict[str, str], str]] = [
    ("InstrId NOTPROVIDED", {"EndToEndId": D, "InstrId": "NOTPROVIDED"}, "applied"),
    ("InstrId of the bank", {"EndToEndId": D, "InstrId": "BANKREF0001"}, "applied"),
    ("InstrId a copy of EndToEndId", {"EndToEndId": D, "InstrId": D}, "applied"),
    ("PmtInfId of the bank", {"EndToEndId": D, "PmtInfId": "0000451278"}, "applied"),
    ("EndToEndId NOTPROVIDED", {"EndToEndId": "NOTPROVIDED", "InstrId": A, "PmtInfId": f"{B}-1"}, "applied"),
    ("all in capitals", {"EndToEndId": D.upper(), "InstrId": A.upper(), "PmtInfId": f"{B}-1".upper()}, "applied"),
    ("EndToEndId cut", {"EndToEndId": D[:30], "InstrId": A, "PmtInfId": f"{B}-1"}, "applied"),
    ("another attempt of ours", {"EndToEndId": D, "InstrId": A2}, "references-disagree"),
    ("another batch of ours", {"EndToEndId": D, "PmtInfId": f"{B2}-1"}, "references-disagree"),
    ("nothing of ours", {"EndToEndId": "RENT", "InstrId": "NOTPROVIDED"}, "unknown-reference"),
]


def statement(refs: dict[str, str], direction: str = "DBIT", more: str = "") -> bytes:
    given = "".join(f"<{name}>{value}</{name}>" for name, value in refs.items())
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S</Id>'
        f'<Acct><Id><IBAN>{ACCOUNT}</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>{direction}</CdtDbtInd>{more}'
        f"<Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs>{given}</Refs></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"
    ).encode()


@pytest.mark.parametrize(("refs", "found"), [case[1:] for case in REFERENCES], ids=[case[0] for case in REFERENCES])
def test_references_that_are_not_ours_say_nothing(refs: dict[str, str], found: str) -> None:
    [line] = lines_of_statement(read_statement(statement(refs), max_bytes=10_000))
    match = match_line(line, [SENT])
    assert found in (match.outcome, match.reason)


def entry(amount: str, details: str) -> bytes:
    return statement({}).replace(b">100.00<", f">{amount}<".encode()).replace(b"<TxDtls><Refs></Refs></TxDtls>", details.encode())


def part(refs: str, amount: str = "") -> str:
    return f"<TxDtls><Refs><EndToEndId>{refs}</EndToEndId></Refs>{amount}</TxDtls>"


OURS = '<Amt Ccy="EUR">100.00</Amt>'
INSTRUCTED = f"<AmtDtls><InstdAmt>{OURS}</InstdAmt></AmtDtls>"
SENT_ELSEWHERE = '<AmtDtls><TxAmt><Amt Ccy="USD">108.00</Amt></TxAmt></AmtDtls>'
ENTRIES: list[tuple[str, str, str, list[tuple[int, str]]]] = [
    ("a charge within the entry", "100.50", part(D, OURS), [(10_000, "applied"), (50, "no-reference")]),
    ("a charge, the amount as instructed", "100.50", part(D, INSTRUCTED), [(10_000, "applied"), (50, "no-reference")]),
    ("one of two is listed", "150.00", part(D, OURS), [(10_000, "applied"), (5_000, "no-reference")]),
    ("two without amounts", "150.00", part(D) + part(D2), [(15_000, "no-reference")]),
    ("sent in another currency", "100.00", part(D, SENT_ELSEWHERE), [(10_000, "applied")]),
    ("the whole, in blanks", "100.00", part(f" {D} "), [(10_000, "applied")]),
]


@pytest.mark.parametrize(("amount", "details", "found"), [case[1:] for case in ENTRIES], ids=[case[0] for case in ENTRIES])
def test_entry_is_accounted_for_to_the_cent(amount: str, details: str, found: list[tuple[int, str]]) -> None:
    lines = lines_of_statement(read_statement(entry(amount, details), max_bytes=10_000))
    matches = [(line.amount.minor if line.amount else 0, match_line(line, [SENT])) for line in lines]
    assert [(minor, match.outcome if match.outcome == "applied" else match.reason) for minor, match in matches] == found


@pytest.mark.parametrize(
    ("state", "found"),
    [(AttemptState.REJECTED, "applied"), (AttemptState.RETURNED, "ambiguous-attempt"), (AttemptState.SENT, "ambiguous-attempt")],
)
def test_booking_by_the_payment_alone_is_of_the_live_attempt(state: AttemptState, found: str) -> None:
    """Two attempts have the same EndToEndId."""
    [line] = lines_of_statement(read_statement(statement({"EndToEndId": D}), max_bytes=10_000))
    second = replace(SENT, attempt_id=UUID(A2), batch_id=UUID(B2))
    match = match_line(line, [replace(SENT, state=state), second])
    assert found in (match.outcome, match.reason)
    assert match.attempt_id == (second.attempt_id if found == "applied" else None)


@pytest.mark.parametrize("state", [AttemptState.PAID, AttemptState.RETURNED], ids=["twice", "again after its return"])
def test_second_booking_in_one_statement_is_another_movement(state: AttemptState) -> None:
    """Without a reference of the bank, by which the two would differ."""
    one = statement({"EndToEndId": D, "InstrId": A})
    begin, end = one.index(b"<Ntry>"), one.index(b"</Stmt>")
    first, second = lines_of_statement(read_statement(one[:end] + one[begin:], max_bytes=10_000))
    known = replace(SENT, state=state)
    assert match_line(first, [SENT]).outcome == "applied"
    assert [match_line(line, [known]).reason for line in (first, second)] == ["booked", "booked-twice"]


def test_reversed_credit_is_no_booking() -> None:
    reversed_credit = statement({"EndToEndId": D}, more="<RvslInd>true</RvslInd>")
    [line] = lines_of_statement(read_statement(reversed_credit, max_bytes=10_000))
    assert [match_line(line, [one]).outcome for one in (SENT, PAID)] == ["unmatched", "unmatched"]


def listed(status: str = "", e2e: str = D, instr: str = A, reason: str = "") -> str:
    given = f"<TxSts>{status}</TxSts>" if status else ""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    return f"<TxInfAndSts><OrgnlInstrId>{instr}</OrgnlInstrId><OrgnlEndToEndId>{e2e}</OrgnlEndToEndId>{given}{why}</TxInfAndSts>"


def block(inner: str = "", status: str = "", name: str = f"{B}-1", counts: str = "") -> str:
    given = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{name}</OrgnlPmtInfId>{counts}{given}{inner}</OrgnlPmtInfAndSts>"


NUMBER = "<OrgnlNbOfTxs>1</OrgnlNbOfTxs>"
DETAILED = "<NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>"
YES, NO = "bank-accepted", "bank-rejected"
CONTRADICTS: dict[str | None, str] = {None: "report-contradicts-itself"}
REPORTS: list[tuple[str, str, str, str, dict[str | None, str]]] = [
    ("group accepted", B, "ACSP", block(), {D: YES, D2: YES, D3: YES}),
    ("a block for one, a block for the rest", B, "", block(listed("RJCT"), "RJCT") + block(status="ACSC"), {D: NO, D2: YES, D3: YES}),
    ("a block of another order", B, "", block() + block(status="RJCT", name="OTHER"), {None: "decides-nothing"}),
    ("blocks that contradict each other", B, "", block(status="RJCT") + block(status="ACSC"), CONTRADICTS),
    ("a block of one transfer of three", B, "", block(status="RJCT", counts=NUMBER), CONTRADICTS),
    ("a status of one transfer of three", B, "", block(status="RJCT", counts=DETAILED), CONTRADICTS),
    ("listed by the bank's InstrId, rejected otherwise", B, "RJCT", block(listed("ACSC", instr="BANK-4711")), {D: YES, D2: NO, D3: NO}),
    ("listed by the bank's InstrId, accepted otherwise", B, "ACCP", block(listed("RJCT", instr="BANK-4711")), {D: NO, D2: YES, D3: YES}),
    ("listed without a status", B, "", block(listed(reason="AC04"), "RJCT"), {D: NO, D2: NO, D3: NO}),
    ("listed below a duplicate", B, "", block(listed(reason="NARR") + "", "PART"), {D: "decides-nothing"}),
    ("OrgnlPmtInfId NOTPROVIDED", B, "", block(status="RJCT", name="NOTPROVIDED"), {D: NO, D2: NO, D3: NO}),
    ("OrgnlMsgId NOTPROVIDED", "NOTPROVIDED", "", block(status="RJCT"), {D: NO, D2: NO, D3: NO}),
    ("accepted without posting", B, "ACWP", block(), {D: YES, D2: YES, D3: YES}),
]


def report(message_id: str, group_status: str, blocks: str) -> bytes:
    group = f"<GrpSts>{group_status}</GrpSts>" if group_status else ""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId></GrpHdr>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId>{group}</OrgnlGrpInfAndSts>{blocks}</CstmrPmtStsRpt></Document>"
    ).encode()


@pytest.mark.parametrize(("message_id", "status", "blocks", "found"), [case[1:] for case in REPORTS], ids=[case[0] for case in REPORTS])
def test_status_is_of_its_own_transfers(message_id: str, status: str, blocks: str, found: dict[Any, str]) -> None:
    lines = lines_of_report(read_status_report(report(message_id, status, blocks), max_bytes=10_000), ORDERED)
    assert {line.end_to_end_id: line.event or line.note for line in lines} == found


def test_duplicate_rejects_nothing_that_is_listed_below_it() -> None:
    why = "<StsRsnInf><Rsn><Cd>DUPL</Cd></Rsn></StsRsnInf>"
    data = report(B, "", block(why + listed(reason="NARR"), "RJCT"))
    [line] = lines_of_report(read_status_report(data, max_bytes=10_000), ORDERED[:1])
    assert line.event is None


def test_rejection_of_an_unknown_order_is_a_line_for_a_person() -> None:
    [line] = lines_of_report(read_status_report(report("OF-NOBODY", "RJCT", ""), max_bytes=10_000), ())
    assert match_line(line, []).outcome == "unmatched"


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("HR2199999998100000013", "hr21 9999 9998 1000 0001 3", True),
        ("DK8199990000012345", "99990000012345", True),
        ("PL18999999990000000000012345", "999999990000000000012345", True),
        ("DK8199990000012345", "99990000012346", False),
        ("HR2199999998100000013", "HR1210010051863000160", False),
    ],
)
def test_account_is_the_same_however_it_is_written(ours: str, theirs: str, same: bool) -> None:
    assert Account(ours).is_same(Account(theirs)) is same
    assert Account(theirs).is_same(Account(ours)) is same
