"""What banks really send, one line a case: the right value as it was found with sample files and reports of people who reconcile them."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from services.payments.domain.bank_lines import BankLine, KnownAttempt, lines_of_report, lines_of_statement, match_batch, match_line
from services.payments.domain.bank_statuses import NOTES_FOR_A_PERSON
from services.payments.domain.report_verdicts import batch_of_report
from services.payments.domain.status import AttemptState
from services.payments.iso20022.camt053 import read_statement
from services.payments.iso20022.model import Account
from services.payments.iso20022.pain002 import read_status_report
from shared.kernel.errors import Refused
from shared.kernel.money import Money

D, D2, D3, A, A2, A3, B, B2 = (UUID(int=0xABC0 + number).hex for number in range(8))
ORDERED = [(D, A), (D2, A2), (D3, A3)]
ACCOUNT = "HR2199999998100000013"
SENT = KnownAttempt(UUID(A), UUID(D), UUID(B), AttemptState.SENT, ACCOUNT, Money(10_000, "EUR"), number=1)
PAID = replace(SENT, state=AttemptState.PAID)

REFERENCES: list[tuple[str, dict[str, str], str]] = [
    ("InstrId NOTPROVIDED", {"EndToEndId": D, "InstrId": "NOTPROVIDED"}, "applied"),
    ("InstrId of the bank", {"EndToEndId": D, "InstrId": "BANKREF0001"}, "applied"),
    ("InstrId a copy of EndToEndId", {"EndToEndId": D, "InstrId": D}, "applied"),
    ("PmtInfId of the bank", {"EndToEndId": D, "PmtInfId": "0000451278"}, "applied"),
    ("EndToEndId NOTPROVIDED", {"EndToEndId": "NOTPROVIDED", "InstrId": A, "PmtInfId": f"{B}-1"}, "applied"),
    ("all in capitals", {"EndToEndId": D.upper(), "InstrId": A.upper(), "PmtInfId": f"{B}-1".upper()}, "applied"),
    ("EndToEndId a copy of InstrId", {"EndToEndId": A, "InstrId": A}, "applied"),
    ("EndToEndId a copy of InstrId, alone", {"EndToEndId": A}, "applied"),
    ("the two exchanged", {"EndToEndId": A, "InstrId": D}, "applied"),
    ("InstrId alone", {"InstrId": A.upper()}, "applied"),
    ("both NOTPROVIDED", {"EndToEndId": "NOTPROVIDED", "InstrId": "NOTPROVIDED", "PmtInfId": f"{B}-1"}, "unknown-reference"),
    ("an attempt of ours beside another payment", {"EndToEndId": D2, "InstrId": A}, "references-disagree"),
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
    """Two attempts have the same EndToEndId (K3); the bank gives no day."""
    [line] = lines_of_statement(read_statement(statement({"EndToEndId": D}), max_bytes=10_000))
    second = replace(SENT, attempt_id=UUID(A2), batch_id=UUID(B2), number=2)
    match = match_line(line, [replace(SENT, state=state), second])
    assert found in (match.outcome, match.reason)
    assert match.attempt_id == (second.attempt_id if found == "applied" else None)


@pytest.mark.parametrize(
    ("state", "outcome"), [(AttemptState.PAID, "unmatched"), (AttemptState.RETURNED, "applied")], ids=["twice", "again after its return"]
)
def test_second_booking_in_one_statement_is_another_movement(state: AttemptState, outcome: str) -> None:
    """Without a reference of the bank, by which the two would differ. After its return the payment is paid again."""
    one = statement({"EndToEndId": D, "InstrId": A})
    begin, end = one.index(b"<Ntry>"), one.index(b"</Stmt>")
    first, second = lines_of_statement(read_statement(one[:end] + one[begin:], max_bytes=10_000))
    known = replace(SENT, state=state)
    assert match_line(first, [SENT]).outcome == "applied"
    assert [match_line(line, [known]).outcome for line in (first, second)] == ["repeated", outcome]


DAY, NEXT_DAY = date(2026, 3, 2), date(2026, 3, 3)
OF_STATEMENT = replace(PAID, paid_on=DAY, bank_reference="E1", booked_by="camt.053")
MOVEMENTS: list[tuple[str, KnownAttempt, str, date, str, str]] = [
    ("a notification, then the statement", replace(OF_STATEMENT, bank_reference="T1", booked_by="camt.054"), "E1", DAY, "053", "repeated"),
    ("the statement, then a notification", OF_STATEMENT, "T1", DAY, "054", "repeated"),
    ("the statement of the day, then that of the month", OF_STATEMENT, "E1", DAY, "053", "repeated"),
    ("two of one day in two statements", OF_STATEMENT, "E2", DAY, "053", "booked-twice"),
    ("on two days, one reference", OF_STATEMENT, "E1", NEXT_DAY, "053", "booked-twice"),
    ("on two days, without a reference", replace(OF_STATEMENT, bank_reference=None), "", NEXT_DAY, "053", "booked-twice"),
    ("after its return, on another day", replace(OF_STATEMENT, state=AttemptState.RETURNED), "E1", NEXT_DAY, "053", "applied"),
    ("after its return, the same again", replace(OF_STATEMENT, state=AttemptState.RETURNED), "E1", DAY, "053", "repeated"),
]


@pytest.mark.parametrize(("known", "ref", "on", "kind", "found"), [case[1:] for case in MOVEMENTS], ids=[case[0] for case in MOVEMENTS])
def test_another_day_is_another_movement(known: KnownAttempt, ref: str, on: date, kind: str, found: str) -> None:
    """On one day the statement and the notification of one booking have references of their own."""
    given = f"<AcctSvcrRef>{ref}</AcctSvcrRef>" if ref else ""
    data = statement({"EndToEndId": D, "InstrId": A}, more=f"<BookgDt><Dt>{on}</Dt></BookgDt>{given}")
    if kind == "054":
        data = data.replace(b"camt.053", b"camt.054").replace(b"Stmt>", b"Ntfctn>")
    [line] = lines_of_statement(read_statement(data, max_bytes=10_000))
    match = match_line(line, [known])
    assert found in (match.outcome, match.reason)


@pytest.mark.parametrize(
    ("amount", "more", "found"),
    [
        ("95.00", "<RvslInd>true</RvslInd>", "returned-in-part"),
        ("100.00", "", "return-without-mark"),
        ("100.00", "<RvslInd>true</RvslInd>", "returned"),
        ("105.00", "<RvslInd>true</RvslInd>", "wrong-amount"),
    ],
)
def test_return_is_known_as_ours_however_it_looks(amount: str, more: str, found: str) -> None:
    data = statement({"EndToEndId": D, "InstrId": A}, "CRDT", more).replace(b">100.00<", f">{amount}<".encode())
    [line] = lines_of_statement(read_statement(data, max_bytes=10_000))
    assert match_line(line, [PAID]).reason == found


def test_report_of_the_day_is_information() -> None:
    data = statement({"EndToEndId": D, "InstrId": A}).replace(b"camt.053", b"camt.052").replace(b"Stmt>", b"Rpt>")
    [line] = lines_of_statement(read_statement(data, max_bytes=10_000))
    assert (match_line(line, [SENT]).outcome, match_line(line, [SENT]).reason) == ("ignored", "of-the-day")


def test_day_of_a_booking_is_else_that_of_its_value() -> None:
    """Without it a notification would be dated by the day on which it is read, and the statement's booking be a second one."""
    data = statement({"EndToEndId": D}, more="<ValDt><Dt>2026-03-02</Dt></ValDt>")
    [line] = lines_of_statement(read_statement(data, max_bytes=10_000))
    assert line.on == DAY


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
YES, NO, NOTHING = "bank-accepted", "bank-rejected", "decides-nothing"
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
    ("OrgnlMsgId in capitals", B.upper(), "", block(status="RJCT", name=f"{B}-1".upper()), {D: NO, D2: NO, D3: NO}),
    ("OrgnlPmtInfId of the bank, all listed", B, "", block(listed("RJCT") + listed("ACSC", D2, A2), name="0000451278"), {D: NO, D2: YES}),
    ("payee's name differs, listed", B, "RVCM", block(listed("RVNM") + listed("RCVC", D2, A2)), {D: "payee-name-differs", D2: NOTHING}),
    ("payee's name nearly, listed", B, "RVCM", block(listed("RVMC")), {D: "payee-name-nearly"}),
    ("payees' names differ, none listed", B, "RVCM", "", {None: "payee-name-differs"}),
    ("all names as they should be", B, "RCVC", "", {None: NOTHING}),
    ("cancelled", B, "", block(listed("CANC")), {D: "cancelled-by-the-bank"}),
    ("blocked", B, "", block(listed("BLCK")), {D: "blocked-by-the-bank"}),
    ("waits for our confirmation", B, "ACFW", "", {None: "awaits-our-confirmation"}),
    ("a status of the bank's own", B, "", block(listed("XYZ1")), {D: "unknown-status"}),
    ("one as a duplicate", B, "", block(listed("RJCT", reason="AM05")), {D: "duplicate-of-an-order"}),
    ("listed without a status, the block too", B, "RJCT", block(listed(reason="AC04")), {D: NO, D2: NO, D3: NO}),
    ("a block against its message", B, "RJCT", block(status="ACSC"), CONTRADICTS),
    ("a message against its block", B, "ACCP", block(status="RJCT"), CONTRADICTS),
    ("a message about more than was ordered", B, "", block(status="RJCT", counts=NUMBER.replace("1", "5")), CONTRADICTS),
    ("a message of three", B, "", block(listed("RJCT"), "RJCT", counts=NUMBER.replace("1", "3")), {D: NO, D2: NO, D3: NO}),
    (
        "one is listed by no reference of ours",
        B,
        "RJCT",
        block(listed("ACSC", "NOTPROVIDED", "BANK-1")),
        {"NOTPROVIDED": YES, **CONTRADICTS},
    ),
    ("listed twice, with two answers", B, "", block(listed("RJCT") + listed("ACSC")), {D: "report-contradicts-itself"}),
    ("OrgnlMsgId is that of the block", f"{B}-1", "RJCT", "", {D: NO, D2: NO, D3: NO}),
    ("OrgnlPmtInfId is that of the message", "NOTPROVIDED", "", block(status="RJCT", name=B), {D: NO, D2: NO, D3: NO}),
    *(
        (f"{code}: the bank is still at it", B, code, block(), {None: NOTHING})
        for code in ("RCVD", "ACTC", "PDNG", "PATC", "ACFC", "ACPD", "ACIS")
    ),
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


@pytest.mark.parametrize("counts", [NUMBER, DETAILED])
def test_message_of_one_transfer_is_none_of_three(counts: str) -> None:
    """M1 one level up: the whole message is said to be of fewer transfers than were ordered."""
    data = report(B, "RJCT", "").replace(b"<GrpSts>", f"{counts if counts == NUMBER else ''}<GrpSts>".encode())
    data = data.replace(b"</OrgnlGrpInfAndSts>", f"{counts if counts == DETAILED else ''}</OrgnlGrpInfAndSts>".encode())
    lines = lines_of_report(read_status_report(data, max_bytes=10_000), ORDERED)
    assert [line.note for line in lines] == ["report-contradicts-itself"]
    assert batch_of_report(read_status_report(data.replace(B.encode(), f"{B}-1".encode()), max_bytes=10_000)) == UUID(B)


def test_duplicate_rejects_nothing_that_is_listed_below_it() -> None:
    why = "<StsRsnInf><Rsn><Cd>DUPL</Cd></Rsn></StsRsnInf>"
    data = report(B, "", block(why + listed(reason="NARR"), "RJCT"))
    [line] = lines_of_report(read_status_report(data, max_bytes=10_000), ORDERED[:1])
    assert line.event is None


@pytest.mark.parametrize("message_id", ["OF-NOBODY", "NOTPROVIDED", ""])
def test_rejection_of_an_unknown_order_is_a_line_for_a_person(message_id: str) -> None:
    """Row 17: a bank that could not read the file gives no OrgnlMsgId (Cross River's sample)."""
    data = report(message_id, "RJCT", "").replace(b"<OrgnlMsgId></OrgnlMsgId>", b"")
    [line] = lines_of_report(read_status_report(data, max_bytes=10_000), ())
    assert match_line(line, []).outcome == "unmatched"


@pytest.mark.parametrize("note", sorted(NOTES_FOR_A_PERSON))
def test_what_a_person_has_to_look_at_is_never_ignored(note: str) -> None:
    """N2: whether it names one payment, a batch, or nothing."""
    for line in (BankLine(None, note, D, A), BankLine(None, note, pmt_inf_id=f"{B}-1"), BankLine(None, note)):
        assert match_line(line, [SENT]).outcome == "unmatched"
        assert match_batch(line, match_line(line, []), SENT.amount).reason == note


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ("HR2199999998100000013", "hr21 9999 9998 1000 0001 3", True),
        ("DK8199990000012345", "99990000012345", True),
        ("PL18999999990000000000012345", "999999990000000000012345", True),
        ("PL18999999990000000000012345", "18 9999 9999 0000 0000 0001 2345", True),
        ("PL18999999990000000000012345", "19999999990000000000012345", False),
        ("DK8199990000012345", "99990000012346", False),
        ("DK8199990000012345", "9999-12345", True),
        ("DK8199990000012345", "9999 0000012345", True),
        ("DK8199990000012345", "999912345", True),
        ("DK8199990000012345", "9999-1234500000", False),
        ("BE60999000000070", "999-0000000-70", True),
        ("HR2199999998100000013", "9999999-8100000013", True),
        ("HR2199999998100000013", "HR21-9999-9998-1000-0001-3", True),
        ("HR2199999998100000013", "HR1210010051863000160", False),
    ],
)
def test_account_is_the_same_however_it_is_written(ours: str, theirs: str, same: bool) -> None:
    assert Account(ours).is_same(Account(theirs)) is same
    assert Account(theirs).is_same(Account(ours)) is same


def page(statement_id: str, balances: str, more: str = "", amount: str = "100.00", account: str = ACCOUNT, currency: str = "EUR") -> str:
    return (
        f"<Stmt><Id>{statement_id}</Id>{more}<Acct><Id><IBAN>{account}</IBAN></Id></Acct>{balances}"
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts></Ntry></Stmt>'
    )


def balance(code: str, amount: str, day: str = "2026-03-02", currency: str = "EUR") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        f"<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def pages(*parts: str, version: str = "08") -> bytes:
    frame = f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>'
    return f"{frame}{''.join(parts)}</BkToCstmrStmt></Document>".encode()


def pagination(number: int, last: str) -> str:
    return f"<StmtPgntn><PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"


WHOLE = balance("OPBD", "500.00") + balance("CLBD", "300.00")
PROVED = balance("OPBD", "500.00") + balance("CLBD", "400.00")
OF_A_PAGE = balance("PRCD", "600.00") + balance("ITBD", "500.00") + balance("CLBD", "400.00")
NEXT = balance("OPBD", "400.00", "2026-03-03") + balance("CLBD", "400.00", "2026-03-03")
PAGES: list[tuple[str, list[str], list[bool | None]]] = [
    ("opening and closing", [page("S", PROVED)], [True]),
    ("closing balance wrong", [page("S", WHOLE)], [False]),
    ("a first page with the whole's balances", [page("S", WHOLE, pagination(1, "false"))], [None]),
    ("a last page with the whole's balances", [page("S", WHOLE, pagination(2, "true"))], [None]),
    ("both pages in one file", [page("S", WHOLE, pagination(1, "false")), page("S", WHOLE, pagination(2, "true"))], [True]),
    ("PRCD of the whole, ITBD of the page", [page("S", OF_A_PAGE)], [True]),
    ("two days, the older one last", [page("S", NEXT + PROVED)], [True]),
    ("two statements", [page("S", PROVED), page("T", WHOLE)], [True, False]),
]


@pytest.mark.parametrize(("parts", "found"), [case[1:] for case in PAGES], ids=[case[0] for case in PAGES])
def test_balances_are_of_the_whole_statement(parts: list[str], found: list[bool | None]) -> None:
    assert [one.adds_up for one in read_statement(pages(*parts), max_bytes=10_000).accounts] == found


def test_statement_of_another_currency_does_not_stop_the_others() -> None:
    dollars = page("T", balance("OPBD", "1.00", currency="USD"), account="HR1210010051863000160", currency="USD")
    read = read_statement(pages(page("S", ""), dollars), max_bytes=10_000)
    assert [one.account for one in read.accounts] == [ACCOUNT]
    assert [(one.account, one.currency, one.refusal.code) for one in read.unread] == [("HR1210010051863000160", "USD", "bad-amount")]


@pytest.mark.parametrize("version", ["02", "03", "04", "06", "10", "14"])
def test_every_version_is_read(version: str) -> None:
    assert len(read_statement(pages(page("S", ""), version=version), max_bytes=10_000).transactions) == 1


def test_status_of_the_banks_own_is_no_booking() -> None:
    data = pages(page("S", "").replace("<Sts>BOOK</Sts>", "<Sts><Prtry>X</Prtry></Sts>"))
    [line] = lines_of_statement(read_statement(data, max_bytes=10_000))
    assert (line.event, line.note) == (None, "not-booked")


def test_entry_of_a_statement_without_a_status_is_booked() -> None:
    """As a central bank writes it; the balances, without a sign there too, prove it. A notification has to say it."""
    data = pages(page("S", PROVED).replace("<Sts>BOOK</Sts>", "")).replace(b"<CdtDbtInd>CRDT</CdtDbtInd>", b"")
    [one] = read_statement(data, max_bytes=10_000).accounts
    assert (one.adds_up, one.transactions[0].status) == (True, "BOOK")
    notification = data.replace(b"camt.053", b"camt.054").replace(b"Stmt>", b"Ntfctn>")
    with pytest.raises(Refused, match="Sts/Cd is missing"):
        read_statement(notification, max_bytes=10_000)


def test_currency_of_no_programme_is_passed_over() -> None:
    """A file may hold such an account alone."""
    read = read_statement(pages(page("S", "", currency="CHF")), max_bytes=10_000)
    assert (read.accounts, [one.currency for one in read.unread]) == ((), ["CHF"])


@pytest.mark.parametrize("version", ["03", "06", "10", "14"])
def test_words_of_the_bank_are_kept(version: str) -> None:
    why = "<StsRsnInf><AddtlInf>Account closed</AddtlInf><AddtlInf>since January</AddtlInf></StsRsnInf>"
    data = report(B, "", block(listed("RJCT").replace("</TxInfAndSts>", f"{why}</TxInfAndSts>"))).replace(
        b"pain.002.001.10", f"pain.002.001.{version}".encode()
    )
    [line] = lines_of_report(read_status_report(data, max_bytes=10_000), ORDERED[:1])
    assert line.words == ("Account closed", "since January")
