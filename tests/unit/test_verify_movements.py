"""What verify finds in the bank's files beside whole payments: the debit of a batch, charges, parts that come back."""

from datetime import date
from typing import Any

import pytest
from lxml import etree

from operations.verify.bank_files import BankSide
from operations.verify.bank_statements import NOT_NAMED, Lump, Orders, Other, Transfer, attempts_by_day, combine, is_account, read_facts
from operations.verify.breach import breaches
from operations.verify.facts import Facts
from operations.verify.invariant_2_movements import MOVEMENT_CHECKS

D, D2, A, A2, B = (f"00000000-0000-4000-8000-00000000000{number}" for number in range(1, 6))
ACCOUNT = "HR2199999998100000013"
ORDERED = [Transfer("p", D, A, 10_000, "EUR", batch_id=B), Transfer("p", D2, A2, 5_000, "EUR", batch_id=B)]


def hexed(reference: str) -> str:
    return reference.replace("-", "")


BATCH = f"<Btch><PmtInfId>{hexed(B)}-1</PmtInfId></Btch>"
REJECTED = (
    f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{hexed(B)}-1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>"
    f"<TxInfAndSts><OrgnlEndToEndId>{hexed(D2).upper()}</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"
)


def details(reference: str, amount: str = "") -> str:
    given = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    return f"<TxDtls><Refs><EndToEndId>{hexed(reference)}</EndToEndId><InstrId>NOTPROVIDED</InstrId></Refs>{given}</TxDtls>"


def entry(amount: str, inner: str, direction: str = "DBIT", part: str = "Stmt", account: str = ACCOUNT) -> str:
    return (
        f'<{part}><Acct><Id><IBAN>{account}</IBAN></Id></Acct><Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<Sts>BOOK</Sts><NtryDtls>{inner}</NtryDtls></Ntry></{part}>"
    )


CASES: list[tuple[str, list[str], list[tuple[str, int]], list[int]]] = [
    ("the debit of a batch (case 5)", [entry("150.00", BATCH)], [(A, 10_000), (A2, 5_000)], []),
    ("without what was rejected", [REJECTED, entry("100.00", BATCH)], [(A, 10_000)], []),
    ("with details beside it (15)", [entry("50.00", BATCH), entry("50.00", details(D2), part="Ntfctn")], [(A2, 5_000)], []),
    ("without a status", [entry("150.00", BATCH).replace("<Sts>BOOK</Sts>", "")], [(A, 10_000), (A2, 5_000)], []),
    ("of no sum in it", [entry("70.00", BATCH)], [], []),
    ("a charge inside the entry (7)", [entry("100.50", details(D, "100.00"))], [(A, 10_000)], [-50]),
    ("details without amounts (8)", [entry("150.00", details(D) + details(D2))], [(A, 10_000), (A2, 5_000)], []),
    ("less a charge (27)", [entry("95.00", details(D), "CRDT")], [(A, -9_500)], []),
    ("unmarked (28)", [entry("100.00", details(D), "CRDT")], [(A, -10_000)], []),
    ("a debit of others", [entry("3.00", "<TxDtls/>")], [], [-300]),
    ("another account", [entry("100.00", details(D), account="GB33BUKB20201555555555")], [], []),
    ("a report of the day (14)", [entry("100.00", details(D), part="Rpt")], [], []),
]


@pytest.mark.parametrize(("files", "found", "others"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_movements_are_read_as_banks_write_them(files: list[str], found: list[tuple[str, int]], others: list[int]) -> None:
    """The numbers are those of the cases of the bank, found in real files and reports of people who reconcile them."""
    orders = Orders.of(ORDERED)
    read = combine([read_facts("f", etree.fromstring(f"<Document>{one}</Document>"), orders, {ACCOUNT}) for one in files], orders)
    assert [(one.attempt_id, -one.amount_minor if one.returned else one.amount_minor) for one in read.transfers] == found
    assert [one.amount_minor for one in read.others] == others
    assert [one.amount_minor for one in read.lumps] == ([7_000] if "70.00" in files[0] else [])
    assert [one.amount_minor for one in read.transfers if one.part] == ([9_500] if "95.00" in files[0] else [])


def rejected(status: str = "", inner: str = "") -> str:
    group = f"<GrpSts>{status}</GrpSts>" if status else ""
    return f"<OrgnlGrpInfAndSts><OrgnlMsgId>{hexed(B)}</OrgnlMsgId>{group}</OrgnlGrpInfAndSts>{inner}"


def block(status: str, reference: str = "", reason: str = "", own: str = "") -> str:
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
    names = (
        f"<TxInfAndSts><OrgnlEndToEndId>{hexed(reference)}</OrgnlEndToEndId><TxSts>{own}</TxSts>{why}</TxInfAndSts>" if reference else ""
    )
    return f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{hexed(B)}-1</OrgnlPmtInfId><PmtInfSts>{status}</PmtInfSts>{names}</OrgnlPmtInfAndSts>"


@pytest.mark.parametrize(
    ("report", "found"),
    [
        (rejected("RJCT"), {A, A2}),
        (rejected(inner=block("RJCT")), {A, A2}),
        (rejected("RJCT", block("", D, own="ACSC")), {A2}),
        (rejected("RJCT", block("", D)), {A, A2}),
        (rejected("RJCT", block("", D, "AM05", "RJCT")), {A2}),
        (rejected(inner=block("RJCT") + block("ACSC")), set()),
        (rejected("ACCP", block("", D, own="RJCT")), {A}),
    ],
    ids=["message", "block", "but-one", "one-without-a-status", "a-repetition", "two-answers", "one-alone"],
)
def test_rejection_is_of_its_own_transfers(report: str, found: set[str]) -> None:
    facts = read_facts("f", etree.fromstring(f"<Document>{report}</Document>"), Orders.of(ORDERED), {ACCOUNT})
    assert set(facts.rejected) == found


def test_attempt_not_named_follows_from_the_order() -> None:
    days = enumerate((False, True, False), 1)
    lines = [Transfer("f", D, NOT_NAMED, 1, "EUR", returned=returned, on=date(2026, 3, day)) for day, returned in days]
    assert [one.attempt_id for one in attempts_by_day(lines, {D: [A, A2]})] == [A, A, A2]


@pytest.mark.parametrize(
    ("side", "lines", "found"),
    [
        (BankSide(others=[Other("f", -50, "EUR")], taken={"s": "f"}), [], ["bank file f"]),
        (BankSide(others=[Other("f", -50, "EUR")], taken={"s": "f"}), [{"file_sha256": "s", "amount_minor": 50}], []),
        (BankSide(others=[Other("f", -50, "EUR")] * 2, taken={"s": "f"}), [{"file_sha256": "s", "amount_minor": 50}], ["bank file f"]),
        (BankSide(others=[Other("f", -50, "EUR")]), [], []),
        (BankSide(statements=[Transfer("f", D, A, 95, "EUR", True, part=True)], taken={"s": "f"}), [], ["bank file f"]),
        (BankSide(lumps=[Lump("f", B, 70, "EUR")]), [], [f"batch {B}"]),
    ],
    ids=["not-shown", "shown", "shown-once", "not-taken-yet", "a-part", "a-lump"],
)
def test_what_moved_beside_payments_is_a_line(side: BankSide, lines: list[Any], found: list[str]) -> None:
    facts = Facts({}, {"payments.lines_apart": lines}, side, {})
    assert [breach.subject for breach in breaches(2, MOVEMENT_CHECKS, facts)] == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ACCOUNT, "hr21 9999 9998 1000 0001 3", True),
        ("PL18999999990000000000012345", "999999990000000000012345", True),
        ("DK8199990000012345", "99990000012346", False),
        ("DK8199990000012345", "9999-12345", True),
        ("HR2199999998100000013", "9999999-8100000013", True),
        ("", "", False),
    ],
)
def test_account_is_the_same_in_each_spelling(one: str, other: str, same: bool) -> None:
    assert is_account(one, other) is is_account(other, one) is same
