from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.iso20022.camt053 import Direction, read_statement
from shared.kernel.errors import Refused
from shared.kernel.money import Money, total
from tests.support.bank_files import assert_valid

STATUS = {"02": "<Sts>BOOK</Sts>", "08": "<Sts><Cd>BOOK</Cd></Sts>"}
CODE = "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>"
BODY = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}


def detail(number: int, minor: int, version: str = "08", extra: str = "") -> str:
    """.08 carries the amount in the detail itself, .02 below AmtDtls."""
    amount = f'<Amt Ccy="EUR">{Money(minor, "EUR").decimal()}</Amt>'
    money = f"{amount}<CdtDbtInd>DBIT</CdtDbtInd>" if version == "08" else f"<AmtDtls><TxAmt>{amount}</TxAmt></AmtDtls>"
    return f"<TxDtls><Refs><InstrId>i-{number}</InstrId><EndToEndId>e-{number}</EndToEndId></Refs>{money}{extra}</TxDtls>"


def entry(minor: int, details: str, direction: str = "DBIT", version: str = "08") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{Money(minor, "EUR").decimal()}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{STATUS[version]}'
        f"<BookgDt><Dt>2026-03-02</Dt></BookgDt><AcctSvcrRef>BANK-1</AcctSvcrRef>{CODE}{details}</Ntry>"
    )


def balance(code: str, minor: int) -> str:
    amount, direction = Money(abs(minor), "EUR").decimal(), "CRDT" if minor >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        "<Dt><Dt>2026-03-02</Dt></Dt></Bal>"
    )


def statement(*entries: str, kind: str = "053", version: str = "08", opening: int = 1_000, closing: int = 0) -> bytes:
    root, part = BODY[kind]
    balances = balance("OPBD", opening) + balance("CLBD", closing) if kind == "053" else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.{version}"><{root}>
<GrpHdr><MsgId>FILE-1</MsgId><CreDtTm>2026-03-03T00:00:00Z</CreDtTm></GrpHdr>
<{part}><Id>STMT-1</Id><CreDtTm>2026-03-03T00:00:00Z</CreDtTm><Acct><Id><IBAN>GR1601101250000000012300695</IBAN></Id></Acct>
{balances}{"".join(entries)}</{part}></{root}></Document>""".encode()


def batch(details: str) -> str:
    return f"<NtryDtls><Btch><MsgId>BATCH</MsgId><PmtInfId>BATCH-1</PmtInfId></Btch>{details}</NtryDtls>"


@pytest.mark.parametrize("kind", ["053", "054"])
@pytest.mark.parametrize("version", ["02", "08"])
def test_batch_booked_as_one_debit_yields_its_transfers(kind: str, version: str) -> None:
    data = statement(
        entry(600, batch(detail(1, 100, version) + detail(2, 200, version) + detail(3, 300, version)), version=version),
        kind=kind, version=version, closing=400,
    )  # fmt: skip
    assert_valid(data, f"camt.{kind}.001.{version}")
    read = read_statement(data, max_bytes=20_000)
    (account,) = read.accounts
    assert (read.message, read.message_id, account.statement_id) == (f"camt.{kind}.001.{version}", "FILE-1", "STMT-1")
    assert account.account == "GR1601101250000000012300695"
    assert [(each.end_to_end_id, each.instr_id, each.amount.minor) for each in read.transactions] == [
        ("e-1", "i-1", 100), ("e-2", "i-2", 200), ("e-3", "i-3", 300),
    ]  # fmt: skip
    assert {(each.message_id, each.pmt_inf_id, each.booked_on) for each in read.transactions} == {("BATCH", "BATCH-1", date(2026, 3, 2))}
    assert {(each.direction, each.status, each.bank_reference) for each in read.transactions} == {(Direction.DEBIT, "BOOK", "BANK-1")}
    assert account.adds_up is (True if kind == "053" else None)


@pytest.mark.parametrize("version", ["02", "08"])
def test_return_is_a_credit_with_its_reason(version: str) -> None:
    reason = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    returned = entry(100, f"<NtryDtls>{detail(1, 100, version, reason)}</NtryDtls>".replace("DBIT", "CRDT"), "CRDT", version)
    data = statement(returned, version=version, closing=1_100)
    assert_valid(data, f"camt.053.001.{version}")
    (transaction,) = read_statement(data, max_bytes=20_000).transactions
    assert (transaction.is_return, transaction.return_reason, transaction.signed) == (True, "AC04", Money(100, "EUR"))
    assert transaction.end_to_end_id == "e-1"


@pytest.mark.parametrize("marked", [CODE.replace("ESCT", "RRTN"), f"<RvslInd>true</RvslInd>{CODE}"])
def test_return_without_reason_is_known_by_code_or_reversal(marked: str) -> None:
    parts = entry(100, f"<NtryDtls>{detail(1, 100)}</NtryDtls>".replace("DBIT", "CRDT"), "CRDT").replace(CODE, marked)
    (transaction,) = read_statement(statement(parts), max_bytes=20_000).transactions
    assert (transaction.is_return, transaction.return_reason) == (True, None)


def test_entry_without_details_is_not_lost() -> None:
    undetailed = statement(entry(700, ""), entry(200, batch("")), closing=100)
    read = read_statement(undetailed, max_bytes=20_000)
    assert [(each.amount.minor, each.pmt_inf_id, each.end_to_end_id) for each in read.transactions] == [
        (700, None, None),
        (200, "BATCH-1", None),
    ]
    assert read.accounts[0].adds_up


def test_single_detail_has_the_amount_of_its_entry() -> None:
    single = statement(entry(700, "<NtryDtls><TxDtls><Refs><EndToEndId>e</EndToEndId></Refs></TxDtls></NtryDtls>"))
    assert read_statement(single, max_bytes=20_000).transactions[0].amount == Money(700, "EUR")


def test_incomplete_statement_does_not_add_up() -> None:
    data = statement(entry(100, ""), closing=0)
    assert read_statement(data, max_bytes=20_000).accounts[0].adds_up is False


def test_pending_entries_do_not_count_in_the_balance() -> None:
    pending = entry(100, "").replace("BOOK", "PDNG")
    assert read_statement(statement(pending, closing=1_000), max_bytes=20_000).accounts[0].adds_up


def test_each_statement_of_a_file_has_signed_balances() -> None:
    data = statement(opening=-500, closing=-500)
    second = data[data.index(b"<Stmt>") : data.index(b"</BkToCstmrStmt>")].replace(b"STMT-1", b"STMT-2").replace(b"OPBD", b"PRCD")
    read = read_statement(data.replace(b"</BkToCstmrStmt>", second + b"</BkToCstmrStmt>"), max_bytes=20_000)
    assert [account.statement_id for account in read.accounts] == ["STMT-1", "STMT-2"]
    assert {account.opening for account in read.accounts} == {Money(-500, "EUR")}


@given(st.lists(st.lists(st.integers(1, 999_999_999_99), min_size=1, max_size=8), max_size=5), st.sampled_from(["02", "08"]))
@settings(max_examples=50)
def test_no_minor_unit_is_lost(booked: list[list[int]], version: str) -> None:
    entries = [
        entry(sum(group), batch("".join(detail(i, minor, version) for i, minor in enumerate(group))), version=version) for group in booked
    ]
    data = statement(*entries, version=version, opening=0, closing=-sum(map(sum, booked)))
    read = read_statement(data, max_bytes=1_000_000)
    assert [each.amount.minor for each in read.transactions] == [minor for group in booked for minor in group]
    assert total((each.signed for each in read.transactions), "EUR") == read.accounts[0].closing


NTRY = "BkToCstmrStmt/Stmt/Ntry"


@pytest.mark.parametrize(
    ("data", "code", "field"),
    [
        (statement(entry(100, "")).replace(b">1.00<", b">1.001<"), "bad-amount", f"{NTRY}/Amt"),
        (statement(entry(100, "")).replace(b">1.00<", b">1E9999999<"), "bad-amount", f"{NTRY}/Amt"),
        (statement(entry(100, "")).replace(b">1.00<", b">-1.00<"), "bad-amount", f"{NTRY}/Amt"),
        (statement(entry(100, "")).replace(b">1.00<", b">NaN<"), "bad-amount", f"{NTRY}/Amt"),
        (statement(entry(100, "")).replace(b'Ccy="EUR">1.00', b'Ccy="XXX">1.00'), "bad-amount", f"{NTRY}/Amt"),
        (statement(entry(100, "")).replace(b'<Ntry><Amt Ccy="EUR">1.00</Amt>', b"<Ntry>"), "element-missing", f"{NTRY}/Amt"),
        (statement(entry(100, "", direction="OUT")), "bad-indicator", f"{NTRY}/CdtDbtInd"),
        (statement(entry(100, "").replace("2026-03-02", "2026-02-30")), "bad-date", f"{NTRY}/BookgDt"),
        (
            statement(entry(100, "").replace("<Sts><Cd>BOOK</Cd></Sts>", ""), kind="054"),
            "element-missing",
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/Sts/Cd",
        ),
        (statement().replace(b"<Id>STMT-1</Id>", b""), "element-missing", "BkToCstmrStmt/Stmt/Id"),
        (statement().replace(b"Stmt>", b"Other>"), "element-missing", "BkToCstmrOther/Stmt"),
    ],
)
def test_unreadable_file_is_refused_naming_the_element(data: bytes, code: str, field: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_statement(data, max_bytes=100_000)
    assert (refusal.value.code, refusal.value.field) == (code, field)
